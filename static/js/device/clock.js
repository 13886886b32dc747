// @ts-check
// The phone's clocks. The only module that reads them for records and synchronising.

import { formatInstant } from "../core/instant.js";

/**
 * @typedef {object} ClockPort
 * @property {() => number} wallMs since 1970 UTC, as this phone believes
 * @property {() => number} monotonicMs runs only forward; its zero means nothing
 * @property {() => string} now the instant with this phone's offset
 */

/** @returns {number} */
export function wallMs() {
  return Date.now();
}

/** @returns {number} */
export function monotonicMs() {
  return performance.now();
}

/**
 * Write the present instant with this phone's offset.
 * @returns {string}
 */
export function now() {
  const date = new Date();
  return formatInstant(date.getTime(), -date.getTimezoneOffset());
}
