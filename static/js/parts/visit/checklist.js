// @ts-check
// 核查表: one item after the other, nothing prefilled. Last time's answer stands beside, never in, the field. What another card
// records (progress, milestone, problems) leads there.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { UNCHECKED, formOf, markOf, photoNeed, raisedList, withRestUnchecked } from "../../core/checklist.js";
import { button, chip, chips, empty, linkButton, photoStrip, screen, section } from "../element.js";
import { address, go } from "../router.js";
import { inLanguage, percentText, t } from "../word.js";
import { answerView } from "./answer_field.js";
import { answerText, said } from "./answer_word.js";
import { takePhoto } from "./capture.js";
import { addEntry, entryOf } from "./entry.js";
import { formView } from "./form.js";
import { change } from "./journey.js";
import { photosOf, photosView } from "./photo.js";
import { returnedView } from "./returned.js";
import { countsOf, isHere, pagesOf } from "./standing.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./standing.js").Page} Page */
/** @typedef {import("../../core/checklist.js").Item} Item */

/**
 * @param {Journey} visit
 * @param {string} [code] of the sheet; the first one when left out
 */
export function checklistView(visit, code) {
  const pages = pagesOf(visit);
  const page = pages.find((each) => each.sheet.code === code) ?? pages[0];
  if (page === undefined) return screen({ title: t("word.checklist"), back: address("visit", visit.entity), body: empty({ text: t("checklist.none") }) });
  const { core, turn } = countsOf(page);
  const open = page.items.filter((item) => isHere(item) && (page.answers[item.id] ?? "") === "");
  return screen({
    title: inLanguage(page.sheet), back: address("visit", visit.entity),
    note: `${t("checklist.done", { a: page.done, n: page.items.length })} · ${page.is_required && page.sheet.rotation ? `${t("checklist.core", { n: core })} · ${t("checklist.rotating", { n: turn })}` : t(page.is_required ? "checklist.all" : "checklist.module")}`,
    body: html`${returnedView(visit, page.part)}
      ${pages.length > 1 ? chips(pages.map((each) => chip({
        label: inLanguage(each.sheet), isOn: each === page,
        onTap: () => go(address("visit", visit.entity, "check", each.sheet.code), { isInstead: true }),
      })), t("word.checklist")) : nothing}
      ${page.branches === null ? page.sheet.groups.map((group) => groupView(visit, page, group)) : formView(visit, page)}
      ${open.length > 0 ? button({
        label: t("checklist.rest_unchecked"), isWide: true, name: "rest",
        onTap: () => change(page.part, { answers: withRestUnchecked(page.items.filter((item) => isHere(item) || photosOf(visit, { item: markOf(item) }).length === 0), page.part.body["answers"]) }),
      }) : nothing}`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}

/** @param {Journey} visit @param {Page} page @param {import("../../core/checklist.js").Group} group */
function groupView(visit, page, group) {
  const items = page.items.filter((item) => group.items.includes(item));
  return items.length === 0 ? nothing : section({ title: said(group), body: html`<div class="stack">${items.map((item) => itemView(visit, page, item))}</div>` });
}

/** @param {Journey} visit @param {Page} page @param {Item} item */
function itemView(visit, page, item) {
  const answer = page.answers[item.id] ?? "";
  const last = lastAnswer(visit, page, item);
  const raised = raisedList(item, answer);
  const isDone = answer !== "" && (photoNeed(item, answer) !== "required" || photosOf(visit, { item: item.id }).length > 0);
  return html`<div class="visit-item" data-name="item-${item.id}" data-answered=${isDone ? "true" : "false"}>
    <h3>${said(item)}</h3>
    ${said(item, "hint") ? html`<p class="visit-hint">${said(item, "hint")}</p>` : nothing}
    ${last ? html`<p class="visit-last">${t("checklist.last_answer", { answer: last })}</p>` : nothing}
    ${answerView(visit, page, item, answer)}
    ${photoPart(visit, item, answer)}
    ${raised ? raiseView(visit, page, item, raised) : nothing}
  </div>`;
}

/** An answer leads to one entry: once it is there, the way to it. @param {Journey} visit @param {Page} page @param {Item} item @param {string} list */
function raiseView(visit, page, item, list) {
  const made = entryOf(visit, markOf(item));
  if (made !== undefined) {
    return linkButton({ label: t("checklist.raised"), icon: "check", href: address("visit", visit.entity, "entry", made.entity), name: `raised-${item.id}` });
  }
  return button({
    label: t(`checklist.to.${list}`), icon: "note", name: `raise-${item.id}`,
    onTap: () => void addEntry(visit, { list, what: raisedText(page, item, page.answers[item.id] ?? ""), item: markOf(item) }),
  });
}

/** @param {Journey} visit @param {Item} item @param {string} answer */
function photoPart(visit, item, answer) {
  const need = photoNeed(item, answer);
  const shows = { item: item.id, label: said(item) };
  if (photosOf(visit, shows).length > 0) return photosView(visit, shows);
  if (need === "none" || (need === "optional" && answer === "" )) return nothing;
  return html`${need === "required" && said(item, "photo_hint") ? html`<p class="visit-hint">${said(item, "photo_hint")}</p>` : nothing}
    ${need === "required"
      ? photoStrip({ photos: [], onAdd: () => void takePhoto(visit, shows), addLabel: t("checklist.photo_needed") })
      : button({ label: t("visit.photo"), icon: "camera", kind: "quiet", onTap: () => void takePhoto(visit, shows), name: `photo-${item.id}` })}`;
}

/** @param {Journey} visit @param {Page} page @param {Item} item */
function lastAnswer(visit, page, item) {
  if (formOf(item) === "progress") {
    const last = visit.target.lastProgress;
    return last ? `${percentText(last["observed_permille"])}%` : "";
  }
  const earlier = visit.target.answers.find((row) => row["checklist"] === page.sheet.entity && (row["answers"][item.id] ?? UNCHECKED) !== UNCHECKED);
  return earlier ? answerText(page.sheet, item, earlier["answers"][item.id]) : "";
}

/** What was found comes first: it is what the entry says. @param {Page} page @param {Item} item @param {string} answer */
function raisedText(page, item, answer) {
  return t("checklist.raised_text", { answer: answerText(page.sheet, item, answer), item: said(item) });
}
