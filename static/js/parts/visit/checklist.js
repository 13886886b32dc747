// @ts-check
// 核查表: one item after the other, nothing prefilled. Last time's answer stands beside, never in, the field. What another card
// records (progress, milestone, problems) leads there.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { UNCHECKED, choicesOf, formOf, isAllowed, photoNeed, raisedList, toggled, withRestUnchecked } from "../../core/checklist.js";
import { button, chip, chips, empty, linkButton, photoStrip, screen, section } from "../element.js";
import { choice, textField } from "../field.js";
import { address, go } from "../router.js";
import { inLanguage, language, pair, percentText, t } from "../word.js";
import { takePhoto } from "./capture.js";
import { addEntry } from "./entry.js";
import { change } from "./journey.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { photosOf, photosView } from "./photo.js";
import { returnedView } from "./returned.js";
import { countsOf, isHere, milestonesOf, pagesOf } from "./standing.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./standing.js").Page} Page */
/** @typedef {import("../../core/checklist.js").Item} Item */

/** @param {Record<string, any>} holder @param {string} [stem] */
function said(holder, stem = "") {
  const name = (/** @type {string} */ tail) => (stem ? `${stem}_${tail}` : tail);
  return (language() === "en" ? holder[name("en")] : "") || holder[name("zh")] || "";
}

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
      ${page.sheet.groups.map((group) => groupView(visit, page, group))}
      ${open.length > 0 ? button({
        label: t("checklist.rest_unchecked"), isWide: true, name: "rest",
        onTap: () => change(page.part, { answers: withRestUnchecked(page.items, page.part.body["answers"]) }),
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
    ${raised ? button({
      label: t(`checklist.to.${raised}`), icon: "note", name: `raise-${item.id}`,
      onTap: () => void addEntry(visit, { list: raised, what: raisedText(page, item, answer) }),
    }) : nothing}
  </div>`;
}

/** @param {Journey} visit @param {Page} page @param {Item} item @param {string} answer */
function answerView(visit, page, item, answer) {
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
  if (form === "photo") return nothing;
  return typedView(page, item, answer);
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
function write(page, item, answer) {
  const answers = { ...page.part.body["answers"] };
  if (answer === "") delete answers[item.id];
  else answers[item.id] = answer;
  change(page.part, { answers });
}

/** @param {Page} page @param {Item} item @param {string} answer */
function choiceView(page, item, answer) {
  return choice({
    name: item.id, label: said(item), isLabelHidden: true, isTight: true, value: answer || null,
    options: [...choicesOf(page.sheet, item).map((each) => ({ value: each.name, label: said(each) })), { value: UNCHECKED, label: t("checklist.unchecked") }],
    onChoose: (value) => write(page, item, value), onClear: () => write(page, item, ""),
  });
}

/** @param {Page} page @param {Item} item @param {string} answer */
function choicesView(page, item, answer) {
  const scope = { answers: page.answers, today: today() };
  const chosen = answer.split(" ");
  return chips([
    ...choicesOf(page.sheet, item).map((each) => chip({
      label: said(each), isOn: chosen.includes(each.name), name: `${item.id}-${each.name}`, onTap: () => write(page, item, toggled(item, answer, each.name, scope)),
    })),
    uncheckedChip(page, item, answer),
  ], said(item));
}

/** @param {Page} page @param {Item} item @param {string} answer */
function uncheckedChip(page, item, answer) {
  return chip({
    label: t("checklist.unchecked"), isOn: answer === UNCHECKED, name: `${item.id}-unchecked`,
    onTap: () => write(page, item, answer === UNCHECKED ? "" : UNCHECKED),
  });
}

/** @param {Page} page @param {Item} item @param {string} answer */
function typedView(page, item, answer) {
  const form = formOf(item);
  const isRight = isAllowed(item, answer, { answers: page.answers, today: today() });
  return html`${textField({
    name: item.id, label: said(item), isLabelHidden: true, value: answer === UNCHECKED ? "" : answer,
    type: form === "date" ? "date" : "text", inputMode: item.type === "integer" ? "numeric" : form === "number" ? "decimal" : "text",
    rows: form === "text" ? 3 : 1, longest: longest("answer", "answers{}"), ...(isRight ? {} : { error: t("checklist.not_allowed") }),
    onInput: (value) => write(page, item, form === "number" ? value.normalize("NFKC").trim() : value),
  })}${chips([uncheckedChip(page, item, answer)], said(item))}`;
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

/** Write an answer as people read it. @param {import("../../core/checklist.js").Sheet} sheet @param {Item} item @param {string} answer */
function answerText(sheet, item, answer) {
  const choices = choicesOf(sheet, item);
  if (choices.length === 0) return answer;
  return answer.split(" ").map((name) => said(choices.find((each) => each.name === name) ?? { zh: name })).join(t("mark.comma"));
}

/** @param {Page} page @param {Item} item @param {string} answer */
function raisedText(page, item, answer) {
  return pair(said(item), answerText(page.sheet, item, answer));
}
