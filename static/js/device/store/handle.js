// @ts-check
/** Stand-ins for a file's sync access handle: one that tells when a pool header was changed, one that keeps all changes to itself. */

import { SECTOR_BYTES } from "./slot.js";

/** @typedef {{at?: number}} Place */

/**
 * @typedef {object} Handle What sqlite-wasm uses of a FileSystemSyncAccessHandle.
 * @property {(into: Uint8Array, options?: Place) => number} read
 * @property {(from: Uint8Array, options?: Place) => number} write
 * @property {(size: number) => void} truncate
 * @property {() => void} flush
 * @property {() => number} getSize
 * @property {() => void} close
 */

/**
 * View any buffer as bytes; sqlite-wasm also passes Uint32Array.
 * @param {ArrayBufferView} view
 */
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/**
 * Passes everything on, and reports that the header was rewritten (after the flush) or that there was no room for a write, which
 * SQLite would only call an I/O error.
 * @implements {Handle}
 */
export class WatchedHandle {
  #file;
  #onHeader;
  #onFull;
  #isChanged = false;

  /**
   * @param {FileSystemSyncAccessHandle} file
   * @param {() => void} onHeader
   * @param {() => void} onFull
   */
  constructor(file, onHeader, onFull) {
    this.#file = file;
    this.#onHeader = onHeader;
    this.#onFull = onFull;
  }

  /** @param {Uint8Array} into @param {Place} [options] */
  read(into, options) {
    return this.#file.read(into, options);
  }

  /** @param {Uint8Array} from @param {Place} [options] */
  write(from, options) {
    if ((options?.at ?? 0) < SECTOR_BYTES) this.#isChanged = true;
    try {
      const written = this.#file.write(from, options);
      if (written !== from.byteLength) this.#onFull();
      return written;
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") this.#onFull();
      throw error;
    }
  }

  /** @param {number} size */
  truncate(size) {
    this.#file.truncate(size);
  }

  flush() {
    this.#file.flush();
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#onHeader();
  }

  getSize() {
    return this.#file.getSize();
  }

  close() {
    this.#file.close();
  }
}

/** Reads a file and writes to memory only: a damaged pool can be opened by SQLite without a byte of it changing. @implements {Handle} */
export class OverlayHandle {
  #file;
  #size;
  /** @type {Map<number, Uint8Array>} */
  #blocks = new Map();

  /** @param {FileSystemSyncAccessHandle} file */
  constructor(file) {
    this.#file = file;
    this.#size = file.getSize();
  }

  /** @param {number} index */
  #block(index) {
    const changed = this.#blocks.get(index);
    if (changed) return changed;
    const bytes = new Uint8Array(SECTOR_BYTES);
    this.#file.read(bytes, { at: index * SECTOR_BYTES });
    return bytes;
  }

  /** @param {Uint8Array} target @param {Place} [options] */
  read(target, options) {
    const at = options?.at ?? 0;
    const into = bytesOf(target);
    const length = Math.max(0, Math.min(into.length, this.#size - at));
    for (let done = 0; done < length; ) {
      const index = Math.floor((at + done) / SECTOR_BYTES);
      const start = (at + done) % SECTOR_BYTES;
      const part = this.#block(index).subarray(start, start + length - done);
      into.set(part, done);
      done += part.length;
    }
    return length;
  }

  /** @param {Uint8Array} source @param {Place} [options] */
  write(source, options) {
    const at = options?.at ?? 0;
    const from = bytesOf(source);
    for (let done = 0; done < from.length; ) {
      const index = Math.floor((at + done) / SECTOR_BYTES);
      const start = (at + done) % SECTOR_BYTES;
      const part = from.subarray(done, done + SECTOR_BYTES - start);
      const block = this.#block(index);
      block.set(part, start);
      this.#blocks.set(index, block);
      done += part.length;
    }
    this.#size = Math.max(this.#size, at + from.length);
    return from.length;
  }

  /** @param {number} size */
  truncate(size) {
    const last = Math.floor(size / SECTOR_BYTES);
    const kept = this.#block(last).fill(0, size % SECTOR_BYTES);
    for (const index of this.#blocks.keys()) if (index > last) this.#blocks.delete(index);
    const end = Math.ceil(Math.max(this.#size, this.#file.getSize()) / SECTOR_BYTES);
    for (let index = last + 1; index < end && size < this.#size; index += 1) this.#blocks.set(index, new Uint8Array(SECTOR_BYTES));
    this.#blocks.set(last, kept);
    this.#size = size;
  }

  flush() {}

  getSize() {
    return this.#size;
  }

  close() {
    this.#file.close();
  }
}
