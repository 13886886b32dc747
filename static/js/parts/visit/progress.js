// @ts-check
// 对进度: what is due is known, what is seen is empty, what was reported shows only after the own look (else everybody anchors on it).

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { duePermille, readPercent } from "../../core/due.js";
import { formOf } from "../../core/checklist.js";
import { lessTag } from "../attention.js";
import { banner, linkButton, progressBars, screen } from "../element.js";
import { isTyping, textField } from "../field.js";
import { address } from "../router.js";
import { aside, dayText, gapText, pair, percentText, t } from "../word.js";
import { change, partFor } from "./journey.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { photosView } from "./photo.js";
import { returnedView } from "./returned.js";
import { pagesOf } from "./standing.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

/** What is typed and no percentage yet, by part. */
const wrong = signal(/** @type {ReadonlyMap<string, string>} */ (new Map()));

/** @param {Journey} visit @returns {Part} */
export function progressPart(visit) {
  const project = /** @type {any} */ (visit.target.project);
  return partFor(visit, "progress", { visit: visit.entity }, () => ({
    visit: visit.entity, seen_on: today(), due_permille: duePermille(project, today()), reported_permille: visit.target.report?.["reported_permille"] ?? null,
    observed_permille: null, physical: "", has_copied_report: false,
  }));
}

/** @param {Journey} visit */
export function progressView(visit) {
  const part = progressPart(visit);
  const { observed_permille } = part.body;
  const typed = wrong.value.get(part.key);
  const item = pagesOf(visit).flatMap((page) => page.items).find((each) => formOf(each) === "progress");
  return screen({
    title: t("visit.reconcile"), back: address("visit", visit.entity),
    body: html`${returnedView(visit, part)}
      ${barsView(visit, part)}
      ${textField({
        name: "observed", label: t("progress.observed_percent"), inputMode: "decimal",
        value: typed ?? (observed_permille === null ? "" : percentText(observed_permille)),
        hint: t("progress.observed_hint"), ...(typed === undefined ? {} : { error: t("progress.not_percent") }), onInput: (text) => observe(part, text),
      })}
      ${observed_permille === null ? nothing : gapsView(visit, part)}
      ${textField({
        name: "physical", label: t("word.physical_progress"), value: part.body["physical"], rows: 2, longest: longest("progress", "physical"),
        placeholder: t("progress.physical_hint"), onInput: (physical) => change(part, { physical }),
      })}
      ${photosView(visit, item ? { item: item.id, label: t("word.physical_progress") } : { label: t("word.physical_progress") })}`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}

/** @param {Journey} visit @param {Part} part */
function barsView(visit, part) {
  const { due_permille, reported_permille, observed_permille } = part.body;
  const last = visit.target.lastProgress;
  const reported = !isLookedAt(part)
    ? { label: t("project.reported"), permille: null, text: reported_permille === null ? t("progress.none") : t("progress.after_look") }
    : { label: t("project.reported"), permille: reported_permille, text: reported_permille === null ? t("progress.none") : `${percentText(reported_permille)}%` };
  return html`${progressBars([
    { label: t("progress.due"), permille: due_permille, text: `${percentText(due_permille)}%` },
    reported,
    { label: t("project.observed"), permille: observed_permille, text: observed_permille === null ? "–" : `${percentText(observed_permille)}%`, isMain: true },
  ])}
  ${last ? html`<p class="visit-last">${t("checklist.last_answer", { answer: aside(`${percentText(last["observed_permille"])}%`, dayText(last["seen_on"])) })}</p>` : nothing}`;
}

/** Whether there is an own figure that is not just being typed: the first digit must not show what was reported. @param {Part} part */
function isLookedAt(part) {
  return part.body["observed_permille"] !== null && !isTyping("observed");
}

/** @param {Journey} visit @param {Part} part */
function gapsView(visit, part) {
  const { due_permille, observed_permille } = part.body;
  return html`${banner({
    tone: observed_permille < due_permille - 100 ? "warn" : "plain", icon: "meter", name: "gap", title: gapText(observed_permille, due_permille),
    body: reportedGapText(part),
  })}${isLookedAt(part) ? html`<p class="visit-last">${lessTag(visit.target.lastProgress, observed_permille, { isShort: true })}</p>` : nothing}`;
}

/** A line of its own before and after, so that nothing moves under the thumb when the field is left. @param {Part} part */
function reportedGapText(part) {
  const { observed_permille, reported_permille } = part.body;
  if (reported_permille === null) return undefined;
  if (!isLookedAt(part)) return pair(t("project.reported"), t("progress.after_look"));
  const short = reported_permille - observed_permille;
  if (short === 0) return t("milestone.same_as_reported");
  return short > 0 ? t("project.gap_reported", { n: percentText(short) }) : t("progress.above_reported", { n: percentText(-short) });
}

/** @param {Part} part @param {string} text */
function observe(part, text) {
  const observed_permille = readPercent(text);
  const next = new Map(wrong.peek());
  if (observed_permille === null && text.trim() !== "") next.set(part.key, text);
  else next.delete(part.key);
  wrong.value = next;
  change(part, { observed_permille, has_copied_report: false });
}
