// @ts-check
/**
 * Decides, before SQLite opens a pool, what its headers say: all well, put these back, or something is lost. Pure.
 * The rule behind every line: a database that should exist is never given up in silence, and nothing is written over content.
 */

import { SECTOR_BYTES, contentOf, ownerOf, readHeader } from "./slot.js";

/**
 * @typedef {object} Slot One pool file as found.
 * @property {string} name its opaque name
 * @property {Uint8Array} header 524 bytes
 * @property {number} size_bytes of the whole file
 * @property {Uint8Array} content the first 16 bytes after the sector
 */

/**
 * @typedef {object} Verdict
 * @property {Map<string, Uint8Array>} restore headers to write back, by opaque name
 * @property {string[]} lost paths (or opaque names, where the path is not known) that cannot be put back
 */

/**
 * Judge a pool.
 * @param {Slot[]} slots
 * @param {Map<string, Uint8Array> | null} guard headers kept of this very pool
 * @param {Iterable<string>} expected persons whose databases should exist, from the log; only consulted without a guard
 * @returns {Verdict}
 */
export function judge(slots, guard, expected) {
  const named = new Set(slots.map((slot) => readHeader(slot.header).path).filter((path) => path !== ""));
  /** @type {Verdict} */
  const verdict = { restore: new Map(), lost: [] };
  for (const slot of slots) judgeSlot(slot, guard?.get(slot.name), named, verdict);
  for (const path of missing(slots, guard, expected)) {
    const isBack = [...verdict.restore.values()].some((header) => readHeader(header).path === path);
    if (!named.has(path) && !isBack && !verdict.lost.includes(path)) verdict.lost.push(path);
  }
  return verdict;
}

/**
 * @param {Slot} slot
 * @param {Uint8Array | undefined} kept
 * @param {Set<string>} named paths that some slot carries now
 * @param {Verdict} verdict
 */
function judgeSlot(slot, kept, named, verdict) {
  const found = readHeader(slot.header);
  if (found.state === "named") return;
  const before = kept ? readHeader(kept) : null;
  if (kept && before?.state === "named" && !named.has(before.path)) {
    if (found.state === "damaged" || slot.size_bytes > SECTOR_BYTES || ownerOf(before.path)) verdict.restore.set(slot.name, kept);
    return;
  }
  const isEmpty = slot.size_bytes <= SECTOR_BYTES;
  if (found.state === "damaged" && (isEmpty || before)) verdict.restore.set(slot.name, new Uint8Array(slot.header.length));
  else if (found.state === "damaged" || (!before && !isEmpty && contentOf(slot.content) !== "other")) verdict.lost.push(slot.name);
}

/**
 * @param {Slot[]} slots
 * @param {Map<string, Uint8Array> | null} guard
 * @param {Iterable<string>} expected
 * @returns {string[]}
 */
function missing(slots, guard, expected) {
  if (!guard) return [...expected].map((person) => `/${person}.db`);
  const present = new Set(slots.map((slot) => slot.name));
  return [...guard]
    .filter(([name]) => !present.has(name))
    .map(([, header]) => readHeader(header).path)
    .filter((path) => path !== "");
}
