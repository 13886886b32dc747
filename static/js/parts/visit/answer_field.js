// @ts-check
// How an item of a checklist is answered: choices, what is typed, a position, a tick. Nothing is prefilled; *not checked* is always there.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { UNCHECKED, choicesOf, formOf, isAllowed, toggled } from "../../core/checklist.js";
import { position } from "../../device/position.js";
import { button, chip, chips, linkButton } from "../element.js";
import { choice, textField } from "../field.js";
import { address } from "../router.js";
import { say } from "../shell.js";
import { t } from "../word.js";
import { said } from "./answer_word.js";
import { change } from "./journey.js";
import { longest } from "./limit.js";
import { instantNow, today } from "./moment.js";
import { milestonesOf } from "./standing.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./standing.js").Page} Page */
/** @typedef {import("../../core/checklist.js").Item} Item */
/** @typedef {import("../../core/checklist.js").Known} Known */

const ACKNOWLEDGED = "OK";
const TYPES = /** @type {Record<string, "date" | "time" | "datetime-local">} */ ({ date: "date", time: "time", moment: "datetime-local" });

/** What expressions of a page may ask for. @param {Page} page @returns {Known} */
export function knownOf(page) {
  return { answers: page.answers, today: today(), now: instantNow() };
}

/** What was calculated so far is written with it, so that it is calculated once where the form says so. @param {Page} page @param {Item} item @param {string} answer */
export function write(page, item, answer) {
  const answers = { ...page.part.body["answers"], ...(page.branches === null ? {} : page.answers) };
  if (answer === "") delete answers[item.id];
  else answers[item.id] = answer;
  change(page.part, { answers });
}

/** @param {Journey} visit @param {Page} page @param {Item} item @param {string} answer */
export function answerView(visit, page, item, answer) {
  const form = formOf(item);
  if (form === "choice") return choiceView(page, item, answer);
  if (form === "choices") return choicesView(page, item, answer);
  if (form === "progress") return linkButton({
    label: answer === "" ? t("visit.reconcile") : `${answer}%`, icon: "meter", href: address("visit", visit.entity, "progress"),
    name: `go-${item.id}`,
  });
  if (form === "milestone") return linkButton({
    label: t("word.milestone"), icon: "flag", href: milestoneAddress(visit), name: `go-${item.id}`,
  });
  if (form === "problems" || form === "questions") return beforeLink(visit, item);
  if (form === "photo") return item.core === undefined ? chips([uncheckedChip(page, item, answer)], said(item)) : nothing;
  if (form === "acknowledge") return acknowledgeView(page, item, answer);
  return form === "point" ? pointView(page, item, answer) : typedView(page, item, answer);
}

/** The one to be checked, or the list of all. @param {Journey} visit */
function milestoneAddress(visit) {
  const [only, ...others] = milestonesOf(visit);
  return address("visit", visit.entity, "milestone", ...(only !== undefined && others.length === 0 ? [only["entity"]] : []));
}

/** @param {Journey} visit @param {Item} item */
function beforeLink(visit, item) {
  const count = formOf(item) === "problems" ? visit.target.problems.length : visit.target.questions.length;
  if (count === 0) return html`<p class="visit-hint">${t("visit.nothing_open")}</p>`;
  return linkButton({ label: t("visit.before_count", { n: count }), icon: "question", href: address("visit", visit.entity, "before"), name: `go-${item.id}` });
}

/** @param {Page} page @param {Item} item @param {string} answer */
function choiceView(page, item, answer) {
  const choices = choicesOf(page.sheet, item, knownOf(page));
  return choice({
    name: item.id, label: said(item), isLabelHidden: true, isTight: true, value: answer || null, ...wrong(page, item, answer),
    options: [...choices.map((each) => ({ value: each.name, label: said(each) })), { value: UNCHECKED, label: t("checklist.unchecked") }],
    onChoose: (value) => write(page, item, value), onClear: () => write(page, item, ""),
  });
}

/** @param {Page} page @param {Item} item @param {string} answer */
function choicesView(page, item, answer) {
  const known = knownOf(page);
  const chosen = answer.split(" ");
  const { error } = wrong(page, item, answer);
  return html`${chips([
    ...choicesOf(page.sheet, item, known).map((each) => chip({
      label: said(each), isOn: chosen.includes(each.name), name: `${item.id}-${each.name}`, onTap: () => write(page, item, toggled(item, answer, each.name, known)),
    })),
    uncheckedChip(page, item, answer),
  ], said(item))}${error ? html`<p class="field-error">${error}</p>` : nothing}`;
}

/** @param {Page} page @param {Item} item @param {string} answer */
export function uncheckedChip(page, item, answer) {
  return chip({
    label: t("checklist.unchecked"), isOn: answer === UNCHECKED, name: `${item.id}-unchecked`,
    onTap: () => write(page, item, answer === UNCHECKED ? "" : UNCHECKED),
  });
}

/** @param {Page} page @param {Item} item @param {string} answer @returns {{error?: string}} */
function wrong(page, item, answer) {
  return isAllowed(item, answer, knownOf(page)) ? {} : { error: said(item, "constraint") || t("checklist.not_allowed") };
}

/** @param {Page} page @param {Item} item @param {string} answer */
function typedView(page, item, answer) {
  const form = formOf(item);
  const appearance = (item.appearance ?? "").split(" ");
  const isNumber = form === "number" || appearance.includes("numbers");
  return html`${textField({
    name: item.id, label: said(item), isLabelHidden: true, value: answer === UNCHECKED ? "" : answer,
    type: TYPES[form] ?? "text", inputMode: item.type === "integer" || appearance.includes("numbers") ? "numeric" : isNumber ? "decimal" : "text",
    rows: form === "text" && !isNumber ? (appearance.includes("multiline") ? 5 : 3) : 1, longest: longest("answer", "answers{}"), ...wrong(page, item, answer),
    onInput: (value) => write(page, item, isNumber ? value.normalize("NFKC").trim() : form === "moment" ? value.slice(0, 16) : value),
  })}${chips([uncheckedChip(page, item, answer)], said(item))}`;
}

/** @param {Page} page @param {Item} item @param {string} answer */
function acknowledgeView(page, item, answer) {
  const isOn = answer === ACKNOWLEDGED;
  return chips([
    chip({ label: t("checklist.acknowledge"), isOn, icon: "check", name: `${item.id}-ok`, onTap: () => write(page, item, isOn ? "" : ACKNOWLEDGED) }),
    uncheckedChip(page, item, answer),
  ], said(item));
}

/** @param {Page} page @param {Item} item @param {string} answer */
function pointView(page, item, answer) {
  const isTaken = answer !== "" && answer !== UNCHECKED;
  return html`${isTaken ? html`<p class="visit-last" data-name="point-${item.id}">${answer.replace(/ 0 (\d+)$/, (_, n) => ` · ${t("photo.fix", { n })}`)}</p>` : nothing}
    ${button({ label: t(isTaken ? "checklist.point_again" : "checklist.point"), name: `${item.id}-here`, onTap: () => takePoint(page, item) })}
    ${chips([uncheckedChip(page, item, answer)], said(item))}`;
}

/** Only a position measured here and now is one; none is typed. @param {Page} page @param {Item} item */
function takePoint(page, item) {
  const { fix, no_fix } = position.near();
  if (fix === null) say(t(`choice.no_fix.${no_fix}`));
  else write(page, item, `${(fix.lat_e7 / 1e7).toFixed(7)} ${(fix.lon_e7 / 1e7).toFixed(7)} 0 ${fix.accuracy_m}`);
}
