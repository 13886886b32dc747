// @ts-check
// 节点: planned and reported stand there, what was found is asked: reached or not, since when, how much, how it is known.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { SLIP_CAUSES, lacksCause, needsProof, slipDays } from "../../core/milestone.js";
import { isEmpty, lacking } from "../../core/part.js";
import { chip, chips, empty, linkButton, row, rows, screen, section } from "../element.js";
import { choice, textField } from "../field.js";
import { address } from "../router.js";
import { dayText, inLanguage, labelOf, t } from "../word.js";
import { fillIn, neededText } from "./filling.js";
import { change as keep, partFor } from "./journey.js";
import { knownByChoice } from "./known_by.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { photosOf, photosView } from "./photo.js";
import { returnedView } from "./returned.js";
import { milestonesOf } from "./standing.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {Record<string, any>} Row */

const STATES = ["reached", "partly", "not_reached", "cannot_judge"];

/** @param {Journey} visit @param {Row} milestone */
export function reconciliationPart(visit, milestone) {
  return partFor(visit, "reconciliation", { milestone: milestone["entity"] }, () => ({
    visit: visit.entity, milestone: milestone["entity"], state: null, observed_on: null, observed_quantity: null, known_by: null, slip_causes: [], reason: "",
  }));
}

/**
 * @param {Journey} visit
 * @param {string} [entity] of the milestone; the list of all when left out
 */
export function milestoneView(visit, entity) {
  const asked = milestonesOf(visit);
  const milestone = visit.target.milestones.find((each) => each["entity"] === entity);
  if (milestone !== undefined) return oneView(visit, milestone);
  return screen({
    title: t("word.milestone"), back: address("visit", visit.entity),
    body: visit.target.milestones.length === 0 ? empty({ text: t("milestone.none") }) : rows(visit.target.milestones.map((each) => row({
      label: inLanguage(each), note: datesText(each), value: standingText(visit, each), name: "milestone-row",
      tone: asked.includes(each) && stateText(visit, each) === "" ? "warn" : "plain", href: address("visit", visit.entity, "milestone", each["entity"]),
    }))),
  });
}

/** @param {Journey} visit @param {Row} milestone */
export function stateText(visit, milestone) {
  const state = reconciliationPart(visit, milestone).body["state"];
  return state === null ? "" : t(`milestone.${state}`);
}

/** What is known of it: found on this visit, else the last time somebody looked; else whether it should be there by now. @param {Journey} visit @param {Row} milestone */
export function standingText(visit, milestone) {
  const found = stateText(visit, milestone);
  if (found !== "") return found;
  const before = visit.target.reconciliations.filter((row) => row["milestone"] === milestone["entity"] && row["visit"] !== visit.entity).at(-1);
  if (before !== undefined) return t("checklist.last_answer", { answer: t(`milestone.${before["state"]}`) });
  return t(milestone["planned_on"] < today() ? "milestone.unchecked" : "milestone.ahead");
}

/** @param {Row} milestone */
function datesText(milestone) {
  const planned = t("milestone.planned_on", { date: dayText(milestone["planned_on"]) });
  return milestone["reported_on"] ? `${planned} · ${t("milestone.reported_date")} ${dayText(milestone["reported_on"])}` : planned;
}

/** What has not slipped has no cause of it. @param {Part} part @param {Row} milestone @param {Record<string, unknown>} changes */
function change(part, milestone, changes) {
  fillIn(part.key);
  const isOnTime = slipDays(milestone["planned_on"], /** @type {any} */ ({ ...part.body, ...changes }), today()) <= 0;
  keep(part, isOnTime && (part.body["slip_causes"] ?? []).length > 0 ? { ...changes, slip_causes: [] } : changes);
}

/** @param {Journey} visit @param {Row} milestone */
function oneView(visit, milestone) {
  const part = reconciliationPart(visit, milestone);
  const { body } = part;
  const lacks = isEmpty("reconciliation", body) ? [] : lacking("reconciliation", body);
  const needed = (/** @type {string} */ member) => (lacks.includes(member) ? neededText(part.key, t("field.needed")) : {});
  return screen({
    title: inLanguage(milestone), back: address("visit", visit.entity),
    body: html`${returnedView(visit, part)}
      ${rows([
        row({ label: t("project.planned"), value: dayAndQuantity(visit, milestone["planned_on"], milestone["planned_quantity"]) }),
        row({ label: t("project.reported"), value: dayAndQuantity(visit, milestone["reported_on"], milestone["reported_quantity"]) || t("milestone.not_reported") }),
        milestone["key_part"] ? row({ label: t("milestone.key_part"), value: inLanguage(milestone, "key_part") }) : nothing,
        milestone["proof"] ? row({ label: t("milestone.proof"), value: inLanguage(milestone, "proof") }) : nothing,
      ])}
      ${choice({
        name: "state", label: t("milestone.found"), isTight: true, value: body["state"], ...needed("state"),
        options: STATES.map((state) => ({ value: state, label: t(`milestone.${state}`) })), onChoose: (state) => change(part, milestone, { state }),
        onClear: () => change(part, milestone, { state: null }),
      })}
      ${knownByChoice({ value: body["known_by"], ...needed("known_by"), isOptional: true, onChoose: (known_by) => change(part, milestone, { known_by }) })}
      ${body["state"] === "reached" ? dateView(part, milestone) : nothing}
      ${textField({
        name: "observed_quantity", label: quantityLabel(visit), inputMode: "decimal",
        value: body["observed_quantity"] ?? "",
        ...(isQuantity(body["observed_quantity"]) ? {} : { error: t("checklist.not_allowed") }),
        onInput: (text) => change(part, milestone, { observed_quantity: text.normalize("NFKC").trim() || null }),
      })}
      ${slipView(part, milestone)}
      ${needsProof(/** @type {any} */ (body)) && photosOf(visit, { about: milestone["entity"] }).length === 0 ? html`<p class="field-hint" data-name="proof-needed">${t("milestone.proof_needed")}</p>` : nothing}
      ${photosView(visit, { about: milestone["entity"], label: inLanguage(milestone) })}`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}

/** @param {Journey} visit */
function quantityLabel(visit) {
  const measure = inLanguage(visit.target.project, "measure");
  return measure ? t("milestone.quantity", { measure }) : labelOf("reconciliation", "observed_quantity");
}

/** @param {string | null} text */
export function isQuantity(text) {
  return text === null || /^-?\d{1,12}(\.\d{1,6})?$/.test(text);
}

/** @param {Journey} visit @param {string | null | undefined} on @param {string | null | undefined} quantity */
function dayAndQuantity(visit, on, quantity) {
  const amount = quantity ? `${quantity} ${inLanguage(visit.target.project, "measure")}`.trim() : "";
  return [on ? dayText(on) : "", amount].filter(Boolean).join(" · ");
}

/** @param {Part} part @param {Row} milestone */
function dateView(part, milestone) {
  const set = (/** @type {string | null} */ observed_on) => change(part, milestone, { observed_on });
  return html`${textField({
    name: "observed_on", label: t("milestone.observed_date"), type: "date", value: part.body["observed_on"] ?? "",
    onInput: (value) => set(value || null),
  })}
    ${chips([
      chip({ label: t("milestone.today"), isOn: part.body["observed_on"] === today(), onTap: () => set(today()) }),
      milestone["reported_on"] ? chip({
        label: t("milestone.same_as_reported"), isOn: part.body["observed_on"] === milestone["reported_on"],
        onTap: () => set(milestone["reported_on"]),
      }) : nothing,
    ], t("milestone.observed_date"))}`;
}

/** By how much it slipped and why: causes by a tap, the rest in words. @param {Part} part @param {Row} milestone */
function slipView(part, milestone) {
  const { state, reason, slip_causes: causes = [] } = part.body;
  const found = /** @type {any} */ (part.body);
  const days = slipDays(milestone["planned_on"], found, today());
  const isOpen = days > 0 || state === "partly" || state === "not_reached";
  const toggled = (/** @type {string} */ cause) => SLIP_CAUSES.filter((each) => (each === cause ? !causes.includes(each) : causes.includes(each)));
  return html`${days === 0 ? nothing : html`<p class="visit-last" data-name="slip">${t(lateKey(state, days), { n: Math.abs(days) })}</p>`}
    ${days > 0 ? section({
      title: labelOf("reconciliation", "slip_causes"), name: "slip-causes",
      body: html`${chips(SLIP_CAUSES.map((cause) => chip({
        label: t(`choice.slip_causes.${cause}`), isOn: causes.includes(cause), name: `cause-${cause}`,
        onTap: () => change(part, milestone, { slip_causes: toggled(cause) }),
      })), labelOf("reconciliation", "slip_causes"))}
      ${lacksCause(milestone["planned_on"], found, today()) ? html`<p class="field-hint">${t("milestone.cause_needed")}</p>` : nothing}`,
    }) : nothing}
    ${isOpen ? textField({
      name: "reason", label: t("milestone.reason"), value: reason, rows: 2, longest: longest("reconciliation", "reason"),
      onInput: (text) => change(part, milestone, { reason: text }),
    }) : nothing}`;
}

/** @param {string | null} state @param {number} days */
function lateKey(state, days) {
  if (days < 0) return "milestone.early";
  return state === "reached" ? "milestone.late" : "milestone.late_so_far";
}
