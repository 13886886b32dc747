// @ts-check
// Distance on the ground (WGS-84), so that a phone without network says the same as the archive's geopy.
// Vincenty's inverse formula (Survey Review 23, 1975): half a millimetre where it converges. Between nearly opposite
// points of the Earth it does not, and says so.

const A_M = 6_378_137;
const F = 1 / 298.257_223_563;
const B_M = A_M * (1 - F);
const E7 = 1e7;
const STEP_LIMIT = 200;

/** @typedef {{lat_e7: number, lon_e7: number}} Point degrees × 10⁷, WGS-84 */

/**
 * Measure the geodesic between two points, in metres. Raises RangeError for nearly opposite points of the Earth and for
 * what is no point.
 * @param {Point} from
 * @param {Point} to
 */
export function distanceM(from, to) {
  const [phi1, phi2] = [radians(from.lat_e7, 90), radians(to.lat_e7, 90)];
  const difference = (radians(to.lon_e7, 180) - radians(from.lon_e7, 180)) % (2 * Math.PI);
  const length = Math.abs(difference) > Math.PI ? 2 * Math.PI - Math.abs(difference) : Math.abs(difference);
  const [u1, u2] = [Math.atan((1 - F) * Math.tan(phi1)), Math.atan((1 - F) * Math.tan(phi2))];
  let lambda = length;
  for (let step = 0; step < STEP_LIMIT; step += 1) {
    const arc = arcOf(u1, u2, lambda);
    if (arc.sin_sigma === 0) return 0;
    const next = length + correction(arc);
    if (Math.abs(next - lambda) < 1e-12) return metres(arc);
    if (next > Math.PI) break;
    lambda = next;
  }
  throw new RangeError("nearly opposite points of the Earth");
}

/** @typedef {{sigma: number, sin_sigma: number, cos_sigma: number, sin_alpha: number, cos2_alpha: number, cos_2m: number}} Arc */

/**
 * @param {number} u1 reduced latitude
 * @param {number} u2
 * @param {number} lambda difference of longitude on the sphere
 * @returns {Arc}
 */
function arcOf(u1, u2, lambda) {
  const x = Math.cos(u2) * Math.sin(lambda);
  const y = Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda);
  const sin_sigma = Math.hypot(x, y);
  const cos_sigma = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda);
  const sigma = Math.atan2(sin_sigma, cos_sigma);
  const sin_alpha = sin_sigma === 0 ? 0 : (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sin_sigma;
  const cos2_alpha = 1 - sin_alpha ** 2;
  const cos_2m = cos2_alpha < 1e-15 ? 0 : cos_sigma - (2 * Math.sin(u1) * Math.sin(u2)) / cos2_alpha;
  return { sigma, sin_sigma, cos_sigma, sin_alpha, cos2_alpha, cos_2m };
}

/** @param {Arc} arc */
function correction({ sigma, sin_sigma, cos_sigma, sin_alpha, cos2_alpha, cos_2m }) {
  const c = (F / 16) * cos2_alpha * (4 + F * (4 - 3 * cos2_alpha));
  const inner = cos_2m + c * cos_sigma * (-1 + 2 * cos_2m ** 2);
  return (1 - c) * F * sin_alpha * (sigma + c * sin_sigma * inner);
}

/** @param {Arc} arc */
function metres({ sigma, sin_sigma, cos_sigma, cos2_alpha, cos_2m }) {
  const u2 = (cos2_alpha * (A_M ** 2 - B_M ** 2)) / B_M ** 2;
  const a = 1 + (u2 / 16_384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
  const b = (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
  const last = (b / 6) * cos_2m * (-3 + 4 * sin_sigma ** 2) * (-3 + 4 * cos_2m ** 2);
  const inner = cos_2m + (b / 4) * (cos_sigma * (-1 + 2 * cos_2m ** 2) - last);
  return B_M * a * (sigma - b * sin_sigma * inner);
}

/**
 * @param {number} degreesE7
 * @param {number} limit in degrees
 */
function radians(degreesE7, limit) {
  const degrees = degreesE7 / E7;
  if (!(Math.abs(degrees) <= limit)) throw new RangeError(`${degrees} is no coordinate`);
  return (degrees * Math.PI) / 180;
}
