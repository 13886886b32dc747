// @ts-check
/**
 * The guard: a copy of every pool file's header in a file of its own, so that a damaged header can be put back before SQLite sees it.
 * The file has a fixed size and two places written in turn, each with a sequence number and a checksum: a torn write spoils one.
 * Layout: docs/phone-storage.md. Nothing here decides what to do about damage: `judge.js` does.
 */

import { isFull } from "./error.js";
import { writeAt } from "./file.js";
import { HEADER_BYTES } from "./slot.js";

const MAGIC = 0x66616770; // "fagp"
const PLACE_BYTES = 65536;
const HEAD_BYTES = 16;
const NAME_BYTES = 64;
const PROBE_AT = 2 * PLACE_BYTES;
export const GUARD_BYTES = 2 * PLACE_BYTES + 4096;
/** As much as a write-ahead log grows to before it is brought back. */
export const RESERVE_BYTES = 12 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/** @typedef {Map<string, Uint8Array>} Headers header bytes by the opaque name of the pool file */
/** @typedef {{pool: string, headers: Headers}} Kept which pool is in use, and its headers */

/**
 * Compute the CRC-32 (IEEE 802.3) of bytes; WebCrypto cannot be asked synchronously.
 * @param {Uint8Array} bytes
 */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {Kept} kept */
function encode(kept) {
  const names = [...kept.headers.keys()].sort();
  const bytes = new Uint8Array(NAME_BYTES + 4 + names.length * (NAME_BYTES + HEADER_BYTES));
  const encoder = new TextEncoder();
  encoder.encodeInto(kept.pool, bytes.subarray(0, NAME_BYTES));
  new DataView(bytes.buffer).setUint32(NAME_BYTES, names.length);
  names.forEach((name, index) => {
    const at = NAME_BYTES + 4 + index * (NAME_BYTES + HEADER_BYTES);
    encoder.encodeInto(name, bytes.subarray(at, at + NAME_BYTES));
    bytes.set(/** @type {Uint8Array} */ (kept.headers.get(name)).subarray(0, HEADER_BYTES), at + NAME_BYTES);
  });
  return bytes;
}

/** @param {Uint8Array} bytes */
function name(bytes) {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
}

/**
 * @param {Uint8Array} bytes
 * @returns {Kept}
 */
function decode(bytes) {
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(NAME_BYTES);
  /** @type {Headers} */
  const headers = new Map();
  for (let index = 0; index < count; index += 1) {
    const at = NAME_BYTES + 4 + index * (NAME_BYTES + HEADER_BYTES);
    headers.set(name(bytes.subarray(at, at + NAME_BYTES)), bytes.slice(at + NAME_BYTES, at + NAME_BYTES + HEADER_BYTES));
  }
  return { pool: name(bytes.subarray(0, NAME_BYTES)), headers };
}

export class Guard {
  #file;
  #sequence = 0;

  /** @param {FileSystemSyncAccessHandle} file */
  constructor(file) {
    this.#file = file;
    if (file.getSize() < GUARD_BYTES) {
      writeAt(file, file.getSize(), new Uint8Array(GUARD_BYTES - file.getSize()));
      file.flush();
    }
  }

  /**
   * Read the newest place that is whole.
   * @returns {Kept | null} null at first run, or when both places are spoilt
   */
  load() {
    const whole = [0, 1].map((place) => this.#read(place)).filter((found) => found !== null);
    whole.sort((a, b) => b.sequence - a.sequence);
    this.#sequence = whole[0]?.sequence ?? 0;
    return whole[0] ? decode(whole[0].payload) : null;
  }

  /** @param {number} place */
  #read(place) {
    const bytes = new Uint8Array(PLACE_BYTES);
    this.#file.read(bytes, { at: place * PLACE_BYTES });
    const view = new DataView(bytes.buffer);
    const length = view.getUint32(8);
    if (view.getUint32(0) !== MAGIC || length > PLACE_BYTES - HEAD_BYTES) return null;
    const payload = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
    return crc32(payload) === view.getUint32(12) ? { sequence: view.getUint32(4), payload } : null;
  }

  /**
   * Keep these headers: durable when this returns.
   * @param {Kept} kept
   */
  save(kept) {
    const payload = encode(kept);
    const bytes = new Uint8Array(HEAD_BYTES + payload.length);
    const view = new DataView(bytes.buffer);
    this.#sequence += 1;
    view.setUint32(0, MAGIC);
    view.setUint32(4, this.#sequence);
    view.setUint32(8, payload.length);
    view.setUint32(12, crc32(payload));
    bytes.set(payload, HEAD_BYTES);
    writeAt(this.#file, (this.#sequence % 2) * PLACE_BYTES, bytes);
    this.#file.flush();
  }

  /** Keep room at the end of the file that can be given up when there is none left; as much as there is, or none. */
  keepReserve() {
    try {
      for (let at = this.#file.getSize(); at < GUARD_BYTES + RESERVE_BYTES; at += PIECE_BYTES) {
        writeAt(this.#file, at, new Uint8Array(Math.min(PIECE_BYTES, GUARD_BYTES + RESERVE_BYTES - at)));
      }
    } catch (error) {
      if (!isFull(error)) throw error;
      this.giveReserve();
    }
    this.#file.flush();
  }

  /** Give the reserve up: without any room SQLite could not even delete. */
  giveReserve() {
    this.#file.truncate(GUARD_BYTES);
  }

  /**
   * Write bytes to the place kept for the self-test: durable when this returns.
   * @param {Uint8Array<ArrayBuffer>} bytes at most 4,096
   */
  writeProbe(bytes) {
    writeAt(this.#file, PROBE_AT, bytes);
    this.#file.flush();
  }

  /** @param {number} size_bytes */
  readProbe(size_bytes) {
    const bytes = new Uint8Array(size_bytes);
    this.#file.read(bytes, { at: PROBE_AT });
    return bytes;
  }

  close() {
    this.#file.close();
  }
}
