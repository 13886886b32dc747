// @ts-check
// Whether a project was visited as its rule asks: per month, and at milestones. Twin of fieldapp/coverage.py, held together by
// tests/vectors/coverage.json. Counts what a visit holds, never minutes; nothing here is about inspectors. Days are `YYYY-MM-DD`,
// months `YYYY-MM`.

import { addDays, monthOf } from "./day.js";

/** @typedef {"covered" | "in_review" | "due" | "overdue" | "suspended" | "closed"} MonthState */
/** @typedef {"checked" | "ahead" | "open" | "unchecked"} WindowState */
/** @typedef {"two_inspectors" | "observed_progress" | "open_questions"} Lack */

/**
 * @typedef {object} Rule `project.coverage`, and what else bounds it
 * @property {number} per_month
 * @property {number} days_before_milestone
 * @property {number} days_after_milestone
 * @property {string[]} suspended_months
 * @property {string} start_on
 * @property {boolean} is_finished
 */

/**
 * @typedef {object} SubmittedVisit what coverage asks of a submitted visit
 * @property {string} on day of arrival
 * @property {number} people
 * @property {boolean} has_progress
 * @property {number} unanswered questions open on arrival that got no outcome
 * @property {"waiting" | "returned" | "accepted"} decision
 */

const MIN_PEOPLE = 2;

/**
 * Return what a visit lacks of the minimum of content; empty when it has all of it.
 * @param {SubmittedVisit} visit
 * @returns {Lack[]}
 */
export function lacks(visit) {
  /** @type {[Lack, boolean][]} */
  const checks = [
    ["two_inspectors", visit.people < MIN_PEOPLE],
    ["observed_progress", !visit.has_progress],
    ["open_questions", visit.unanswered > 0],
  ];
  return checks.filter(([, isLacking]) => isLacking).map(([lack]) => lack);
}

/**
 * Return whether a visit covers: it has the minimum of content and was not returned.
 * @param {SubmittedVisit} visit
 */
export function counts(visit) {
  return visit.decision !== "returned" && lacks(visit).length === 0;
}

/**
 * Return how a project stands in a month, seen on a day. Without enough visits a month is overdue once it is over, and the
 * running month already when the one before it, too, was left uncovered.
 * @param {Rule} rule
 * @param {SubmittedVisit[]} visits
 * @param {string} month
 * @param {string} today
 * @returns {MonthState}
 */
export function stateOf(rule, visits, month, today) {
  const counting = visits.filter(counts);
  const state = settled(rule, counting, month);
  if (state !== null) return state;
  if (month < monthOf(today)) return "overdue";
  const before = monthBefore(month);
  const isLate = month === monthOf(today) && before >= monthOf(rule.start_on) && settled(rule, counting, before) === null;
  return isLate ? "overdue" : "due";
}

/**
 * @param {Rule} rule
 * @param {SubmittedVisit[]} counting
 * @param {string} month
 * @returns {MonthState | null}
 */
function settled(rule, counting, month) {
  const inMonth = counting.filter((visit) => monthOf(visit.on) === month);
  const isSuspended = rule.suspended_months.includes(month);
  if (isSuspended && inMonth.length === 0) return "suspended";
  if (inMonth.filter(({ decision }) => decision === "accepted").length >= rule.per_month) return "covered";
  if (inMonth.length >= rule.per_month) return "in_review";
  if (rule.is_finished || month < monthOf(rule.start_on)) return "closed";
  return isSuspended ? "suspended" : null;
}

/**
 * Return the days around a planned milestone in which a visit counts as at it: checked by a visit that counts, ahead, open now,
 * or passed unchecked.
 * @param {Rule} rule
 * @param {SubmittedVisit[]} visits
 * @param {string} plannedOn
 * @param {string} today
 * @returns {{planned_on: string, from_on: string, to_on: string, state: WindowState}}
 */
export function windowOf(rule, visits, plannedOn, today) {
  const from_on = addDays(plannedOn, -rule.days_before_milestone);
  const to_on = addDays(plannedOn, rule.days_after_milestone);
  const isChecked = visits.some((visit) => counts(visit) && from_on <= visit.on && visit.on <= to_on);
  /** @type {WindowState} */
  let state = today <= to_on ? "open" : "unchecked";
  if (today < from_on) state = "ahead";
  if (isChecked) state = "checked";
  return { planned_on: plannedOn, from_on, to_on, state };
}

/** @param {string} month */
export function monthBefore(month) {
  return monthOf(addDays(`${month}-01`, -1));
}
