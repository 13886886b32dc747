// @ts-check
// Which checklist items a visit asks, in which month, and how its answers stand. Nothing is ever prefilled: an item without an
// answer is unanswered, and "not checked this time" is an answer a person gave. Answers are text (see `answer` in the domain).

import { holds } from "./expression.js";
import { UNCHECKED } from "./value.js";

export { UNCHECKED };

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} zh
 * @property {string} en
 * @property {string} type `select_one <choices>`, `select_multiple <choices>`, `integer`, `decimal`, `date`, `text`, `image`, …, `linked_…`
 * @property {boolean} [core] absent on items of an XLSForm (version 2), which are all asked
 * @property {string} [photo] `required`, `optional`, `none`, `if:a,b`
 * @property {string} [relevant]
 * @property {string} [constraint]
 * @property {string[]} [shows]
 * @property {{when?: string[], list: string}} [raises]
 * @property {string} [hint_zh]
 * @property {string} [hint_en]
 * @property {string} [choice_filter]
 * @property {string} [appearance]
 * @property {string} [constraint_zh]
 * @property {string} [constraint_en]
 * @property {string} [mark] how photos and manifests name an item of an XLSForm: with its checklist, for two may use the same name
 * @property {boolean} [is_needed] whether it must be answered; absent where the sheet says so for all
 * @property {import("./form.js").Stand} [stands] where an item of an XLSForm is asked
 * @property {string} [photo_hint_zh]
 * @property {string} [photo_hint_en]
 */
/** @typedef {{id: string, zh: string, en: string, items: Item[]}} Group */
/** @typedef {{name: string, zh: string, en: string, columns?: Record<string, string>}} Choice */
/**
 * @typedef {object} Sheet a template as folded
 * @property {string} entity
 * @property {string} code
 * @property {string} edition
 * @property {string} name
 * @property {string} name_en
 * @property {string[]} purposes
 * @property {string[]} types
 * @property {number | null} rotation
 * @property {Group[]} groups
 * @property {Record<string, Choice[]>} choices
 */
/** @typedef {{purpose: string, type: string, is_unit: boolean}} Occasion */
/**
 * @typedef {"choice" | "choices" | "number" | "date" | "time" | "moment" | "text" | "point" | "acknowledge" | "photo" | "note" | "silent"
 *   | "progress" | "milestone" | "problems" | "questions"} Form
 */
/** @typedef {{answers: Record<string, string>, today: string, now?: string, labelOf?: (name: string, value: string) => string}} Known what expressions may ask for */

/**
 * Return the sheets of a visit, the general one first; of several that with core items. A sheet made for the type of project and holding core items takes the
 * general one's place (special tasks); one without core items is added to it (modules of a trade).
 * @param {Sheet[]} sheets
 * @param {Occasion} occasion
 * @returns {Sheet[]}
 */
export function sheetsFor(sheets, occasion) {
  const fitting = sheets
    .filter((sheet) => (sheet.purposes.length === 0 || sheet.purposes.includes(occasion.purpose)))
    .filter((sheet) => sheet.types.length === 0 || (!occasion.is_unit && sheet.types.includes(occasion.type)))
    .sort((a, b) => Number(hasCore(b)) - Number(hasCore(a)) || (a.code < b.code ? -1 : 1));
  const own = fitting.filter((sheet) => sheet.types.length > 0 && hasCore(sheet));
  const general = own.length > 0 ? own : fitting.filter((sheet) => sheet.types.length === 0);
  return [...general, ...fitting.filter((sheet) => sheet.types.length > 0 && !hasCore(sheet))];
}

/** @param {Sheet} sheet */
function hasCore(sheet) {
  return itemsOf(sheet).some((item) => item.core);
}

/** Say how photos and manifests name an item. @param {Item} item */
export function markOf(item) {
  return item.mark ?? item.id;
}

/** Return the items of a sheet of version 1. @param {Sheet} sheet @returns {Item[]} */
export function itemsOf(sheet) {
  return sheet.groups.flatMap((group) => group.items);
}

/**
 * Return the ids of the items that take their turn in a month: `rotation` of them, the whole round in order, one slice a month.
 * A sheet without rotation has all items in turn.
 * @param {Sheet} sheet
 * @param {string} month `YYYY-MM`
 * @returns {string[]}
 */
export function inTurn(sheet, month) {
  const others = itemsOf(sheet).filter((item) => !item.core).map((item) => item.id);
  const size = sheet.rotation;
  if (size === null || others.length <= size) return others;
  const slices = Math.ceil(others.length / size);
  const [year, number] = month.split("-").map(Number);
  const slice = ((year ?? 0) * 12 + (number ?? 1) - 1) % slices;
  return others.slice(slice * size, slice * size + size);
}

/**
 * Return the items asked now, in the sheet's order: core ones, those in turn, and of both only what is relevant to the answers
 * so far. Items answered before are kept even when their turn is over.
 * @param {Sheet} sheet
 * @param {{month: string, today: string, answers: Record<string, string>}} scope
 * @returns {Item[]}
 */
export function itemsAsked(sheet, scope) {
  const turn = new Set(inTurn(sheet, scope.month));
  return itemsOf(sheet)
    .filter((item) => item.core || turn.has(item.id) || scope.answers[item.id] !== undefined)
    .filter((item) => isRelevant(item, scope));
}

/**
 * @param {Item} item
 * @param {Known} scope
 */
export function isRelevant(item, scope) {
  return item.relevant === undefined || holds(item.relevant, { ...scope, self: scope.answers[item.id] ?? "" });
}

/**
 * Say whether an answer keeps the item's constraint. No answer and "not checked" always do.
 * @param {Item} item
 * @param {string} answer
 * @param {Known} scope
 */
export function isAllowed(item, answer, scope) {
  if (answer === "" || answer === UNCHECKED) return true;
  if (!isOfType(item, answer)) return false;
  return item.constraint === undefined || holds(item.constraint, { ...scope, ...item.stands, self: answer });
}

const ANSWER_FORM = /** @type {Record<string, RegExp>} */ ({
  integer: /^-?\d{1,12}$/,
  decimal: /^-?\d{1,12}(\.\d{1,6})?$/,
  date: /^20\d\d-\d\d-\d\d$/,
  time: /^\d\d:\d\d$/,
  dateTime: /^20\d\d-\d\d-\d\dT\d\d:\d\d$/,
  geopoint: /^-?\d{1,2}\.\d{1,7} -?\d{1,3}\.\d{1,7} 0 \d{1,6}$/,
  acknowledge: /^OK$/,
});

/** @param {Item} item @param {string} answer */
function isOfType(item, answer) {
  const form = ANSWER_FORM[item.type];
  return form === undefined || form.test(answer);
}

/**
 * Say how an item is asked. What another card of the visit already records is not asked twice: the item leads there.
 * @param {Item} item
 * @returns {Form}
 */
export function formOf(item) {
  const [word, list] = item.type.split(" ");
  if (word === "linked_findings") return "problems";
  if (word === "linked_questions") return "questions";
  if (word === "image") return "photo";
  if (item.shows?.includes("due_progress")) return "progress";
  if (list === "reached" && item.shows?.includes("milestone")) return "milestone";
  if (word === "select_one") return "choice";
  if (word === "select_multiple") return "choices";
  return FORMS[word ?? ""] ?? "text";
}

const FORMS = /** @type {Record<string, Form>} */ ({
  integer: "number", decimal: "number", date: "date", time: "time", dateTime: "moment", geopoint: "point", acknowledge: "acknowledge", note: "note",
  calculate: "silent", hidden: "silent",
});

/**
 * Return the choices of an item but "not checked", which every item has; for items without choices the empty list.
 * @param {Sheet} sheet
 * @param {Item} item
 * @param {Known} [scope] for a `choice_filter`; without it all of them
 * @returns {Choice[]}
 */
export function choicesOf(sheet, item, scope) {
  const [word, list] = item.type.split(" ");
  if (word !== "select_one" && word !== "select_multiple") return [];
  const choices = (sheet.choices[list ?? ""] ?? []).filter((choice) => choice.name !== UNCHECKED);
  const filter = item.choice_filter;
  if (!filter || scope === undefined) return choices;
  return choices.filter(({ name, columns }) => holds(filter, { ...scope, ...item.stands, self: "", columns: { ...columns, name } }));
}

/**
 * Add or take away one choice of several; one that excludes the others by the item's constraint takes their place.
 * @param {Item} item
 * @param {string} answer
 * @param {string} name
 * @param {Known} scope
 */
export function toggled(item, answer, name, scope) {
  const chosen = answer === UNCHECKED ? [] : answer.split(" ").filter(Boolean);
  if (chosen.includes(name)) return chosen.filter((each) => each !== name).join(" ");
  const together = [...chosen, name].join(" ");
  if (isAllowed(item, together, scope)) return together;
  const fitting = chosen.filter((each) => isAllowed(item, `${each} ${name}`, scope));
  return [...fitting, name].join(" ");
}

/**
 * Say whether a photo of the item is needed, given its answer.
 * @param {Item} item
 * @param {string} answer
 * @returns {"required" | "optional" | "none"}
 */
export function photoNeed(item, answer) {
  const photo = item.photo ?? (item.type === "image" ? "required" : "optional");
  if (answer === UNCHECKED) return photo === "none" ? "none" : "optional";
  if (photo === "required") return "required";
  if (!photo.startsWith("if:")) return photo === "optional" ? "optional" : "none";
  const when = photo.slice(3).split(",");
  return answer.split(" ").some((name) => when.includes(name)) ? "required" : "optional";
}

/**
 * Return the list an answer offers an entry in, or null. It is offered, never written by itself.
 * @param {Item} item
 * @param {string} answer
 * @returns {string | null}
 */
export function raisedList(item, answer) {
  if (item.raises === undefined || answer === "" || answer === UNCHECKED) return null;
  if (item.raises.when === undefined) return item.raises.list;
  return answer.split(" ").some((name) => item.raises?.when?.includes(name)) ? item.raises.list : null;
}

/**
 * Return the answers with everything asked and unanswered marked "not checked". What another card records stays open there.
 * @param {Item[]} asked
 * @param {Record<string, string>} answers
 */
export function withRestUnchecked(asked, answers) {
  const marked = { ...answers };
  for (const item of asked) {
    const form = formOf(item);
    if (form === "progress" || form === "milestone" || form === "problems" || form === "questions") continue;
    if ((marked[item.id] ?? "") === "") marked[item.id] = UNCHECKED;
  }
  return marked;
}
