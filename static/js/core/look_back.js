// @ts-check
// Whether an achievement is to be looked back on, and what it then came to. Twin of fieldapp/look_back.py, held together by
// tests/vectors/look_back.json. Days are `YYYY-MM-DD`.

export const LOOK_BACK_OUTCOMES = ["holds", "partly_holds", "not_held", "too_early"];
/** Groundwork shows after half a year to three years: proposed as so many months. */
export const LOOK_BACK_MONTHS = [6, 12, 36];

/** @typedef {{entity: string, looked_on: string, captured_at: string, outcome: string, again_on: string | null}} Look */
/** @typedef {{state: "none" | "waiting" | "due" | "holds" | "partly_holds" | "not_held", on: string | null}} Prospect `on`: the day to look back */

/**
 * Return how an achievement stands after all looks back on it, by the day they were made.
 * @param {string | null} look_back_on
 * @param {Look[]} looks
 * @param {string} today
 * @returns {Prospect}
 */
export function prospect(look_back_on, looks, today) {
  const last = [...looks].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).at(-1);
  if (last && last.outcome !== "too_early") return { state: /** @type {Prospect["state"]} */ (last.outcome), on: null };
  const on = last ? last.again_on : look_back_on;
  return { state: on === null ? "none" : on <= today ? "due" : "waiting", on };
}

/** @param {Look} look */
function keyOf({ looked_on, captured_at, entity }) {
  return `${looked_on} ${captured_at} ${entity}`;
}

/**
 * Return the achievements it is time to look back on, the longest due first.
 * @template {{entity: string, list: string, visit: string | null, look_back_on: string | null}} E
 * @param {E[]} entries
 * @param {(Look & {entry: string, visit: string | null})[]} looks
 * @param {string | null} visit whose own entries and looks are left out of the judgement
 * @param {string} today
 * @returns {(E & {due_on: string})[]}
 */
export function dueLookBacks(entries, looks, visit, today) {
  const isBefore = (/** @type {{visit: string | null}} */ each) => each.visit === null || each.visit !== visit;
  return entries
    .filter((each) => each.list === "achievement" && isBefore(each))
    .map((each) => ({ each, ...prospect(each.look_back_on, looks.filter((look) => look.entry === each.entity && isBefore(look)), today) }))
    .filter(({ state }) => state === "due")
    .map(({ each, on }) => ({ ...each, due_on: on ?? "" }))
    .sort((a, b) => (a.due_on < b.due_on ? -1 : 1));
}

/**
 * Return the same day some months later, the month's last where there is none such.
 * @param {string} day
 * @param {number} months
 */
export function monthsLater(day, months) {
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}
