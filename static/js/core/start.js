// @ts-check
// What a new visit is proposed to be: purpose, manner, team. Proposals only; a person may change every one of them.

import { addDays, monthOf } from "./day.js";

/** @typedef {{entity: string, planned_on: string}} Milestone */
/** @typedef {{days_before_milestone: number, days_after_milestone: number}} Window */
/** @typedef {{person: string, part: string}} Member */
/** @typedef {{person: string, home_unit: string | null}} Person */
/** @typedef {{project: string | null, unit: string | null, month: string, milestone: string | null, manner: string}} Assignment */

/**
 * Return the milestones whose window is open on a day and that nobody has seen reached, nearest plan first.
 * @template {Milestone} M
 * @param {M[]} milestones
 * @param {{milestone: string, state: string}[]} reconciliations
 * @param {Window} window
 * @param {string} today
 * @returns {M[]}
 */
export function milestonesAtHand(milestones, reconciliations, window, today) {
  const reached = new Set(reconciliations.filter((each) => each.state === "reached").map((each) => each.milestone));
  return milestones
    .filter((each) => !reached.has(each.entity))
    .filter((each) => addDays(each.planned_on, -window.days_before_milestone) <= today)
    .filter((each) => addDays(each.planned_on, window.days_after_milestone) >= today)
    .sort((a, b) => (a.planned_on < b.planned_on ? -1 : 1));
}

/**
 * Return the milestones planned before a day that nobody has seen reached, the latest plan first.
 * @template {Milestone} M
 * @param {M[]} milestones
 * @param {{milestone: string, state: string}[]} reconciliations
 * @param {string} today
 * @returns {M[]}
 */
export function milestonesOverdue(milestones, reconciliations, today) {
  const reached = new Set(reconciliations.filter((each) => each.state === "reached").map((each) => each.milestone));
  return milestones
    .filter((each) => each.planned_on < today && !reached.has(each.entity))
    .sort((a, b) => (a.planned_on > b.planned_on ? -1 : 1));
}

/**
 * Return purpose and milestone: the nearest milestone at hand, else the monthly visit; a unit is visited for days.
 * @param {Milestone[]} atHand
 * @param {boolean} isUnit
 * @returns {{purpose: string, milestone: string | null}}
 */
export function proposedPurpose(atHand, isUnit) {
  if (isUnit) return { purpose: "stationed", milestone: null };
  const nearest = atHand[0];
  return nearest === undefined ? { purpose: "monthly", milestone: null } : { purpose: "milestone", milestone: nearest.entity };
}

/**
 * Return the manner the assignment of the month orders (the one for the milestone before the general one), else unannounced.
 * @param {Assignment[]} assignments of this project or unit
 * @param {{today: string, milestone: string | null}} visit
 */
export function proposedManner(assignments, visit) {
  const present = assignments.filter((each) => each.month === monthOf(visit.today));
  const fitting = present.find((each) => each.milestone !== null && each.milestone === visit.milestone)
    ?? present.find((each) => each.milestone === null)
    ?? present[0];
  return fitting?.manner ?? "unannounced";
}

/**
 * Return the team with who must keep away: their home unit leads, serves or is otherwise tied to the project on the day.
 * Somebody who must keep away is not proposed.
 * @template {Member} M
 * @param {M[]} members
 * @param {Person[]} people
 * @param {string[]} units every unit tied to the project
 * @returns {(M & {is_recused: boolean})[]}
 */
export function proposedTeam(members, people, units) {
  const home = new Map(people.map((each) => [each.person, each.home_unit]));
  return members.map((member) => {
    const unit = home.get(member.person) ?? null;
    return { ...member, is_recused: unit !== null && units.includes(unit) };
  });
}

/**
 * Return every unit tied to a project on a day: it leads, supports, or is linked.
 * @param {{unit: string, support: string[]}} project
 * @param {{unit: string | null, from_on: string, to_on: string | null}[]} links
 * @param {string} today
 * @returns {string[]}
 */
export function unitsTied(project, links, today) {
  const linked = links.filter((link) => isOn(link, today)).map((link) => link.unit);
  return [...new Set([project.unit, ...project.support, ...linked])].filter((unit) => unit !== null);
}

/**
 * Say whether something with a first and last day holds on a day.
 * @param {{from_on: string, to_on: string | null}} span
 * @param {string} day
 */
export function isOn(span, day) {
  return span.from_on <= day && (span.to_on === null || day < span.to_on);
}
