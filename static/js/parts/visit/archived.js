// @ts-check
// 已归档: a visit that was accepted is there to be read. What was written after the submission and never sent stays open, so that it
// can still be sent as a correction.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { banner } from "../element.js";
import { dayText, t } from "../word.js";

/** @typedef {import("./journey.js").Journey} Journey */

/**
 * Return the acceptance that stands: the newest decision, when it is about what this person submitted last.
 * @param {Journey} visit
 * @returns {{number: string, on: string} | null}
 */
export function acceptanceOf(visit) {
  const last = visit.reviews.at(-1);
  if (last === undefined || last["decision"] !== "accepted") return null;
  return covers(visit, last) ? { number: last["number"] ?? "", on: last["captured_at"] } : null;
}

/**
 * Say whether a decision is about what this person submitted last: about that itself, or about what a colleague of the same visit submitted
 * after it had come.
 * @param {Pick<Journey, "judged" | "places">} visit
 * @param {Record<string, any>} review
 */
export function covers({ judged, places }, { submission }) {
  if (judged === null || judged === submission) return true;
  const [own, decided] = [places.get(judged) ?? null, places.get(submission) ?? null];
  return own !== null && decided !== null && own < decided;
}

/** Whether nothing of it may be changed any more. @param {Journey} visit */
export function isArchived(visit) {
  return acceptanceOf(visit) !== null && [visit.visit, ...visit.parts].every((part) => part.draft === null);
}

/** @param {Journey} visit */
export function archivedView(visit) {
  const accepted = acceptanceOf(visit);
  if (accepted === null) return nothing;
  return banner({
    tone: "good", icon: "safe", name: "archived",
    title: html`${t("review.filed")}${accepted.number ? html` · ${accepted.number}` : nothing}`,
    body: t(isArchived(visit) ? "visit.archived_note" : "visit.archived_open", { date: dayText(accepted.on) }),
  });
}

/**
 * A screen with every field and button of it switched off; links still lead on.
 * @param {unknown} screen
 */
export function readOnly(screen) {
  return html`<fieldset class="read-only" disabled>${screen}</fieldset>`;
}
