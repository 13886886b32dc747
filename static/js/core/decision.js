// @ts-check
// What meetings decided, asked again until it is done. A decision is named by its meeting and its number there, from 1.

export const DECISION_OUTCOMES = ["done", "partly_done", "not_done", "unverified"];

/** @typedef {{what: string, who: string, by_on: string | null}} Decided */
/** @typedef {{entity: string, record: string, visit: string | null, held_on: string, title: string, decided: Decided[]}} Meeting */
/** @typedef {Decided & {entity: string, record: string, item: string, title: string, held_on: string, deadline_on: string | null}} Decision `entity` of its meeting */

/**
 * Return the decisions nobody has found done on an earlier visit: by the day they were to be done, those without one last.
 * @param {Meeting[]} meetings
 * @param {{about: string, item?: string, outcome: string, visit: string | null}[]} outcomes
 * @param {string | null} visit whose own meetings and outcomes are left out of the judgement
 * @returns {Decision[]}
 */
export function openDecisions(meetings, outcomes, visit) {
  const isBefore = (/** @type {{visit: string | null}} */ each) => each.visit === null || each.visit !== visit;
  const done = new Set(outcomes.filter((each) => isBefore(each) && each.outcome === "done").map((each) => `${each.about} ${each.item ?? ""}`));
  return meetings
    .filter(isBefore)
    .flatMap((meeting) => meeting.decided.map((each, at) => decisionOf(meeting, each, String(at + 1))))
    .filter((each) => each.what !== "" && !done.has(`${each.entity} ${each.item}`))
    .sort((a, b) => compare(a.by_on ?? LAST, b.by_on ?? LAST) || compare(a.held_on, b.held_on));
}

/** After every day there is. */
const LAST = "9";

/** @param {string} a @param {string} b */
function compare(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** @param {Meeting} meeting @param {Decided} each @param {string} item @returns {Decision} */
function decisionOf({ entity, record, title, held_on }, each, item) {
  return { ...each, entity, record, item, title, held_on, deadline_on: each.by_on };
}
