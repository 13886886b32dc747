// @ts-check
// Days as text, `YYYY-MM-DD`. No clock and no time zone: an instant already carries the local day it was written on.

const FORM = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/**
 * Return the number of days since 1970-01-01.
 * @param {string} day
 */
export function dayNumber(day) {
  const match = FORM.exec(day);
  if (match === null) throw new RangeError(`not a day: ${day}`);
  return Math.round(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / DAY_MS);
}

/**
 * Return the day a number of days later (earlier when negative).
 * @param {string} day
 * @param {number} days
 */
export function addDays(day, days) {
  return new Date((dayNumber(day) + days) * DAY_MS).toISOString().slice(0, 10);
}

/**
 * Count the days from one day to another; negative when `to` comes first.
 * @param {string} from
 * @param {string} to
 */
export function daysBetween(from, to) {
  return dayNumber(to) - dayNumber(from);
}

/**
 * Return the local day of an instant.
 * @param {string} instant
 */
export function dayOf(instant) {
  return instant.slice(0, 10);
}

/**
 * Return the month of a day, `YYYY-MM`.
 * @param {string} day
 */
export function monthOf(day) {
  return day.slice(0, 7);
}
