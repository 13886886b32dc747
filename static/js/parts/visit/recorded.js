// @ts-check
// What was recorded on a visit: one card each, newest first; every card opens its editor.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { isUnused, lacking } from "../../core/part.js";
import { stateOfAll } from "../../core/state.js";
import { button, card, row, rows, section, stateWord, tag } from "../element.js";
import { kindText, lineText, subjectName } from "../line.js";
import { address } from "../router.js";
import { dayText, t, timeText } from "../word.js";
import { isDoubtful } from "./capture.js";
import { restore } from "./journey.js";
import { photoCard } from "./photo.js";
import { standingReturn } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

/** What is recorded of things from before. */
const BEFORE = new Set(["outcome", "recheck", "look_back"]);

/**
 * Return the address of the editor of a part.
 * @param {string} visit
 * @param {Pick<Part, "kind" | "entity" | "body">} part
 */
export function editorOf(visit, part) {
  const { body, entity } = part;
  if (part.kind === "photo") return address("visit", visit, "photo", entity);
  if (part.kind === "entry") return address("visit", visit, "entry", entity);
  if (part.kind === "interview") return address("visit", visit, "talk", entity);
  if (part.kind === "annex") return address("visit", visit, "talk", body["interview"], "annex");
  if (part.kind === "claim") return address("visit", visit, "claim", entity);
  if (part.kind === "meeting") return address("visit", visit, "meeting", entity);
  if (part.kind === "confirmation") return address("visit", visit, "confirm");
  if (part.kind === "appraisal") return address("visit", visit, "appraise", entity);
  if (part.kind === "day_log") return address("visit", visit, "day", body["day_on"]);
  if (part.kind === "progress") return address("visit", visit, "progress");
  if (part.kind === "answer") return address("visit", visit, "check");
  if (part.kind === "reconciliation") return address("visit", visit, "milestone", body["milestone"]);
  if (BEFORE.has(part.kind)) return address("visit", visit, "before");
  return address("visit", visit, "finish");
}

/** What was found of something said on this visit stands with it. @param {Journey} visit @param {Part} part */
export function hrefOf(visit, part) {
  const said = visit.parts.find((each) => each.kind === "claim" && each.entity === part.body["about"]);
  return editorOf(visit.entity, part.kind === "outcome" && said !== undefined ? said : part);
}

/** @param {Journey} visit */
export function recordedView(visit) {
  // What is confidential stands with its talk, and is not shown in a list.
  const shown = visit.parts.filter((part) => part.kind !== "annex" && !isUnused(part, visit.parts));
  const photos = shown.filter((part) => part.kind === "photo" && part.body["about"] !== null && part.body["about"] !== undefined);
  const cards = shown.filter((part) => !photos.includes(part));
  return section({
    title: t("visit.recorded"), aside: html`<span class="visit-count">${cards.length + photos.length}</span>`, name: "recorded",
    body: html`<div class="cards">
      ${repeat(cards, keyOf, (part) => partCard(visit, part, photos.filter((photo) => photo.body["about"] === part.entity).length))}
      ${repeat(orphans(photos, cards), keyOf, (photo) => photoCard(visit, photo, tagsOf(visit, photo)))}
    </div>${discardedView(visit)}`,
  });
}

/** Lists are kept by their parts, so that a new photo on top does not read all pictures again. @param {Part} part */
function keyOf({ key }) {
  return key;
}

/** Photos whose matter has no card of its own. @param {Part[]} photos @param {Part[]} cards */
function orphans(photos, cards) {
  const shown = new Set(cards.map((part) => part.entity));
  return photos.filter((photo) => !shown.has(photo.body["about"]));
}

/** @param {Journey} visit @param {Part} part @param {number} photos */
function partCard(visit, part, photos) {
  if (part.kind === "photo") return photoCard(visit, part, tagsOf(visit, part));
  return card({
    tag: tagsOf(visit, part), href: hrefOf(visit, part), name: `part-${part.kind}`,
    body: html`<p class="visit-line">${lineOf(visit, part)}</p>${photos > 0 ? html`<p>${t("photo.count", { n: photos })}</p>` : nothing}`,
  });
}

/** @param {Journey} visit @param {Part} part */
function tagsOf(visit, part) {
  const state = visit.states[part.entity];
  const whole = stateOfAll(Object.values(visit.states).map((each) => /** @type {import("../../core/state.js").State} */ (each.state)));
  const isReturned = standingReturn(visit)?.items.some((item) => item.entity === part.entity);
  const isBegun = part.draft !== null && lacking(part.kind, part.body).length > 0;
  return html`${tag({ label: kindText(part) })}<span class="visit-time">${part.kind === "appraisal" ? dayText(part.body["held_on"]) : timeText(part.opened_at)}</span>
    ${isReturned ? tag({ label: t("review.return"), tone: "warn", icon: "returned" }) : nothing}
    ${isDoubtful(part.local.problem) ? tag({ label: t("photo.bad_short"), tone: "warn", icon: "warning" }) : nothing}
    ${isBegun ? tag({ label: t("visit.begun"), tone: "warn" }) : nothing}
    ${part.draft !== null && part.record !== null ? tag({ label: t("visit.correction") }) : nothing}
    ${state && part.draft === null && state.state !== whole ? stateWord(state.state, { photos: state.photos }) : nothing}`;
}

/**
 * Say in one line what a part holds.
 * @param {Journey} visit
 * @param {Part} part
 */
export function lineOf(visit, part) {
  const said = visit.parts.filter((each) => each.kind === "claim").map((each) => ({ ...each.body, entity: each.entity }));
  const named = [...said, ...visit.target.subjects, ...visit.target.milestones];
  return lineText(part, (entity, item) => subjectName(named.find((each) => each["entity"] === entity), item));
}

/** @param {Journey} visit */
function discardedView(visit) {
  const shown = visit.discarded.filter((part) => part.kind !== "annex" && !isUnused(part, visit.discarded) && part.kind !== "submission");
  if (shown.length === 0) return nothing;
  return html`<details class="visit-dropped"><summary>${t("visit.dropped", { n: shown.length })}</summary>
    ${rows(shown.map((part) => row({
      label: lineOf(visit, part), note: kindText(part), value: button({ label: t("visit.restore"), icon: "undo", onTap: () => void restore(part) }),
    })))}</details>`;
}
