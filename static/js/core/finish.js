// @ts-check
// What a visit should have and does not: the list shown at the end, each with the screen that mends it. The visit may be submitted
// all the same, with a reason; only what could not be sealed at all (`unready`) must be mended or discarded first.

import { formOf, isAllowed, markOf, photoNeed } from "./checklist.js";
import { needsPhoto } from "./follow_up.js";
import { needsProof } from "./milestone.js";
import { isEmpty, lacking } from "./part.js";

const TWO_INSPECTORS = 2;
const HERE = new Set(["choice", "choices", "number", "date", "time", "moment", "text", "point", "acknowledge"]);

/** @typedef {import("./part.js").Part} Part */
/** @typedef {{what: string, item: string}} Missing `what`: a stable word; `item`: the id meant, or empty */
/**
 * @typedef {object} Standing
 * @property {{team: string[], manner: string}} visit
 * @property {boolean} is_unit
 * @property {boolean} [is_guest] somebody joined a colleague's visit, and answers for what they recorded only
 * @property {Part[]} parts open drafts and sealed parts, without discarded ones
 * @property {string[]} questions entities to be answered
 * @property {string[]} claims
 * @property {string[]} problems
 * @property {{entity: string, item: string}[]} decisions of meetings
 * @property {string[]} look_backs achievements whose day has come
 * @property {string[]} unexplained milestones found late without a cause
 * @property {string[]} milestones to be reconciled on this visit
 * @property {{sheet: string, items: import("./checklist.js").Item[], answers: Record<string, string>, is_required: boolean}[]} sheets items asked
 * @property {string} today
 * @property {{at: string, items: {entity: string, record: string}[]} | null} returned the return that stands: when, and the items sent back
 */

/**
 * Return what is missing, in the order of the screens.
 * @param {Standing} standing
 * @returns {Missing[]}
 */
export function missing(standing) {
  const { parts } = standing;
  return [
    ...unmended(standing),
    ...(!standing.is_guest && standing.visit.team.length < TWO_INSPECTORS ? [{ what: "team", item: "" }] : []),
    ...(standing.is_guest || standing.is_unit || parts.some(isObserved) ? [] : [{ what: "progress", item: "" }]),
    ...unanswered(parts, "question", standing.questions),
    ...unanswered(parts, "claim", standing.claims),
    ...unchecked(parts, "recheck", standing.problems).map((item) => ({ what: "problem", item })),
    ...undecided(parts, standing.decisions),
    ...unchecked(parts, "look_back", standing.look_backs).map((item) => ({ what: "look_back", item })),
    ...unproven(parts),
    ...unreconciled(parts, standing.milestones),
    ...standing.unexplained.map((item) => ({ what: "slip_cause", item })),
    ...unshown(parts),
    ...standing.sheets.flatMap((sheet) => openItems(standing, sheet)),
  ];
}

/** Items sent back without a correction and without anything added about them since. @param {Standing} standing @returns {Missing[]} */
function unmended({ returned, parts }) {
  const isMended = (/** @type {{entity: string, record: string}} */ { entity, record }) => {
    const part = parts.find((each) => each.entity === entity);
    return part !== undefined && (part.draft !== null || part.record !== record || parts.some((each) => isAddedTo(part, each, returned?.at ?? "")));
  };
  return (returned?.items ?? []).filter((item) => !isMended(item)).map(({ entity }) => ({ what: "returned", item: entity }));
}

/** Whether a photo taken since shows the part, or the same as a photo sent back. @param {Part} part @param {Part} photo @param {string} at */
function isAddedTo(part, photo, at) {
  if (photo.kind !== "photo" || lacking("photo", photo.body).length > 0 || Date.parse(photo.opened_at) <= Date.parse(at)) return false;
  const isSame = part.kind === "photo" && photo.body.about === part.body.about && photo.body.item === part.body.item;
  return isSame || photo.body.about === part.entity;
}

/** @param {Part} part */
function isObserved(part) {
  return part.kind === "progress" && lacking("progress", part.body).length === 0;
}

/** @param {Part[]} parts @param {string} what @param {string[]} entities @returns {Missing[]} */
function unanswered(parts, what, entities) {
  const answered = new Set(parts.filter((part) => part.kind === "outcome" && part.body.outcome).map((part) => part.body.about));
  return entities.filter((entity) => !answered.has(entity)).map((item) => ({ what, item }));
}

/** Meetings with a decision that has no outcome. @param {Part[]} parts @param {{entity: string, item: string}[]} decisions @returns {Missing[]} */
function undecided(parts, decisions) {
  const told = new Set(parts.filter((part) => part.kind === "outcome" && part.body.outcome).map((part) => `${part.body.about} ${part.body.item ?? ""}`));
  const open = decisions.filter(({ entity, item }) => !told.has(`${entity} ${item}`));
  return [...new Set(open.map(({ entity }) => entity))].map((item) => ({ what: "decision", item }));
}

/** @param {Part[]} parts @param {string} kind @param {string[]} entities of entries */
function unchecked(parts, kind, entities) {
  const looked = new Set(parts.filter((part) => part.kind === kind && part.body.outcome).map((part) => part.body.entry));
  return entities.filter((entity) => !looked.has(entity));
}

/** @param {Part[]} parts @param {string[]} entities @returns {Missing[]} */
function unreconciled(parts, entities) {
  const seen = new Set(parts.filter((part) => part.kind === "reconciliation" && part.body.state).map((part) => part.body.milestone));
  return entities.filter((entity) => !seen.has(entity)).map((item) => ({ what: "milestone", item }));
}

/** Milestones observed without a photo of the works or of the paper that proves it. @param {Part[]} parts @returns {Missing[]} */
function unshown(parts) {
  const { abouts } = photographed(parts);
  return parts
    .filter((part) => part.kind === "reconciliation" && needsProof(/** @type {any} */ (part.body)) && !abouts.has(part.body.milestone))
    .map((part) => ({ what: "milestone_proof", item: part.body.milestone }));
}

/** What is called fixed without a photo of the site. @param {Part[]} parts @returns {Missing[]} */
function unproven(parts) {
  const shown = photographed(parts);
  return parts
    .filter((part) => (part.kind === "outcome" || part.kind === "recheck") && needsPhoto(part.body.outcome))
    .map((part) => part.body.about ?? part.body.entry)
    .filter((entity) => !shown.abouts.has(entity))
    .map((item) => ({ what: "fixed_photo", item }));
}

/** @param {Part[]} parts */
function photographed(parts) {
  const photos = parts.filter((part) => part.kind === "photo" && lacking("photo", part.body).length === 0);
  return { abouts: new Set(photos.map((part) => part.body.about)), items: new Set(photos.map((part) => part.body.item)) };
}

/**
 * @param {Standing} standing
 * @param {Standing["sheets"][number]} sheet
 * @returns {Missing[]}
 */
function openItems(standing, sheet) {
  const { items } = photographed(standing.parts);
  const scope = { answers: sheet.answers, today: standing.today };
  /** @type {Missing[]} */
  const found = [];
  for (const item of sheet.items) {
    const answer = sheet.answers[item.id] ?? "";
    const [form, mark] = [formOf(item), markOf(item)];
    const isNeeded = item.is_needed ?? sheet.is_required;
    if (!isAllowed(item, answer, scope)) found.push({ what: "item_wrong", item: mark });
    else if (form === "photo" && isNeeded && answer === "" && !items.has(mark)) found.push({ what: "item_photo", item: mark });
    else if (isNeeded && answer === "" && isAskedHere(form)) found.push({ what: "item", item: mark });
    else if (answer !== "" && photoNeed(item, answer) === "required" && !items.has(mark)) found.push({ what: "item_photo", item: mark });
  }
  return found;
}

/** Whether an item is answered on the checklist itself; the rest is counted where it is recorded. @param {string} form */
export function isAskedHere(form) {
  return HERE.has(form);
}

/**
 * Return the parts that could not be sealed as they are: begun and not complete, or with more text than the archive takes.
 * @template {Part} P
 * @param {P[]} parts
 * @param {(part: P) => unknown[]} excessOf what of a part is too long
 * @returns {P[]}
 */
export function unready(parts, excessOf) {
  const isBegun = (/** @type {P} */ part) => !isEmpty(part.kind, part.body) && lacking(part.kind, part.body).length > 0;
  return parts.filter((part) => part.draft !== null && (isBegun(part) || excessOf(part).length > 0));
}
