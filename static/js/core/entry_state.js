// @ts-check
// What an entry has become: a pure function of its rechecks and the desk's verification. Twin of fieldapp/entry_state.py, held
// together by tests/vectors/entry_state.json. A report never closes anything; a check on site does, and what was closed may relapse.

/** @typedef {"lead" | "verified" | "rectifying" | "closed" | "relapsed"} EntryState */
/** @typedef {{entity: string, checked_on: string, captured_at: string, outcome: string, known_by: string}} Recheck */

const ON_SITE = new Set(["seen", "measured"]);
const IN_HAND = new Set(["assigned", "reported", "partly_fixed"]);

/**
 * Return the state after all rechecks, by the day they were made.
 * @param {Recheck[]} rechecks of the entry
 * @param {boolean} isVerified
 * @returns {EntryState}
 */
export function entryState(rechecks, isVerified) {
  return [...rechecks].sort(byDay).reduce(after, /** @type {EntryState} */ (isVerified ? "verified" : "lead"));
}

/** @param {EntryState} state @param {Recheck} recheck @returns {EntryState} */
function after(state, { outcome, known_by }) {
  if (outcome === "fixed") return ON_SITE.has(known_by) ? "closed" : "rectifying";
  if (outcome === "relapsed") return "relapsed";
  if (outcome === "not_fixed") return state === "closed" ? "relapsed" : "rectifying";
  if (IN_HAND.has(outcome)) return state === "relapsed" ? state : "rectifying";
  return state;
}

/** @param {Recheck} a @param {Recheck} b */
function byDay(a, b) {
  const keys = (/** @type {Recheck} */ one) => `${one.checked_on} ${one.captured_at} ${one.entity}`;
  return keys(a) < keys(b) ? -1 : 1;
}

/**
 * Say whether nothing is asked of an entry any more. What was fixed on the spot counts as closed until somebody finds otherwise.
 * @param {boolean} isFixedAtOnce
 * @param {EntryState} state
 */
export function isClosed(isFixedAtOnce, state) {
  return state === "closed" || (isFixedAtOnce && (state === "lead" || state === "verified"));
}
