"""GCJ-02 and BD-09: places as maps in China must shift them, brought back to WGS-84. Twin of `static/js/core/gcj02.js`; pure.

Nothing shifted is ever stored; which system a column of figures is in only a person can say. The shift is that of the published
reconstruction, good to about a metre.
"""

import math

AXIS_M = 6378245.0
ECCENTRICITY_2 = 0.006693421622965943
# Outside of this box nothing is shifted, degrees: south, north, west, east.
BOX = (0.8293, 55.8271, 72.004, 137.8347)
SYSTEMS = ("wgs84", "gcj02", "bd09")
BAIDU = math.pi * 3000 / 180
# The shift changes by less than a tenth of a millimetre after so many steps.
STEPS = 6


def to_wgs84(system: str, lat_e7: int, lon_e7: int) -> tuple[int, int]:
    """Return (latitude, longitude) × 10⁷ in WGS-84 of a place given in one of `SYSTEMS`."""
    lat, lon = lat_e7 / 1e7, lon_e7 / 1e7
    if system == "bd09":
        lat, lon = _from_bd09(lat, lon)
    if system != "wgs84":
        lat, lon = _unshifted(lat, lon)
    return round(lat * 1e7), round(lon * 1e7)


def to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Return a WGS-84 place, degrees, as maps in China show it."""
    south, north, west, east = BOX
    if not (south <= lat <= north and west <= lon <= east):
        return lat, lon
    x, y = lon - 105, lat - 35
    radians = math.radians(lat)
    magic = 1 - ECCENTRICITY_2 * math.sin(radians) ** 2
    root = math.sqrt(magic)
    up = _northwards(x, y) * 180 / (AXIS_M * (1 - ECCENTRICITY_2) / (magic * root) * math.pi)
    right = _eastwards(x, y) * 180 / (AXIS_M / root * math.cos(radians) * math.pi)
    return lat + up, lon + right


def _unshifted(lat: float, lon: float) -> tuple[float, float]:
    """Return the place whose shifted one is given, step by step nearer."""
    found = (lat, lon)
    for _ in range(STEPS):
        shifted = to_gcj02(*found)
        found = (found[0] + lat - shifted[0], found[1] + lon - shifted[1])
    return found


def _from_bd09(lat: float, lon: float) -> tuple[float, float]:
    x, y = lon - 0.0065, lat - 0.006
    reach = math.hypot(x, y) - 0.00002 * math.sin(y * BAIDU)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * BAIDU)
    return reach * math.sin(angle), reach * math.cos(angle)


def _northwards(x: float, y: float) -> float:
    bend = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    short, long = 20 * _wave(y, 1) + 40 * _wave(y, 3), 160 * _wave(y, 12) + 320 * _wave(y, 30)
    return bend + _waves(x) + (short + long) * 2 / 3


def _eastwards(x: float, y: float) -> float:
    bend = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    short, long = 20 * _wave(x, 1) + 40 * _wave(x, 3), 150 * _wave(x, 12) + 300 * _wave(x, 30)
    return bend + _waves(x) + (short + long) * 2 / 3


def _waves(x: float) -> float:
    return (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3


def _wave(value: float, length: float) -> float:
    return math.sin(value / length * math.pi)
