// @ts-check
// How long to wait after a failure. Every failure gives a finite wait: nothing in this product waits for a next save.

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;

/** @typedef {{first_ms: number, longest_ms: number}} Pace */

/** @type {Pace} the way to the archive is down */
export const LINK = { first_ms: 2 * SECOND_MS, longest_ms: 10 * MINUTE_MS };
/** @type {Pace} one item fails by itself */
export const ITEM = { first_ms: 10 * SECOND_MS, longest_ms: 30 * MINUTE_MS };
/** @type {Pace} asking again whether a record is safe */
export const RECEIPT = { first_ms: 30 * SECOND_MS, longest_ms: 30 * MINUTE_MS };
/** @type {Pace} what cannot succeed unless somebody acts: a refused record, a pull without login */
export const SLOW = { first_ms: 15 * MINUTE_MS, longest_ms: 6 * HOUR_MS };

const RETRY_AFTER_LIMIT_MS = HOUR_MS;

/**
 * Wait longer after every failure, spread from half to one and a half so that phones do not come back together.
 * @param {Pace} pace
 * @param {number} failures from 1
 * @param {number} random from 0 up to 1
 */
export function delayMs(pace, failures, random) {
  const grown = pace.first_ms * 2 ** Math.min(30, Math.max(0, failures - 1));
  return Math.min(pace.longest_ms, grown) * (0.5 + random);
}

/**
 * Wait as long as the archive asked, never shorter, a little spread; an absurd wish is cut to an hour.
 * @param {number} retryAfterMs
 * @param {number} random from 0 up to 1
 */
export function obeyedMs(retryAfterMs, random) {
  const asked = Math.min(RETRY_AFTER_LIMIT_MS, Math.max(0, retryAfterMs));
  return asked + random * Math.min(asked / 4 + SECOND_MS, MINUTE_MS);
}
