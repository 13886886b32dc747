// @ts-check
/**
 * The log: every record sealed or enrolled on this phone, one compact JWS a line, appended after the commit and before the answer.
 * A line proves itself by its seal, so a torn or damaged line is skipped and the next one read. Lines leave only by `keepOnly`, while every
 * line that stays is in the file whole at every moment.
 */

import { readAt, writeAt } from "./file.js";

const NEWLINE = 10;
const CHUNK_BYTES = 1 << 20;

/** What stays of lines that left: how far a key had counted, so that it never counts anew. Apps that do not know it skip it. */
const COUNTER = /^counter ([A-Za-z0-9_-]{43}) ([0-9]{1,15})$/;
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
    for (const text of this.#texts(from_bytes)) if (JWS.test(text)) yield text;
  }

  /** Return the greatest counters noted when lines left, by key. */
  counters() {
    /** @type {Map<string, number>} */
    const counters = new Map();
    for (const text of this.#texts(0)) {
      const found = COUNTER.exec(text);
      if (found) counters.set(String(found[1]), Math.max(counters.get(String(found[1])) ?? 0, Number(found[2])));
    }
    return counters;
  }

  /**
   * @param {number} from_bytes
   * @returns {Generator<string, void, void>}
   */
  *#texts(from_bytes) {
    const decoder = new TextDecoder();
    const size = this.#file.getSize();
    let rest = "";
    for (let at = from_bytes; at < size; at += CHUNK_BYTES) {
      const bytes = new Uint8Array(Math.min(CHUNK_BYTES, size - at));
      this.#file.read(bytes, { at });
      const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = /** @type {string} */ (parts.pop());
      yield* parts;
    }
    yield rest;
  }

  /**
   * Let go of the lines nobody needs. How far their keys had counted is noted in front, for a rebuild. Those that stay are copied behind the end, flushed, copied to the front, flushed, and only then is
   * the rest cut off: a kill leaves some of them twice, never one not at all. No name comes or goes.
   * @param {(line: string) => boolean} isKept
   * @param {Map<string, number>} [counters] by key
   * @throws {DOMException} `QuotaExceededError`; then the log is as it was
   */
  keepOnly(isKept, counters = new Map()) {
    const all = this.counters();
    for (const [kid, counter] of counters) all.set(kid, Math.max(all.get(kid) ?? 0, counter));
    const notes = [...all].map(([kid, counter]) => `counter ${kid} ${counter}\n`).join("");
    const end = this.#file.getSize();
    const start = this.#isTorn(end) ? end + 1 : end;
    const length = this.#copyBehind(end, start, notes, isKept);
    for (let at = 0; at < length; at += CHUNK_BYTES) {
      writeAt(this.#file, at, readAt(this.#file, start + at, Math.min(CHUNK_BYTES, length - at)));
    }
    this.#file.flush();
    this.#file.truncate(length);
    this.#file.flush();
  }

  /**
   * @param {number} end of the log now
   * @param {number} start of the copy
   * @param {string} notes to stand in front
   * @param {(line: string) => boolean} isKept
   * @returns {number} length of the copy in bytes; durable
   */
  #copyBehind(end, start, notes, isKept) {
    const encoder = new TextEncoder();
    let length = 0;
    const put = (/** @type {string} */ text) => {
      writeAt(this.#file, start + length, encoder.encode(text));
      length += text.length;
    };
    try {
      if (start > end) writeAt(this.#file, end, Uint8Array.of(NEWLINE));
      let batch = notes;
      for (const line of this.lines()) {
        if (isKept(line)) batch += `${line}\n`;
        if (batch.length < CHUNK_BYTES) continue;
        put(batch);
        batch = "";
      }
      put(batch);
    } catch (error) {
      this.#file.truncate(end);
      throw error;
    }
    this.#file.flush();
    return length;
  }

  close() {
    this.#file.close();
  }
}
