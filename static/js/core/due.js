// @ts-check
// Progress that is due on a day, and percentages as people write them. Permille throughout: tenths of a percent.
// Twin of fieldapp/plan.py; tests/vectors/due.json holds both to the same figures.

import { dayNumber } from "./day.js";

/** @typedef {{on: string, due_permille: number}} PlanPoint */
/** @typedef {{plan: PlanPoint[], start_on: string, end_on: string}} Planned */

/**
 * Return the progress due on a day: straight lines between the points of the plan, nothing before the first, the last one's
 * value after it. Without points the line runs from `start_on` (0) to `end_on` (1000). Halves round up.
 * @param {Planned} project
 * @param {string} day
 */
export function duePermille(project, day) {
  const points = project.plan.length > 0
    ? project.plan
    : [{ on: project.start_on, due_permille: 0 }, { on: project.end_on, due_permille: 1000 }];
  const today = dayNumber(day);
  let before = null;
  for (const point of points) {
    const at = dayNumber(point.on);
    if (today < at) return before === null ? 0 : between(before, { at, due: point.due_permille }, today);
    before = { at, due: point.due_permille };
  }
  return before === null ? 0 : before.due;
}

/**
 * @param {{at: number, due: number}} from
 * @param {{at: number, due: number}} to
 * @param {number} today
 */
function between(from, to, today) {
  const span = to.at - from.at;
  const twice = 2 * ((to.due - from.due) * (today - from.at)) + span;
  return from.due + Math.floor(twice / (2 * span));
}

/**
 * Write permille as percent for people: `56`, `56.5`.
 * @param {number} permille
 */
export function percentText(permille) {
  const whole = Math.trunc(permille / 10);
  const tenth = Math.abs(permille % 10);
  return tenth === 0 ? String(whole) : `${whole}.${tenth}`;
}

/**
 * Read a percentage typed by a person (`56`, `56.5`, full-width digits and marks too); null when it is none from 0 to 100.
 * @param {string} text
 * @returns {number | null}
 */
export function readPercent(text) {
  const plain = text.normalize("NFKC").replaceAll("。", ".").replace(/%$/, "").trim();
  const match = /^(\d{1,3})(?:\.(\d?))?$/.exec(plain);
  if (match === null) return null;
  const permille = Number(match[1]) * 10 + Number(match[2] || "0");
  return permille <= 1000 ? permille : null;
}
