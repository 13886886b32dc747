// @ts-check
// The container of a package: a ZIP of stored members, the plainest sort (PROTOCOL 11). Written piece by piece; read strictly.

import { Refusal } from "./refusal.js";

/** @import { Bytes } from "./port.js" */

const VERSION = 20;
const DATE = 0x21;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @typedef {{name: string, offset: number, size_bytes: number, crc: number}} Entry `offset` of its local header */

/**
 * Compute the CRC-32 of ZIP.
 * @param {Uint8Array} bytes
 */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) {
    crc = /** @type {number} */ (TABLE[(crc ^ /** @type {number} */ (bytes[at])) & 0xff]) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Headers of members, one by one, and the directory at the end; whoever writes puts the bytes between. */
export class ContainerWriter {
  /** @type {Entry[]} */
  entries = [];
  position = 0;

  /**
   * Return the header that stands before a member's bytes.
   * @param {string} name
   * @param {Uint8Array} bytes
   */
  header(name, bytes) {
    const entry = { name, offset: this.position, size_bytes: bytes.length, crc: crc32(bytes) };
    this.entries.push(entry);
    const header = localHeader(entry);
    this.position += header.length + bytes.length;
    return header;
  }

  /** Return the directory and the end. @returns {Bytes[]} */
  close() {
    const directory = this.entries.map(centralHeader);
    const length = directory.reduce((sum, one) => sum + one.length, 0);
    const count = this.entries.length;
    return [...directory, packed([[END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [length, 4], [this.position, 4], [0, 2]])];
  }
}

/**
 * Read a small container whole: the members by name. Raises a Refusal for anything that is not exactly this sort.
 * @param {Bytes} bytes
 * @returns {Map<string, Bytes>}
 */
export function readContainer(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 4 || view.getUint32(0, true) !== LOCAL) throw new Refusal("not-a-package", "no ZIP");
  const end = bytes.length - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END || view.getUint16(end + 20, true) !== 0) throw new Refusal("truncated", "no end");
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (start + view.getUint32(end + 12, true) !== end) throw new Refusal("sizes-disagree", "where the directory stands");
  const found = new Map();
  let at = start;
  let position = 0;
  for (let number = 0; number < count; number += 1) {
    const entry = entryAt(bytes, view, at, end);
    at += centralHeader(entry).length;
    const header = localHeader(entry);
    const from = position + header.length;
    if (entry.offset !== position || !isSame(bytes.subarray(position, from), header)) throw new Refusal("headers-disagree", entry.name);
    position = from + entry.size_bytes;
    const data = bytes.subarray(from, position);
    if (position > start || crc32(data) !== entry.crc) throw new Refusal("hash-differs", entry.name);
    if (found.has(entry.name)) throw new Refusal("duplicate-member", entry.name);
    found.set(entry.name, data);
  }
  if (at !== end || position !== start) throw new Refusal("sizes-disagree", "bytes that belong to no member");
  return found;
}

/**
 * @param {Bytes} bytes
 * @param {DataView} view
 * @param {number} at
 * @param {number} end
 * @returns {Entry}
 */
function entryAt(bytes, view, at, end) {
  if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) throw new Refusal("sizes-disagree", "the directory");
  const behind = at + 46 + view.getUint16(at + 28, true);
  const name = new TextDecoder().decode(bytes.subarray(at + 46, behind));
  const entry = { name, offset: view.getUint32(at + 42, true), size_bytes: view.getUint32(at + 24, true), crc: view.getUint32(at + 16, true) };
  if (!isSame(bytes.subarray(at, behind), centralHeader(entry))) throw new Refusal("unknown-feature", name);
  return entry;
}

/** @param {Entry} entry */
function localHeader({ name, size_bytes, crc }) {
  const raw = new TextEncoder().encode(name);
  return packed([[LOCAL, 4], [VERSION, 2], [0, 2], [0, 2], [0, 2], [DATE, 2], [crc, 4], [size_bytes, 4], [size_bytes, 4], [raw.length, 2], [0, 2]], raw);
}

/** @param {Entry} entry */
function centralHeader({ name, offset, size_bytes, crc }) {
  const raw = new TextEncoder().encode(name);
  return packed(
    [[CENTRAL, 4], [VERSION, 2], [VERSION, 2], [0, 2], [0, 2], [0, 2], [DATE, 2], [crc, 4], [size_bytes, 4], [size_bytes, 4], [raw.length, 2],
      [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]],
    raw,
  );
}

/**
 * @param {[number, number][]} fields value and width in bytes, little-endian
 * @param {Uint8Array} [tail]
 * @returns {Bytes}
 */
function packed(fields, tail = new Uint8Array()) {
  const length = fields.reduce((sum, [, width]) => sum + width, 0);
  const bytes = new Uint8Array(length + tail.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, width] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  bytes.set(tail, length);
  return bytes;
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function isSame(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
