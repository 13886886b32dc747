// @ts-check
// GCJ-02: WGS-84 as maps in China must shift it. For showing beside such a map only: nothing shifted is ever stored or compared. The
// shift is that of the published reconstruction, good to about a metre. Pure.

const AXIS_M = 6378245;
const ECCENTRICITY_2 = 0.006693421622965943;
/** Outside of this box nothing is shifted, degrees. */
const BOX = { south: 0.8293, north: 55.8271, west: 72.004, east: 137.8347 };

/** @typedef {{lat_e7: number, lon_e7: number}} Point */

/**
 * Shift a place.
 * @param {Point} point WGS-84
 * @returns {Point}
 */
export function toGcj02({ lat_e7, lon_e7 }) {
  const [lat, lon] = [lat_e7 / 1e7, lon_e7 / 1e7];
  if (lat < BOX.south || lat > BOX.north || lon < BOX.west || lon > BOX.east) return { lat_e7, lon_e7 };
  const [x, y] = [lon - 105, lat - 35];
  const radians = (lat * Math.PI) / 180;
  const magic = 1 - ECCENTRICITY_2 * Math.sin(radians) ** 2;
  const root = Math.sqrt(magic);
  const north = (northwards(x, y) * 180) / (((AXIS_M * (1 - ECCENTRICITY_2)) / (magic * root)) * Math.PI);
  const east = (eastwards(x, y) * 180) / ((AXIS_M / root) * Math.cos(radians) * Math.PI);
  return { lat_e7: Math.round((lat + north) * 1e7), lon_e7: Math.round((lon + east) * 1e7) };
}

/** @param {number} x @param {number} y metres */
function northwards(x, y) {
  return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves(x)
    + ((20 * wave(y, 1) + 40 * wave(y, 3)) * 2) / 3 + ((160 * wave(y, 12) + 320 * wave(y, 30)) * 2) / 3;
}

/** @param {number} x @param {number} y metres */
function eastwards(x, y) {
  return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves(x)
    + ((20 * wave(x, 1) + 40 * wave(x, 3)) * 2) / 3 + ((150 * wave(x, 12) + 300 * wave(x, 30)) * 2) / 3;
}

/** @param {number} x */
function waves(x) {
  return ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
}

/** @param {number} value @param {number} length */
function wave(value, length) {
  return Math.sin((value / length) * Math.PI);
}
