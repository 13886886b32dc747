// @ts-check
// A visit that came back: what the supervisor said of each item, and the way to mend it. Mending opens a draft that supersedes.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { banner, card, empty, linkButton, screen, tag } from "../element.js";
import { address } from "../router.js";
import { t } from "../word.js";
import { isCorrected } from "./journey.js";
import { hrefOf, lineOf } from "./recorded.js";
import { standingReturn } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */

/** @param {Journey} visit */
export function correctView(visit) {
  const returned = standingReturn(visit);
  if (returned === null) return screen({
    title: t("review.return"), back: address("visit", visit.entity), body: empty({ icon: "check", text: t("visit.not_returned") }),
  });
  return screen({
    title: t("review.return"), back: address("visit", visit.entity),
    body: html`
      ${returned.reason ? banner({ tone: "warn", icon: "returned", body: returned.reason }) : ""}
      <div class="stack">${returned.items.map((item) => itemCard(visit, item))}</div>`,
    bar: html`${linkButton({ label: t("word.visit"), href: address("visit", visit.entity) })}
      ${linkButton({ label: t("visit.resubmit"), kind: "primary", href: address("visit", visit.entity, "finish"), name: "finish" })}`,
  });
}

/** @param {Journey} visit @param {{entity: string, reason: string}} item */
function itemCard(visit, item) {
  const part = [visit.visit, ...visit.parts].find((each) => each.entity === item.entity);
  const isMended = part !== undefined && isCorrected(part);
  return card({
    title: part === undefined || part === visit.visit ? t("word.visit") : lineOf(visit, part), name: "returned-item",
    tag: tag({ label: t(isMended ? "visit.correction" : "visit.to_mend"), tone: isMended ? "good" : "warn" }),
    body: html`<p class="said">${item.reason}</p>`,
    href: part === undefined ? address("visit", visit.entity) : hrefOf(visit, part),
  });
}
