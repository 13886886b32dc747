// @ts-check
// What is to be visited this month, most urgent first: the order of the home screen. Pure; days are `YYYY-MM-DD`.

import { stateOf, windowOf } from "./coverage.js";
import { dayOf, monthOf } from "./day.js";
import { SETTLED } from "./follow_up.js";
import { distanceM } from "./place.js";

/** @typedef {import("./coverage.js").MonthState} MonthState */
/** @typedef {{lat_e7: number, lon_e7: number}} Point */
/** @typedef {{per_month: number, days_before_milestone: number, days_after_milestone: number, suspended_months: string[]}} CoverageRule */
/** @typedef {{entity: string, state: string, start_on: string, site: Point, coverage: CoverageRule}} Project */
/** @typedef {{entity: string, project: string, planned_on: string}} Milestone */
/** @typedef {{entity: string, stream: string, arrived_at: string, people: number, has_progress: boolean, decision: string | null}} Submitted */
/** @typedef {{entity: string, stream: string, asked_on: string}} Question */
/** @typedef {{project: string | null, month: string, captured_at: string}} Assignment */
/** @typedef {{about: string, outcome: string, visit: string | null, captured_at: string}} Outcome */

/**
 * @typedef {object} Facts
 * @property {Project[]} projects those this person's teams look after
 * @property {Milestone[]} milestones
 * @property {Submitted[]} visits submitted ones
 * @property {Question[]} questions
 * @property {Outcome[]} outcomes
 * @property {Assignment[]} [assignments] of this month to this person's teams
 * @property {string} today
 * @property {Point | null} here where the phone is, if known
 * @property {string[]} [under_way] streams with a visit begun here and not submitted
 * @property {string[]} [look_backs] the stream of each achievement whose day to look back has come
 * @property {string[]} [returned] streams with a visit sent back
 */

/**
 * @typedef {object} Due one project in this month
 * @property {string} project its entity
 * @property {MonthState} state
 * @property {{entity: string, planned_on: string, is_passed: boolean} | null} milestone whose window is open and that nobody checked
 * @property {number} look_backs achievements whose day to look back has come
 * @property {boolean} is_assigned the team was sent there this month, and nobody has gone since
 * @property {string | null} last_on day of the last submitted visit
 * @property {number | null} distance_m from here to the middle of the site
 */

const IS_DONE = new Set(["covered", "in_review"]);

/**
 * @typedef {object} Agenda every project in exactly one list
 * @property {Due[]} returned sent back, to be mended before anything else
 * @property {Due[]} under_way begun on this phone
 * @property {Due[]} todo in the order of urgency; one visited this month too while a milestone of it is unchecked
 * @property {Due[]} done visited this month, the last visit first
 * @property {Due[]} rest nothing is asked of them this month
 */

/**
 * Return this month's projects by what is to be done.
 * @param {Facts} facts
 * @returns {Agenda}
 */
export function agenda(facts) {
  /** @type {Agenda} */
  const lists = { returned: [], under_way: [], todo: [], done: [], rest: [] };
  for (const due of facts.projects.map((project) => dueOf(project, facts))) lists[listOf(due, facts)].push(due);
  lists.todo.sort(byUrgency);
  lists.done.sort((a, b) => compare(b.last_on ?? "", a.last_on ?? "") || compare(a.project, b.project));
  return lists;
}

/** @param {Due} due @param {Facts} facts @returns {keyof Agenda} */
function listOf(due, { returned = [], under_way = [] }) {
  const stream = `project:${due.project}`;
  if (returned.includes(stream)) return "returned";
  if (under_way.includes(stream)) return "under_way";
  if (isTodo(due)) return "todo";
  return IS_DONE.has(due.state) ? "done" : "rest";
}

/** @param {Due} due */
function isTodo({ state, milestone, look_backs, is_assigned }) {
  return is_assigned || state === "due" || state === "overdue" || (look_backs > 0 && state !== "suspended") || (milestone !== null && state !== "suspended" && state !== "closed");
}

/**
 * @param {Project} project
 * @param {Facts} facts
 * @returns {Due}
 */
function dueOf(project, { milestones, visits, questions, outcomes, today, here, look_backs = [], assignments = [] }) {
  const rule = { ...project.coverage, start_on: project.start_on, is_finished: project.state === "finished" };
  const stream = `project:${project.entity}`;
  const own = visits.filter((visit) => visit.stream === stream);
  const asked = questions.filter((question) => question.stream === stream);
  const counted = own.map((visit) => submitted(visit, asked, outcomes));
  const open = milestones
    .filter((milestone) => milestone.project === project.entity)
    .map((milestone) => ({ milestone, state: windowOf(rule, counted, milestone.planned_on, today).state }))
    .filter(({ state }) => state === "open")
    .map(({ milestone }) => milestone)
    .sort((a, b) => (a.planned_on < b.planned_on ? -1 : 1))[0];
  return {
    project: project.entity,
    state: stateOf(rule, counted, monthOf(today), today),
    milestone: open ? { entity: open.entity, planned_on: open.planned_on, is_passed: open.planned_on < today } : null,
    look_backs: look_backs.filter((each) => each === stream).length,
    is_assigned: assignments.some((each) => each.project === project.entity && each.month === monthOf(today) && !own.some((visit) => answers(visit, each))),
    last_on: own.map((visit) => dayOf(visit.arrived_at)).sort().at(-1) ?? null,
    distance_m: here ? distanceM(here, project.site) : null,
  };
}

/** Whether a visit was made in the month it was ordered for, after it was ordered, and stands. @param {Submitted} visit @param {Assignment} assignment */
function answers({ arrived_at, decision }, { month, captured_at }) {
  return decision !== "returned" && monthOf(dayOf(arrived_at)) === month && Date.parse(arrived_at) >= Date.parse(captured_at);
}

/**
 * Say of a visit what coverage asks. A question counts when it was asked before the visit and no earlier visit settled it.
 * @param {Submitted} visit
 * @param {Question[]} questions of its stream
 * @param {Outcome[]} outcomes
 * @returns {import("./coverage.js").SubmittedVisit}
 */
export function submitted({ entity, arrived_at, people, has_progress, decision }, questions, outcomes) {
  const on = dayOf(arrived_at);
  const arrived_ms = Date.parse(arrived_at);
  const isUnanswered = (/** @type {Question} */ question) => {
    const of = outcomes.filter(({ about }) => about === question.entity);
    const wasSettled = of.some(({ visit, outcome, captured_at }) => visit !== entity && SETTLED.has(outcome) && Date.parse(captured_at) < arrived_ms);
    return question.asked_on < on && !wasSettled && !of.some(({ visit }) => visit === entity);
  };
  const judged = decision === "accepted" || decision === "returned" ? decision : "waiting";
  return { on, people, has_progress, unanswered: questions.filter(isUnanswered).length, decision: judged };
}

/**
 * Overdue first, then a milestone at hand, each with the earlier milestone first; then where the team is sent this month; then the nearest; where no position is known, the
 * longest not visited. What is only to be looked back on comes last: it waited for months.
 * @param {Due} a
 * @param {Due} b
 */
function byUrgency(a, b) {
  return rank(a) - rank(b)
    || compare(a.milestone?.planned_on ?? NO_MILESTONE, b.milestone?.planned_on ?? NO_MILESTONE)
    || (a.distance_m ?? 0) - (b.distance_m ?? 0)
    || compare(a.last_on ?? "", b.last_on ?? "")
    || compare(a.project, b.project);
}

/** After every day there is. */
const NO_MILESTONE = "9";

/** @param {Due} due */
function rank({ state, milestone, is_assigned }) {
  if (state === "overdue") return 0;
  if (milestone !== null) return 1;
  if (is_assigned) return 2;
  return state === "due" ? 3 : 4;
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
