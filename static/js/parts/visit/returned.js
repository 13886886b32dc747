// @ts-check
// What the supervisor said when a visit came back: for the visit and for each item, shown where it is to be mended.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { banner } from "../element.js";
import { t } from "../word.js";
import { archivedView, covers } from "./archived.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {{at: string, reason: string, items: {entity: string, record: string, reason: string}[]}} Return */

/**
 * Return the return that stands: the newest decision, when it sent the visit back and nothing was submitted since.
 * @param {Journey} visit
 * @returns {Return | null}
 */
export function standingReturn(visit) {
  const last = visit.reviews.at(-1);
  if (last === undefined || last["decision"] !== "returned") return null;
  if (!covers(visit, last)) return null;
  const items = /** @type {Return["items"]} */ (last["items"]).filter((item) => isAsked(visit, item));
  const isWhole = visit.visit.isOwn && (last["reason"] !== "" || last["items"].length === 0);
  return isWhole || items.length > 0 ? { at: last["captured_at"], reason: last["reason"], items } : null;
}

/** Whoever recorded an item mends it; what this phone does not know is the main recorder's to look for. @param {Journey} visit @param {{entity: string}} item */
function isAsked(visit, { entity }) {
  return [visit.visit, ...visit.parts].find((part) => part.entity === entity)?.isOwn ?? visit.visit.isOwn;
}

/**
 * Say what state a part's words are in, and why it came back.
 * @param {Journey} visit
 * @param {Part} part
 */
export function returnedView(visit, part) {
  const accepted = archivedView(visit);
  if (accepted !== nothing) return accepted;
  const reason = standingReturn(visit)?.items.find((item) => item.entity === part.entity)?.reason;
  const isRevised = part.record !== null && part.draft !== null;
  return html`
    ${reason ? banner({ tone: "warn", icon: "returned", title: t("review.return"), body: reason, name: "returned-reason" }) : nothing}
    ${isRevised ? banner({ icon: "note", body: t("visit.correcting"), name: "correcting" }) : nothing}
    ${part.record !== null && part.draft === null ? banner({ icon: "safe", body: t("visit.sealed_note"), name: "sealed" }) : nothing}`;
}
