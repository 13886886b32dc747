// @ts-check
/**
 * The log: every record sealed or enrolled on this phone, one compact JWS a line, appended after the commit and before the answer.
 * Only ever grows. A line proves itself by its seal, so a torn or damaged line is skipped and the next one read.
 */

import { writeAt } from "./file.js";

const NEWLINE = 10;
const CHUNK_BYTES = 1 << 20;

/** A compact JWS and nothing else: three base64url parts. */
const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

export class Log {
  #file;

  /** @param {FileSystemSyncAccessHandle} file */
  constructor(file) {
    this.#file = file;
  }

  /** Return the length in bytes: where the next line will begin, or one before when the last line is torn. */
  get size_bytes() {
    return this.#file.getSize();
  }

  /**
   * Append lines: durable when this returns. A torn last line is closed off first, never overwritten.
   * @param {string[]} lines
   * @throws {DOMException} `QuotaExceededError`; then part of a line may stand there, which readers skip
   */
  append(lines) {
    if (lines.length === 0) return;
    const start = this.#file.getSize();
    const text = (this.#isTorn(start) ? "\n" : "") + lines.map((line) => `${line}\n`).join("");
    writeAt(this.#file, start, new TextEncoder().encode(text));
    this.#file.flush();
  }

  /** @param {number} size */
  #isTorn(size) {
    if (size === 0) return false;
    const last = new Uint8Array(1);
    this.#file.read(last, { at: size - 1 });
    return last[0] !== NEWLINE;
  }

  /**
   * Yield the lines that look like records, from a byte offset on. Torn and foreign lines are left out.
   * @param {number} [from_bytes]
   * @returns {Generator<string, void, void>}
   */
  *lines(from_bytes = 0) {
    const decoder = new TextDecoder();
    const size = this.#file.getSize();
    let rest = "";
    for (let at = from_bytes; at < size; at += CHUNK_BYTES) {
      const bytes = new Uint8Array(Math.min(CHUNK_BYTES, size - at));
      this.#file.read(bytes, { at });
      const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = /** @type {string} */ (parts.pop());
      yield* parts.filter((line) => JWS.test(line));
    }
  }

  close() {
    this.#file.close();
  }
}
