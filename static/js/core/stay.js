// @ts-check
// When a visit began and ended, proposed from what was recorded. A forgotten "leave" must not make a nine-hour visit, so what is
// written long after the rest (sorting in the evening) does not lengthen it.

import { parseInstant } from "./instant.js";

const PAUSE_MS = 2 * 3_600_000;

/**
 * Return arrival and leaving: the first thing recorded, and the last one before a pause of two hours. A stationed visit lasts
 * for days: its last thing counts, whatever the pauses.
 * @param {string[]} instants of everything recorded, in any order; at least one
 * @param {{is_stationed: boolean}} visit
 * @returns {{arrived_at: string, left_at: string}}
 */
export function proposedStay(instants, visit) {
  const sorted = [...instants].sort((a, b) => msOf(a) - msOf(b));
  const first = sorted[0];
  if (first === undefined) throw new RangeError("a stay needs one instant");
  let last = first;
  for (const instant of sorted) {
    if (!visit.is_stationed && msOf(instant) - msOf(last) > PAUSE_MS) break;
    last = instant;
  }
  return { arrived_at: first, left_at: last };
}

/**
 * Return the time on site in minutes, as the two times of day are shown: seconds count in neither.
 * @param {string} arrivedAt
 * @param {string} leftAt
 */
export function stayMinutes(arrivedAt, leftAt) {
  const minuteOf = (/** @type {string} */ instant) => Math.floor(msOf(instant) / 60_000);
  return Math.max(0, minuteOf(leftAt) - minuteOf(arrivedAt));
}

/**
 * Return an instant with another local time of day (`14:05`), same day and offset.
 * @param {string} instant
 * @param {string} time
 */
export function withTime(instant, time) {
  return `${instant.slice(0, 11)}${time}:00.000${instant.slice(23)}`;
}

/**
 * Return the local time of day, `14:05`.
 * @param {string} instant
 */
export function timeOf(instant) {
  return instant.slice(11, 16);
}

/** @param {string} instant */
function msOf(instant) {
  return parseInstant(instant).ms;
}
