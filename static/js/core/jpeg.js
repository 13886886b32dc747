// @ts-check
// What the header of a picture says, and whether a JPEG is whole. Reads bytes; decodes nothing.

/** @typedef {{width: number, height: number, orientation: number, is_whole: boolean}} Jpeg size as stored, before turning */

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
const ORIENTATION_TAG = 0x0112;
const SHORT_TYPE = 3;

/**
 * Tell the media type from the first bytes; null when it is no picture we know.
 * @param {Uint8Array} bytes at least the first 16
 * @returns {"image/jpeg" | "image/png" | "image/webp" | "image/heic" | "image/avif" | null}
 */
export function mediaTypeOf(bytes) {
  if (startsWith(bytes, 0, [0xff, SOI, 0xff])) return "image/jpeg";
  if (startsWith(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  const [first, middle] = [ascii(bytes, 0, 4), ascii(bytes, 8, 4)];
  if (first === "RIFF" && middle === "WEBP") return "image/webp";
  if (ascii(bytes, 4, 4) !== "ftyp") return null;
  if (["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"].includes(middle)) return "image/heic";
  return middle === "avif" || middle === "avis" ? "image/avif" : null;
}

/**
 * Read the header of a JPEG and follow its segments to the end. Null when it is no JPEG or has no frame header.
 * @param {Uint8Array} bytes
 * @returns {Jpeg | null}
 */
export function readJpeg(bytes) {
  if (!startsWith(bytes, 0, [0xff, SOI])) return null;
  const found = { width: 0, height: 0, orientation: 1, is_whole: false };
  for (let at = 2; ; ) {
    const mark = markerAt(bytes, at);
    if (mark === null) break;
    if (mark.code === EOI) {
      found.is_whole = true;
      break;
    }
    const end = mark.end + 2 <= bytes.length ? mark.end + word(bytes, mark.end) : mark.end;
    if (end < mark.end + 2 || end > bytes.length) break;
    readSegment(bytes.subarray(mark.end + 2, end), mark.code, found);
    at = mark.code === SOS ? endOfScan(bytes, end) : end;
  }
  return found.width > 0 && found.height > 0 ? found : null;
}

/**
 * Give the size as people see it, after turning.
 * @param {Jpeg} jpeg
 */
export function turnedSize({ width, height, orientation }) {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/**
 * Scale a size so that the longer side is at most so long; never larger than it was.
 * @param {{width: number, height: number}} size
 * @param {number} longest in pixels
 */
export function fitInto({ width, height }, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Find a marker; fill bytes before it are allowed (ITU T.81 B.1.1.2).
 * @param {Uint8Array} bytes
 * @param {number} from
 * @returns {{code: number, end: number} | null}
 */
function markerAt(bytes, from) {
  if (bytes[from] !== 0xff) return null;
  let at = from;
  while (bytes[at] === 0xff) at += 1;
  const code = bytes[at];
  return code === undefined || code === 0 ? null : { code, end: at + 1 };
}

/**
 * @param {Uint8Array} body of the segment, after its length
 * @param {number} code
 * @param {Jpeg} found
 */
function readSegment(body, code, found) {
  const is_frame = code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
  if (is_frame && body.length >= 5) {
    found.height = word(body, 1);
    found.width = word(body, 3);
  }
  if (code === APP1 && startsWith(body, 0, EXIF)) found.orientation = orientationOf(body.subarray(EXIF.length));
}

/**
 * Skip the coded data behind a scan header: to the next marker that is neither stuffing nor a restart.
 * @param {Uint8Array} bytes
 * @param {number} from
 */
function endOfScan(bytes, from) {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0 && at + 1 < bytes.length) {
    const code = bytes[at + 1] ?? 0;
    if (code !== 0 && code !== 0xff && (code < 0xd0 || code > 0xd7)) return at;
    at = bytes.indexOf(0xff, code === 0xff ? at + 1 : at + 2);
  }
  return bytes.length;
}

/** @param {Uint8Array} tiff */
function orientationOf(tiff) {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, little);
  for (let at = directory + 2; at < directory + 2 + count * 12 && at + 12 <= tiff.length; at += 12) {
    if (view.getUint16(at, little) !== ORIENTATION_TAG || view.getUint16(at + 2, little) !== SHORT_TYPE) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function word(bytes, at) {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length
 */
function ascii(bytes, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number[]} expected
 */
function startsWith(bytes, at, expected) {
  return expected.every((byte, index) => bytes[at + index] === byte);
}
