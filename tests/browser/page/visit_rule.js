// @ts-check
// Judges the rules of a visit as the phone does: `judge(kind, input)` gives what stands under `expect`.
import { choicesOf, formOf, inTurn, isAllowed, itemsAsked, photoNeed, raisedList, sheetsFor, toggled, withRestUnchecked } from "../../../static/js/core/checklist.js";
import { duePermille, percentText, readPercent } from "../../../static/js/core/due.js";
import { newEntry, sorted } from "../../../static/js/core/entry.js";
import { holds, valueOf } from "../../../static/js/core/expression.js";
import { answerable, branchesOf, settled, withInstance, withoutInstance } from "../../../static/js/core/form.js";
import { missing, unready } from "../../../static/js/core/finish.js";
import { excess } from "../../../static/js/core/limit.js";
import { entryState, isClosed } from "../../../static/js/core/entry_state.js";
import { closedProblems, openProblems, stillOpen } from "../../../static/js/core/follow_up.js";
import { toGcj02 } from "../../../static/js/core/gcj02.js";
import { drawing } from "../../../static/js/core/mark.js";
import { nextCode } from "../../../static/js/core/interviewee.js";
import { monthsLater, prospect } from "../../../static/js/core/look_back.js";
import { lacksCause, slipDays } from "../../../static/js/core/milestone.js";
import { overviewItems, overviewOf } from "../../../static/js/core/overview.js";
import { sealedBody } from "../../../static/js/core/part.js";
import { Refusal } from "../../../static/js/core/refusal.js";
import { milestonesAtHand, milestonesOverdue, proposedManner, proposedPurpose, proposedTeam, unitsTied } from "../../../static/js/core/start.js";
import { proposedStay, stayMinutes, withTime } from "../../../static/js/core/stay.js";
import { waiting } from "../../../static/js/core/unsent.js";
import { readVisitCode, writeVisitCode } from "../../../static/js/core/visit_code.js";
import { layout, wrapped } from "../../../static/js/core/watermark.js";

/** @type {Record<string, (...values: any[]) => unknown>} */
const RULES = {
  choicesOf, formOf, inTurn, isAllowed, itemsAsked, photoNeed, raisedList, sheetsFor, toggled, withRestUnchecked, duePermille, percentText,
  readPercent, newEntry, sorted, holds, missing, excess, openProblems, closedProblems, monthsLater, lacksCause, slipDays, stillOpen, nextCode, sealedBody, milestonesAtHand, milestonesOverdue, proposedManner,
  proposedPurpose, proposedTeam, unitsTied, proposedStay, stayMinutes, withTime, settled, withInstance, withoutInstance, toGcj02, waiting,
  asked: (sheet, known) => answerable(branchesOf(sheet, known, (words) => words)),
  overview: (sheets, photos, visits) => overviewOf(photos, visits, overviewItems(sheets)),
  wrapped: (line, room) => wrapped(line, room, (text) => [...text].length),
  watermark: (lines, size) => layout(lines, size, (text, font_px) => [...text].length * font_px),
  writeVisitCode,
  readVisitCode: (text) => {
    try {
      return readVisitCode(text);
    } catch (error) {
      if (error instanceof Refusal) return error.reason;
      throw error;
    }
  },
  unready: (parts, limits = {}) => unready(parts, ({ body }) => excess(body, limits)),
};

/** @type {Record<string, (input: any) => unknown>} */
const JUDGES = {
  mark: ({ marks, ...size }) => drawing(marks, size),
  due: (input) => duePermille(input, input.day),
  entry_state: ({ is_verified, is_fixed_at_once, rechecks }) => {
    const made = rechecks.map((/** @type {string[]} */ [checked_on, outcome, known_by], /** @type {number} */ at) =>
      ({ entity: String(at), checked_on, captured_at: `2026-12-01T00:00:0${at}.000Z`, outcome, known_by }));
    const state = entryState(made, is_verified);
    return { state, is_closed: isClosed(is_fixed_at_once, state) };
  },
  expression: ({ expression, labels = {}, ...scope }) => valueOf(expression, { ...scope, labelOf: (name, value) => labels[`${name} ${value}`] ?? value }),
  look_back: ({ look_back_on, looks, today }) => prospect(look_back_on, looks.map((/** @type {any[]} */ [looked_on, outcome, again_on], /** @type {number} */ at) =>
    ({ entity: String(at), captured_at: `2026-12-01T00:00:${String(at).padStart(2, "0")}.000Z`, looked_on, outcome, again_on })), today),
  relevance: (input) => holds(input.expression, input),
  rotation: ({ items, rotation, month }) => inTurn(/** @type {any} */ ({ groups: [{ items }], rotation }), month),
};

/** @param {string} kind @param {any} input */
function judge(kind, input) {
  return orRefused(() => JUDGES[kind]?.(input));
}

/** Call one rule by its name. @param {string} name @param {any[]} values */
function rule(name, values) {
  return orRefused(() => RULES[name]?.(...values));
}

/** @param {() => unknown} work */
function orRefused(work) {
  try {
    return work() ?? null;
  } catch (error) {
    if (error instanceof Refusal) return "refused";
    throw error;
  }
}

Object.assign(globalThis, { judge, rule });
