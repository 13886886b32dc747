// @ts-check
// What is open from before and has to be asked again: questions, claims, problems. And which outcomes fit which.

import { entryState, isClosed } from "./entry_state.js";

export const FACT_OUTCOMES = ["true", "partly_true", "untrue", "unverified"];
export const PROBLEM_OUTCOMES = ["fixed", "partly_fixed", "not_fixed", "unverified"];
/** Of what was closed before. */
export const CLOSED_OUTCOMES = ["fixed", "relapsed", "unverified"];
/** After these a question or claim is settled: a fact by any answer, a problem only when it is solved. */
export const SETTLED = new Set(["true", "partly_true", "untrue", "fixed"]);

/** @typedef {{about: string, outcome: string, captured_at: string, visit: string | null}} Outcome */
/** @typedef {import("./entry_state.js").EntryState} EntryState */
/** @typedef {import("./entry_state.js").Recheck & {entry: string, visit: string | null}} Recheck */
/** @typedef {{entity: string, captured_at: string, list: string, severity: string | null, visit: string | null, is_fixed_at_once: boolean}} Entry */

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
 * @template {Entry} E
 * @param {E[]} entries
 * @param {Recheck[]} rechecks
 * @param {string | null} visit whose own entries and rechecks are left out of the judgement
 * @returns {(E & {state: EntryState})[]}
 */
export function openProblems(entries, rechecks, visit) {
  return judged(entries, rechecks, visit)
    .filter((each) => !isClosed(each.is_fixed_at_once, each.state))
    .sort((a, b) => weight(b) - weight(a) || (a.captured_at < b.captured_at ? -1 : 1));
}

/**
 * Return the problems that were closed: each may be looked at again, and be open again. The newest first.
 * @template {Entry} E
 * @param {E[]} entries
 * @param {Recheck[]} rechecks
 * @param {string | null} visit as for those still open
 * @returns {(E & {state: EntryState})[]}
 */
export function closedProblems(entries, rechecks, visit) {
  return judged(entries, rechecks, visit)
    .filter((each) => isClosed(each.is_fixed_at_once, each.state))
    .sort((a, b) => (a.captured_at < b.captured_at ? 1 : -1));
}

/** @template {Entry} E @param {E[]} entries @param {Recheck[]} rechecks @param {string | null} visit */
function judged(entries, rechecks, visit) {
  const isBefore = (/** @type {{visit: string | null}} */ each) => each.visit === null || each.visit !== visit;
  const before = rechecks.filter(isBefore);
  return entries
    .filter((each) => each.list === "problem" && isBefore(each))
    .map((each) => ({ ...each, state: entryState(before.filter(({ entry }) => entry === each.entity), false) }));
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
