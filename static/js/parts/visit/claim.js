// @ts-check
// 现场所述: what the unit says on site, who said it, with its figure. It is verified here and now, or asked again on the next visit.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { FACT_OUTCOMES } from "../../core/follow_up.js";
import { button, screen } from "../element.js";
import { textField } from "../field.js";
import { address, go } from "../router.js";
import { attempt } from "../shell.js";
import { t } from "../word.js";
import { change, discard, openPart } from "./journey.js";
import { keptView } from "./kept.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { itemView, outcomePart } from "./question.js";
import { returnedView } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

/** @param {Journey} visit */
export async function addClaim(visit) {
  await attempt(async () => {
    const body = { visit: visit.entity, origin: "said", list: null, what: "", what_en: "", figure: "", claimed_by: "", claimed_on: today() };
    const draft = await openPart(visit, "claim", body);
    go(address("visit", visit.entity, "claim", draft.entity));
  });
}

/**
 * @param {Journey} visit
 * @param {Part} part
 */
export function claimView(visit, part) {
  const { body, entity } = part;
  const field = (/** @type {string} */ name, more = {}) => textField({
    name, label: t(`claim.${name}`), value: body[name], longest: longest("claim", name), onInput: (text) => change(part, { [name]: text }), ...more,
  });
  return screen({
    title: t("claim.said"), back: address("visit", visit.entity), note: part.draft === null ? undefined : keptView(),
    body: html`${returnedView(visit, part)}
      ${field("what", { rows: 3 })}
      ${field("claimed_by", { hint: t("interview.no_name") })}
      ${field("figure", { hint: t("claim.figure_hint") })}
      ${itemView(visit, { entity, what: t("claim.verify") }, outcomePart(visit, { entity }), nothing, FACT_OUTCOMES)}
      <p class="field-hint">${t("claim.later")}</p>`,
    bar: html`${part.draft !== null ? button({ label: t("visit.drop"), kind: "quiet", onTap: () => void drop(visit, part), name: "drop" }) : nothing}
      ${button({ label: t("act.done"), kind: "primary", onTap: () => go(address("visit", visit.entity)), name: "done" })}`,
  });
}

/** What was found of it goes with it. @param {Journey} visit @param {Part} part */
async function drop(visit, part) {
  const outcome = outcomePart(visit, part);
  if (outcome.draft !== null) await discard(outcome);
  await discard(part);
  go(address("visit", visit.entity), { isInstead: true });
}
