// @ts-check
// 现场确认: the unit visited reads what was recorded and says whether it is so. Never on a covert visit; a refusal is an outcome like the others.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { shownTo } from "../../core/confirmation.js";
import { lacking } from "../../core/part.js";
import { banner, button, empty, row, rows, screen, section } from "../element.js";
import { choice, textField } from "../field.js";
import { kindText } from "../line.js";
import { address, go } from "../router.js";
import { t } from "../word.js";
import { change, discard, partFor } from "./journey.js";
import { keptView } from "./kept.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { photosView } from "./photo.js";
import { lineOf } from "./recorded.js";
import { returnedView } from "./returned.js";
import { signaturePad } from "./signature.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

const OUTCOMES = ["correct", "remark", "disputed", "refused"];
const PROOFS = ["paper", "screen"];

/** Nobody on site knows of a covert visit. @param {Journey} visit */
export function isConfirmable(visit) {
  return visit.visit.body["manner"] !== "covert";
}

/** @param {Journey} visit */
export function confirmationPart(visit) {
  return partFor(visit, "confirmation", {}, () => ({
    visit: visit.entity, confirmed_on: today(), outcome: null, proof: null, by: visit.visit.body["accompanied_by"], said: "", shown: [], signature: [],
  }));
}

/** Say in a few words what came of it. @param {Journey} visit */
export function confirmationText(visit) {
  const { outcome, by } = confirmationPart(visit).body;
  return outcome === null ? t("confirmation.none") : [t(`confirmation.outcome.${outcome}`), by].filter(Boolean).join(" · ");
}

/** @param {Journey} visit */
export function confirmationView(visit) {
  const back = address("visit", visit.entity);
  if (!isConfirmable(visit)) return screen({ title: t("confirmation.title"), back, body: empty({ icon: "warning", text: t("confirmation.covert") }) });
  const part = confirmationPart(visit);
  const { outcome, proof, signature } = part.body;
  const shown = shownTo(visit.parts).map((each) => ({ entity: each.entity, words: lineOf(visit, each), kind: kindText(each) })).filter(({ words }) => words.trim() !== "");
  const read = shown.map(({ entity, words }) => ({ entity, words: words.trim() }));
  const write = (/** @type {Record<string, unknown>} */ changes) => change(part, changes);
  // What is answered or signed is what stands there now; a word corrected afterwards is not signed by it.
  const answer = (/** @type {Record<string, unknown>} */ changes) => write({ shown: read, ...changes });
  const isOutdated = outcome !== null && JSON.stringify(part.body["shown"]) !== JSON.stringify(read);
  const field = (/** @type {string} */ name, /** @type {string} */ label, more = {}) => textField({
    name, label, value: part.body[name], longest: longest("confirmation", name), onInput: (text) => write({ [name]: text }), ...more,
  });
  return screen({
    title: t("confirmation.title"), note: part.draft === null ? t("confirmation.hand_over") : keptView(), back,
    body: html`${returnedView(visit, part)}
      ${section({
        title: t("confirmation.shown"), name: "shown", aside: html`<span class="visit-count">${shown.length}</span>`,
        body: shown.length === 0 ? html`<p>${t("confirmation.nothing")}</p>` : rows(shown.map(({ words, kind }) => row({ label: words, note: kind }))),
      })}
      <p class="field-hint">${t("confirmation.not_shown")}</p>
      ${isOutdated ? banner({
        tone: "warn", icon: "warning", title: t("confirmation.outdated"), name: "outdated",
        body: button({ label: t("confirmation.read_again"), onTap: () => answer({ signature: [] }), name: "read-again" }),
      }) : nothing}
      ${choice({
        name: "outcome", label: t("confirmation.outcome"), value: outcome,
        options: OUTCOMES.map((each) => ({ value: each, label: t(`confirmation.outcome.${each}`) })),
        onChoose: (value) => answer(value === "refused" ? { outcome: value, proof: null, signature: [] } : { outcome: value }),
        onClear: () => write({ outcome: null }),
      })}
      ${outcome === null ? nothing : field("by", t("confirmation.by"))}
      ${outcome === null || outcome === "correct" ? nothing : field("said", t(outcome === "refused" ? "confirmation.why" : "confirmation.said"), { rows: 3 })}
      ${outcome === null || outcome === "refused" ? nothing : html`
        ${choice({
          name: "proof", label: t("confirmation.proof"), value: proof,
          options: PROOFS.map((each) => ({ value: each, label: t(`confirmation.proof.${each}`) })),
          onChoose: (value) => answer({ proof: value, signature: [] }), onClear: () => write({ proof: null, signature: [] }),
        })}
        ${proof === "paper" && part.draft !== null ? html`<div data-name="confirmation-paper">${photosView(visit, { about: part.entity, label: t("confirmation.title") })}</div>` : nothing}
        ${proof === "screen" ? signaturePad({ strokes: signature, onChange: (strokes) => answer({ signature: strokes }) }) : nothing}`}`,
    bar: html`${part.draft !== null && part.entity !== "" ? button({ label: t("visit.drop"), kind: "quiet", onTap: () => void drop(visit, part), name: "drop" }) : nothing}
      ${button({ label: t("act.done"), kind: lacking(part.kind, part.body).length > 0 ? "plain" : "primary", onTap: () => go(back), name: "done" })}`,
  });
}

/** @param {Journey} visit @param {Part} part */
async function drop(visit, part) {
  await discard(part);
  go(address("visit", visit.entity), { isInstead: true });
}
