// @ts-check
// What a file is that was brought in as a photo and is none: people are told what they picked. Reads bytes; decodes nothing.

/** @typedef {"empty" | "web" | "document" | "video" | "picture" | "other"} Stranger `picture`: of a form the archive does not take */

/** First bytes, as Latin-1 text. @type {[RegExp, Stranger][]} */
const SIGNS = [
  [/^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body|script|!--)/i, "web"],
  [/^(?:%PDF-|PK\x03\x04|\xd0\xcf\x11\xe0|\{\\rtf)/, "document"],
  [/^....ftypavi[fs]/s, "picture"],
  [/^(?:....ftyp|\x1aE\xdf\xa3|RIFF....AVI )/s, "video"],
  [/^(?:GIF8|BM|II\*\0|MM\0\*|\s*<svg|\s*<\?xml)/, "picture"],
];
const LOOKED_AT = 512;

/**
 * Tell what bytes are that are no photo.
 * @param {Uint8Array} bytes
 * @returns {Stranger}
 */
export function strangerOf(bytes) {
  if (bytes.length === 0) return "empty";
  const start = String.fromCharCode(...bytes.subarray(0, LOOKED_AT));
  return SIGNS.find(([sign]) => sign.test(start))?.[1] ?? "other";
}
