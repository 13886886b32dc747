// @ts-check
// How long something has been waiting to be sent, and how loudly that is said. Pure.

const DAY_MS = 86_400_000;
/** From so many days on, in order. @type {[number, Alarm][]} */
const STEPS = [[30, "danger"], [7, "package"], [3, "soon"], [1, "day"]];

/** @typedef {"day" | "soon" | "package" | "danger"} Alarm `package`: the way out without a network is offered with it */

/**
 * Tell how long the oldest has waited. A phone's clock that was set back makes it nothing, never less.
 * @param {string | null} since when it was recorded
 * @param {number} now ms since 1970
 * @returns {{days: number, alarm: Alarm | null}} whole days
 */
export function waiting(since, now) {
  if (since === null) return { days: 0, alarm: null };
  const days = Math.max(0, Math.floor((now - Date.parse(since)) / DAY_MS));
  return { days, alarm: STEPS.find(([from]) => days >= from)?.[1] ?? null };
}
