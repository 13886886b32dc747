// @ts-check
// 潜绩回看: achievements whose day has come, each with what became of it. What cannot be told yet gets a new day.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { LOOK_BACK_MONTHS, LOOK_BACK_OUTCOMES, monthsLater } from "../../core/look_back.js";
import { lacking } from "../../core/part.js";
import { chip, chips, section, tag } from "../element.js";
import { choice, textField } from "../field.js";
import { dayText, t } from "../word.js";
import { fillIn, neededText } from "./filling.js";
import { change, partFor } from "./journey.js";
import { knownByChoice } from "./known_by.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { photosView } from "./photo.js";
import { returnedView } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {Record<string, any>} Row */

/** @param {Journey} visit @param {Row} achievement */
export function lookBackPart(visit, achievement) {
  return partFor(visit, "look_back", { entry: achievement["entity"] }, () => ({
    entry: achievement["entity"], visit: visit.entity, looked_on: today(), outcome: null, known_by: null, what: "", again_on: null,
  }));
}

/** @param {Journey} visit */
export function lookBacksView(visit) {
  const { lookBacks } = visit.target;
  if (lookBacks.length === 0) return nothing;
  return section({ title: t("look_back.title"), name: "look-backs", body: html`<div class="stack">${lookBacks.map((each) => lookBackView(visit, each))}</div>` });
}

/** @param {Journey} visit @param {Row} achievement */
function lookBackView(visit, achievement) {
  const { entity, what, seen_on, due_on } = achievement;
  const part = lookBackPart(visit, achievement);
  const { outcome } = part.body;
  const lacks = lacking(part.kind, part.body);
  const write = (/** @type {Record<string, unknown>} */ changes) => {
    fillIn(part.key);
    change(part, changes);
  };
  const told = (/** @type {string | null} */ value) => write({ outcome: value, again_on: null });
  return html`<div class="visit-item" data-name="before-${entity}" data-answered=${lacks.length > 0 ? "false" : "true"} @focusin=${() => fillIn(part.key)}>
    ${returnedView(visit, part)}
    <div class="card-tag">${tag({ label: `${dayText(seen_on)} · ${t("look_back.due_on", { date: dayText(due_on) })}` })}</div><h3>${what}</h3>
    ${choice({
      name: `outcome-${entity}`, label: t("outcome.title"), isLabelHidden: true, isTight: true, value: outcome,
      options: LOOK_BACK_OUTCOMES.map((each) => ({ value: each, label: t(`outcome.${each}`) })), onChoose: told, onClear: () => told(null),
    })}
    ${outcome === null ? nothing : html`
      ${outcome === "too_early" ? againView(part, lacks.includes("again_on"), (again_on) => write({ again_on })) : nothing}
      ${photosView(visit, { about: entity, label: t(`outcome.${outcome}`) })}
      ${textField({ name: `what-${entity}`, label: t("outcome.note"), value: part.body["what"], rows: 2, longest: longest(part.kind, "what"), onInput: (text) => write({ what: text }) })}
      ${knownByChoice({
        name: `known-${entity}`, value: part.body["known_by"], isOptional: outcome === "too_early",
        ...(lacks.includes("known_by") ? neededText(part.key, t("field.needed")) : {}),
        onChoose: (known_by) => write({ known_by }),
      })}`}
  </div>`;
}

/** @param {Part} part @param {boolean} isLacking @param {(day: string | null) => void} set */
function againView(part, isLacking, set) {
  const needed = isLacking ? neededText(part.key, t("look_back.again_needed")) : { ask: "" };
  return html`${laterChips(part.body["looked_on"], part.body["again_on"], set)}
    ${textField({
      name: `again-${part.body["entry"]}`, label: t("look_back.again_on"), type: "date", value: part.body["again_on"] ?? "", onInput: (value) => set(value || null),
      hint: "ask" in needed ? needed.ask : "", error: "error" in needed ? needed.error : "",
    })}`;
}

/**
 * The usual distances to the day to look back, one tap each.
 * @param {string} from
 * @param {string | null} present
 * @param {(day: string) => void} set
 */
export function laterChips(from, present, set) {
  return chips(LOOK_BACK_MONTHS.map((months) => {
    const day = monthsLater(from, months);
    return chip({ label: t(`look_back.months.${months}`), isOn: present === day, onTap: () => set(day), name: `months-${months}` });
  }), t("entry.look_back"));
}
