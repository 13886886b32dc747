// @ts-check
// A PIN that keeps a borrower out: how it may look, and how long wrong ones wait. Pure.

import { MINUTE_MS, SECOND_MS } from "./retry.js";

const DIGITS = /^[0-9]{4,12}$/;
/** Nobody touched the phone for so long: the app is locked. */
export const IDLE_LIMIT_MS = 5 * MINUTE_MS;
/** After so many wrong ones in a row, from the fewest on; the last holds for all that follow. */
const WAITS_MS = [0, 0, 0, 30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS];

/** @param {string} pin */
export function isPin(pin) {
  return DIGITS.test(pin);
}

/**
 * Tell how long nobody may try. A clock that was set back never makes it longer than the whole wait.
 * @param {{failures: number, failed_at_ms: number}} lock
 * @param {number} now ms since 1970
 */
export function restMs({ failures, failed_at_ms }, now) {
  const wait_ms = WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 0;
  return Math.min(wait_ms, Math.max(0, failed_at_ms + wait_ms - now));
}
