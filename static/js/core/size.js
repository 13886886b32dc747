// @ts-check
// How much to send at once: shrinks where a body was cut or found too large, and grows again with care. A size that was refused as too
// large is not tried again for an hour; after a cut it takes several successes before more is dared.

import { HOUR_MS } from "./retry.js";

const CAREFUL_WINS = 8;

/**
 * @typedef {object} Size plain data
 * @property {number} bytes what is sent at once now
 * @property {number} least_bytes
 * @property {number} most_bytes
 * @property {number} wins successes since it last changed
 * @property {number} wins_needed before it grows
 * @property {number | null} refused_bytes
 * @property {number} refused_until
 */

/**
 * Begin with a size.
 * @param {number} bytes
 * @param {number} least_bytes
 * @param {number} most_bytes
 * @returns {Size}
 */
export function sized(bytes, least_bytes, most_bytes) {
  return { bytes, least_bytes, most_bytes, wins: 0, wins_needed: 1, refused_bytes: null, refused_until: 0 };
}

/**
 * Take a success.
 * @param {Size} size changed
 * @param {number} now
 */
export function grow(size, now) {
  size.wins += 1;
  if (size.wins < size.wins_needed) return;
  size.wins = 0;
  const ceiling = size.refused_bytes !== null && now < size.refused_until ? Math.floor(size.refused_bytes / 2) : Infinity;
  size.bytes = Math.max(size.bytes, Math.min(size.most_bytes, ceiling, size.bytes * 2));
}

/**
 * Take a failure of a body that was cut, or refused as too large.
 * @param {Size} size changed
 * @param {number} sent_bytes how large the body was
 * @param {boolean} isRefused
 * @param {number} now
 */
export function shrink(size, sent_bytes, isRefused, now) {
  const from = isRefused ? Math.min(size.bytes, sent_bytes) : size.bytes;
  size.bytes = Math.max(size.least_bytes, Math.floor(from / 2));
  size.wins = 0;
  size.wins_needed = CAREFUL_WINS;
  if (!isRefused) return;
  size.refused_bytes = sent_bytes;
  size.refused_until = now + HOUR_MS;
}
