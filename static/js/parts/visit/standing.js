// @ts-check
// How a visit stands: which checklist items it asks, what is answered, what is missing. Joins the pure rules with what is on screen.

import { formOf, itemsAsked, markOf, sheetsFor } from "../../core/checklist.js";
import { monthOf } from "../../core/day.js";
import { percentText } from "../../core/due.js";
import { isAskedHere, missing } from "../../core/finish.js";
import { answerable, branchesOf, formItems, homesOf, isForm, quoted, settled } from "../../core/form.js";
import { lacksCause } from "../../core/milestone.js";
import { isEmpty } from "../../core/part.js";
import { answerText } from "./answer_word.js";
import { partFor } from "./journey.js";
import { parseInstant } from "../../core/instant.js";
import { proposedStay } from "../../core/stay.js";
import { instantNow, today } from "./moment.js";
import { standingReturn } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("../../core/checklist.js").Sheet} Sheet */
/** @typedef {import("../../core/checklist.js").Item} Item */
/**
 * @typedef {object} Page a checklist of this visit
 * @property {Sheet} sheet
 * @property {Part} part its answers
 * @property {Item[]} items asked now
 * @property {Record<string, string>} answers with what other cards of the visit record, or what is calculated
 * @property {import("../../core/form.js").Branch[] | null} branches of an XLSForm
 * @property {boolean} is_required modules of a trade are offered, not demanded
 * @property {number} done
 */

/** States of a milestone are the names of its choices, but for one. */
const CHOICE_OF = /** @type {Record<string, string>} */ ({ cannot_judge: "cannot" });

/**
 * Return the checklists of a visit with their answers so far.
 * The first one is demanded; modules of a trade are offered.
 * @param {Journey} visit
 * @returns {Page[]}
 */
export function pagesOf(visit) {
  const occasion = { purpose: visit.visit.body["purpose"], type: visit.target.project?.["type"] ?? "", is_unit: visit.target.noun === "unit" };
  const sheets = /** @type {Sheet[]} */ (visit.target.sheets);
  const fitting = sheetsFor(sheets, occasion);
  const begun = sheets.filter((sheet) => !fitting.includes(sheet) && ownAnswer(visit, sheet) !== undefined);
  return [...fitting, ...begun].map((sheet, at) => pageOf(visit, editionOf(visit, sheet), at === 0));
}

/** @param {Journey} visit @param {Sheet} sheet */
function ownAnswer(visit, sheet) {
  return visit.parts.find((part) => part.kind === "answer" && part.isOwn && part.body["checklist"] === sheet.entity);
}

/** What was begun keeps the edition it began with. @param {Journey} visit @param {Sheet} sheet */
function editionOf(visit, sheet) {
  const edition = ownAnswer(visit, sheet)?.body["edition"] ?? sheet.edition;
  const earlier = visit.target.editions.find((each) => each["entity"] === sheet.entity && each["edition"] === edition);
  return edition === sheet.edition ? sheet : /** @type {Sheet} */ (earlier ?? sheet);
}

/** @param {Journey} visit @param {Sheet} sheet @param {boolean} is_required @returns {Page} */
function pageOf(visit, sheet, is_required) {
  const part = answerPart(visit, sheet);
  if (isForm(sheet)) return formPage(visit, sheet, part, is_required);
  const month = monthOf(visit.visit.body["arrived_at"].slice(0, 10));
  const scope = { month, today: today(), answers: withLinked(visit, sheet, part.body["answers"]) };
  const items = itemsAsked(sheet, scope);
  return { sheet, part, items, answers: scope.answers, branches: null, is_required, done: items.filter((item) => isDone(visit, item, scope.answers)).length };
}

/** An item that has to be answered is missed where the checklist is demanded, or begun. @param {Journey} visit @param {Sheet} sheet @param {Part} part @param {boolean} is_required @returns {Page} */
function formPage(visit, sheet, part, is_required) {
  const all = new Map(formItems(sheet).map((item) => [item.id, item]));
  const homes = homesOf(sheet);
  const labelOf = (/** @type {string} */ name, /** @type {string} */ value) => {
    const item = all.get(name);
    return item && value !== "" ? answerText(sheet, item, value) : value;
  };
  const known = { today: today(), now: instantNow(), labelOf };
  const answers = settled(sheet, part.body["answers"], known);
  const branches = branchesOf(sheet, { ...known, answers }, (words, place) => quoted(words, place, homes, (name, key) => labelOf(name, answers[key] ?? "")));
  const isDemanded = is_required || Object.keys(part.body["answers"]).length > 0;
  const items = answerable(branches).map((item) => ({ ...item, is_needed: item.is_needed && isDemanded }));
  return { sheet, part, items, answers, branches, is_required, done: items.filter((item) => isDone(visit, item, answers)).length };
}

/** @param {Journey} visit @param {Sheet} sheet */
function answerPart(visit, sheet) {
  return partFor(visit, "answer", { checklist: sheet.entity }, () => ({
    visit: visit.entity, checklist: sheet.entity, edition: sheet.edition, answers: {}, notes: {},
  }));
}

/**
 * Return the answers with those that another card records: progress seen, the milestone's state.
 * @param {Journey} visit
 * @param {Sheet} sheet
 * @param {Record<string, string>} answers
 */
export function withLinked(visit, sheet, answers) {
  const linked = { ...answers };
  for (const item of sheet.groups.flatMap((group) => group.items)) {
    const value = linkedAnswer(visit, item);
    if (value !== null) linked[item.id] = value;
  }
  return linked;
}

/** @param {Journey} visit @param {Item} item */
function linkedAnswer(visit, item) {
  const form = formOf(item);
  if (form === "progress") {
    const observed = visit.parts.find((part) => part.kind === "progress" && part.isOwn)?.body["observed_permille"] ?? null;
    return observed === null ? null : percentText(observed);
  }
  if (form !== "milestone") return null;
  const state = visit.parts.find((part) => part.kind === "reconciliation" && part.body["milestone"] === visit.visit.body["milestone"])?.body["state"] ?? null;
  return state === null ? null : CHOICE_OF[state] ?? state;
}

/** @param {Journey} visit @param {Item} item @param {Record<string, string>} answers */
function isDone(visit, item, answers) {
  const form = formOf(item);
  if (form === "problems") return visit.target.problems.every((each) => answeredBy(visit, "recheck", "entry", each["entity"]));
  if (form === "questions") return visit.target.questions.every((each) => answeredBy(visit, "outcome", "about", each["entity"]));
  if (form === "photo") return visit.parts.some((part) => part.kind === "photo" && part.body["item"] === markOf(item)) || answers[item.id] !== undefined;
  return (answers[item.id] ?? "") !== "";
}

/**
 * Say whether something from before has its outcome on this visit.
 * @param {Journey} visit
 * @param {"outcome" | "recheck"} kind
 * @param {"about" | "entry"} member
 * @param {string} entity
 */
export function answeredBy(visit, kind, member, entity) {
  return visit.parts.some((part) => part.kind === kind && part.body[member] === entity && part.body["outcome"]);
}

/** Milestones this visit should reconcile: the one it was made for, and those at hand. @param {Journey} visit */
export function milestonesOf(visit) {
  const own = visit.target.milestones.filter((each) => each["entity"] === visit.visit.body["milestone"]);
  return [...own, ...visit.target.milestonesAtHand.filter((each) => !own.includes(each))];
}

/**
 * Return what is missing for submission.
 * @param {Journey} visit
 */
export function missingOf(visit) {
  const { target } = visit;
  if (!visit.visit.isOwn) return missingOfGuest(visit);
  return missing({
    visit: /** @type {any} */ (visit.visit.body), is_unit: target.noun === "unit", returned: standingReturn(visit),
    parts: [visit.visit, ...visit.parts.filter((part) => !isEmpty(part.kind, part.body))],
    questions: entities(target.questions), claims: entities(target.claims), problems: entities(target.problems), look_backs: entities(target.lookBacks),
    decisions: /** @type {any[]} */ (target.decisions),
    milestones: entities(milestonesOf(visit)), unexplained: unexplained(visit), today: today(),
    sheets: pagesOf(visit).map((page) => ({ sheet: page.sheet.code, items: page.items, answers: page.answers, is_required: page.is_required })),
  });
}

/** Who joined answers for what they recorded; what the whole visit should have is the main recorder's. @param {Journey} visit */
function missingOfGuest(visit) {
  const parts = visit.parts.filter((part) => part.isOwn && !isEmpty(part.kind, part.body));
  const begun = pagesOf(visit).filter(({ part }) => part.draft !== null || part.record !== null);
  return missing({
    visit: /** @type {any} */ (visit.visit.body), is_unit: visit.target.noun === "unit", is_guest: true, returned: standingReturn(visit), parts,
    questions: [], claims: [], problems: [], look_backs: [], decisions: [], milestones: [], unexplained: unexplained({ ...visit, parts }), today: today(),
    sheets: begun.map((page) => ({ sheet: page.sheet.code, items: page.items, answers: page.answers, is_required: false })),
  });
}

/** Milestones this visit found late without saying why. @param {Journey} visit */
function unexplained({ parts, target }) {
  const planned = new Map(target.milestones.map((each) => [each["entity"], each["planned_on"]]));
  const found = parts.filter((part) => part.kind === "reconciliation" && planned.has(part.body["milestone"]));
  return found.filter(({ body }) => lacksCause(planned.get(body["milestone"]), /** @type {any} */ (body), today())).map(({ body }) => body["milestone"]);
}

/** @param {Record<string, any>[]} rows @returns {string[]} */
function entities(rows) {
  return rows.map((row) => row["entity"]);
}

/** @param {Page} page how many core items and items in turn it asks */
export function countsOf(page) {
  const core = page.items.filter((item) => item.core).length;
  return { core, turn: page.items.length - core };
}

/** @param {Item} item */
export function isHere(item) {
  return isAskedHere(formOf(item));
}

/** A hand-set time is rounded to the minute; the one set at the start is that of the draft. */
const SAME_MS = 2_000;

/**
 * Return arrival and leaving: proposed from what was recorded, unless a person set them or the visit is sealed.
 * @param {Journey} visit
 * @returns {{arrived_at: string, left_at: string, is_left_late: boolean}}
 */
export function stayOf(visit) {
  const { body, draft, record, opened_at } = visit.visit;
  const written = { arrived_at: body["arrived_at"], left_at: body["left_at"], is_left_late: body["is_left_late"] };
  if (draft === null || record !== null) return written;
  const instants = instantsOf(visit);
  const proposed = proposedStay(instants.length > 0 ? instants : [opened_at], { is_stationed: body["purpose"] === "stationed" });
  return {
    arrived_at: isArrivalSet(visit.visit) ? written.arrived_at : proposed.arrived_at,
    left_at: written.is_left_late ? written.left_at : proposed.left_at,
    is_left_late: written.is_left_late,
  };
}

/** @param {Part} part the visit's own */
function isArrivalSet({ body, opened_at }) {
  return Math.abs(parseInstant(body["arrived_at"]).ms - parseInstant(opened_at).ms) > SAME_MS;
}

/** Whether there is an arrival to speak of: something was recorded, or a person set it. @param {Journey} visit */
export function hasArrived(visit) {
  return visit.visit.draft === null || visit.visit.record !== null || isArrivalSet(visit.visit) || instantsOf(visit).length > 0;
}

/**
 * When things were recorded here; imported photos were taken elsewhere in time. What is still empty or was dropped was begun on site
 * all the same: the first instant, once there, stays.
 * @param {Journey} visit
 */
function instantsOf(visit) {
  const open = visit.parts.filter((part) => part.draft !== null);
  const written = open.filter((part) => !isEmpty(part.kind, part.body));
  return [...[...open, ...visit.discarded].map((part) => part.opened_at), ...written.map((part) => part.saved_at)];
}
