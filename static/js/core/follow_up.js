// @ts-check
// What is open from before and has to be asked again: questions, claims, problems. And which outcomes fit which.

export const FACT_OUTCOMES = ["true", "partly_true", "untrue", "unverified"];
export const PROBLEM_OUTCOMES = ["fixed", "partly_fixed", "not_fixed", "unverified"];
/** After these a question or claim is settled: a fact by any answer, a problem only when it is solved. */
export const SETTLED = new Set(["true", "partly_true", "untrue", "fixed"]);

/** @typedef {{about: string, outcome: string, captured_at: string, visit: string | null}} Outcome */
/** @typedef {{entry: string, outcome: string, captured_at: string, visit: string | null}} Recheck */

/**
 * Return the questions or claims without a settling outcome of an earlier visit, oldest first.
 * @template {{entity: string, captured_at: string}} Q
 * @param {Q[]} asked
 * @param {Outcome[]} outcomes
 * @param {string | null} visit whose own outcomes settle nothing yet
 * @returns {Q[]}
 */
export function stillOpen(asked, outcomes, visit) {
  const settled = new Set(
    outcomes.filter((each) => each.visit !== visit || visit === null).filter((each) => SETTLED.has(each.outcome)).map((each) => each.about),
  );
  return asked.filter((each) => !settled.has(each.entity)).sort((a, b) => (a.captured_at < b.captured_at ? -1 : 1));
}

/**
 * Return the problems not closed by a check on site, the worst first, then the oldest. Difficulties count: they are asked again.
 * @template {{entity: string, captured_at: string, list: string, severity: string | null, visit: string | null, is_fixed_at_once: boolean}} E
 * @param {E[]} entries
 * @param {Recheck[]} rechecks
 * @param {string | null} visit whose own entries and rechecks are left out of the judgement
 * @returns {E[]}
 */
export function openProblems(entries, rechecks, visit) {
  const last = new Map();
  for (const each of [...rechecks].sort((a, b) => (a.captured_at < b.captured_at ? -1 : 1))) {
    if (each.visit === null || each.visit !== visit) last.set(each.entry, each.outcome);
  }
  return entries
    .filter((each) => each.list === "problem" && (each.visit === null || each.visit !== visit))
    .filter((each) => !each.is_fixed_at_once && last.get(each.entity) !== "fixed")
    .sort((a, b) => weight(b) - weight(a) || (a.captured_at < b.captured_at ? -1 : 1));
}

/** @param {{severity: string | null}} entry */
function weight(entry) {
  return ["minor", "major", "serious"].indexOf(entry.severity ?? "");
}

/**
 * Say whether an outcome demands a photo of the site: a report never closes a problem.
 * @param {string | null} outcome
 */
export function needsPhoto(outcome) {
  return outcome === "fixed";
}
