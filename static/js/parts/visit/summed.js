// @ts-check
// What a submitted visit came to: its summary and what it left to be looked at, and what the reviewers said, oldest first.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { row, rows, section } from "../element.js";
import { kindText } from "../line.js";
import { momentText, pair, t } from "../word.js";
import { lineOf } from "./recorded.js";
import { nameOf } from "./start.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./keep.js").Body} Body */

/** @param {Journey} visit */
export function summaryView({ visit: { body }, submission }) {
  const lines = [body["summary"], ...body["next_time"].map((/** @type {string} */ wish) => pair(t("visit.next_time"), wish))].filter(Boolean);
  if (!submission?.record || lines.length === 0) return nothing;
  return section({ title: t("visit.summary"), name: "summary", body: html`<ul class="plainlist">${lines.map((line) => html`<li>${line}</li>`)}</ul>` });
}

/** @param {Journey} visit */
export function decisionsView(visit) {
  if (visit.reviews.length === 0) return nothing;
  return section({ title: t("review.decisions"), name: "decisions", body: rows(visit.reviews.map((review) => decisionRow(visit, review))) });
}

/** What a decision is marked with; a return otherwise. @type {Record<string, import("../icon.js").IconName>} */
const DECIDED = { accepted: "safe", passed: "check" };

/** @param {Journey} visit @param {Body} review */
function decisionRow(visit, review) {
  const said = [review["reason"], ...review["items"].map((/** @type {Body} */ item) => itemText(visit, item))].filter(Boolean);
  return row({
    label: html`${t(`choice.decision.${review["decision"]}`)}${review["number"] ? ` · ${review["number"]}` : nothing}`, icon: DECIDED[review["decision"]] ?? "returned", name: "decision",
    note: html`${nameOf(visit.target, review["author"])} · ${momentText(review["captured_at"])}${said.map((text) => html`<br>${text}`)}`,
  });
}

/** By its words only while they are those the reviewer read: a correction answers the reason, it was not what was asked about. @param {Journey} visit @param {Body} item */
function itemText(visit, { entity, record, reason }) {
  const part = visit.parts.find((each) => each.entity === entity);
  if (part === undefined) return reason;
  return pair((part.record === record ? lineOf(visit, part) : "") || kindText(part), reason);
}
