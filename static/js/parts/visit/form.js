// @ts-check
// A checklist from an XLSForm on screen: groups, repeats that people add to, items with their words. Each item may carry photos, a note and
// an entry. What the form proposes stands beside the field and becomes an answer by a tap.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { UNCHECKED, formOf } from "../../core/checklist.js";
import { instancesOf } from "../../core/expression.js";
import { MOST_INSTANCES, isBranch, withInstance, withoutInstance } from "../../core/form.js";
import { button, section } from "../element.js";
import { textField } from "../field.js";
import { say } from "../shell.js";
import { t } from "../word.js";
import { answerView, write } from "./answer_field.js";
import { answerText, said } from "./answer_word.js";
import { takePhoto } from "./capture.js";
import { addEntry } from "./entry.js";
import { change } from "./journey.js";
import { longest } from "./limit.js";
import { photosOf, photosView } from "./photo.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./standing.js").Page} Page */
/** @typedef {import("../../core/form.js").Branch} Branch */
/** @typedef {import("../../core/form.js").Asked} Asked */

/** Items whose note is being begun, by the part of the visit they are answered in. */
const noting = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @param {Journey} visit @param {Page} page */
export function formView(visit, page) {
  return (page.branches ?? []).map((branch) => branchView(visit, page, branch));
}

/** @param {Journey} visit @param {Page} page @param {Branch} branch @returns {unknown} */
function branchView(visit, page, branch) {
  const { group, instance } = branch;
  if (group.repeat && instance === null) return repeatView(visit, page, branch);
  const title = titleOf(branch);
  const body = html`<div class="stack">${branch.nodes.map((node) => (isBranch(node) ? branchView(visit, page, node) : itemView(visit, page, node)))}</div>`;
  if (title === "") return body;
  return section({
    title, body, name: instance === null ? `group-${group.id}` : `group-${group.id}-${branch.ordinal}`,
    aside: instance !== null && branch.isOpen
      ? button({ label: t("checklist.take_away"), kind: "quiet", name: `take-${group.id}-${branch.ordinal}`, onTap: () => takeAway(page, branch) }) : nothing,
  });
}

/** @param {Branch} branch */
function titleOf({ group, instance, ordinal }) {
  return instance === null ? said(group) : `${said(group)} ${ordinal}`.trim();
}

/** @param {Journey} visit @param {Page} page @param {Branch} branch */
function repeatView(visit, page, branch) {
  const { group, nodes } = branch;
  return html`${nodes.map((node) => (isBranch(node) ? branchView(visit, page, node) : nothing))}
    ${branch.isOpen && nodes.length < MOST_INSTANCES ? button({
      label: t("checklist.add", { name: said(group) }), icon: "add", isWide: true, name: `add-${group.id}`, onTap: () => add(visit, page, group.id),
    }) : nothing}`;
}

/** @param {Journey} visit @param {Page} page @param {string} repeat */
function add(visit, page, repeat) {
  const photos = visit.parts.filter((part) => part.kind === "photo").map((part) => String(part.body["item"]));
  change(page.part, { answers: withInstance(page.part.body["answers"], repeat, [...photos, ...Object.keys(page.part.body["notes"])]) });
}

/** What was written in it stays in the draft, so that it can be brought back; it is not sealed. @param {Page} page @param {Branch} branch */
function takeAway(page, branch) {
  const { group, instance } = branch;
  if (instance === null) return;
  const answers = page.part.body["answers"];
  const before = instancesOf(answers, group.id).join(" ");
  change(page.part, { answers: withoutInstance(answers, instance) });
  say(t("checklist.taken_away", { name: titleOf(branch) }), {
    label: t("visit.undo"), onTap: () => change(page.part, { answers: { ...answers, ...page.part.body["answers"], [group.id]: before } }),
  });
}

/** @param {Journey} visit @param {Page} page @param {Asked} item */
function itemView(visit, page, item) {
  const answer = page.answers[item.id] ?? "";
  if (formOf(item) === "note") return html`<p class="visit-told" data-name="item-${item.id}">${said(item)}${said(item, "hint") ? html`<small>${said(item, "hint")}</small>` : nothing}</p>`;
  const hasPhoto = photosOf(visit, { item: item.mark }).length > 0;
  const isAnswered = answer !== "" || (formOf(item) === "photo" && hasPhoto);
  return html`<div class="visit-item" data-name="item-${item.id}" data-answered=${isAnswered ? "true" : "false"}>
    <h3>${said(item)}${item.is_needed ? html` <small class="visit-needed">${(isAnswered ? "" : said(item, "required")) || t("checklist.needed")}</small>` : nothing}</h3>
    ${said(item, "hint") ? html`<p class="visit-hint">${said(item, "hint")}</p>` : nothing}
    ${lastView(visit, page, item)}
    ${item.is_fixed ? html`<p class="visit-fixed">${answer === "" ? t("checklist.no_value") : answerText(page.sheet, item, answer)}</p>` : answerView(visit, page, item, answer)}
    ${proposedView(page, item, answer)}
    ${hasPhoto || formOf(item) === "photo" ? photosView(visit, { item: item.mark, label: said(item) }) : nothing}
    ${noteView(page, item)}
    ${item.is_fixed ? nothing : keysView(visit, page, item, answer)}
  </div>`;
}

/** @param {Journey} visit @param {Page} page @param {Asked} item */
function lastView(visit, page, item) {
  const earlier = item.stands.place ? undefined : visit.target.answers.find((row) => row["checklist"] === page.sheet.entity && row["answers"][item.id]);
  if (earlier === undefined || earlier["answers"][item.id] === UNCHECKED) return nothing;
  return html`<p class="visit-last">${t("checklist.last_answer", { answer: answerText(page.sheet, item, earlier["answers"][item.id]) })}</p>`;
}

/** @param {Page} page @param {Asked} item @param {string} answer */
function proposedView(page, item, answer) {
  if (item.proposed === "" || answer !== "") return nothing;
  return button({
    label: t("checklist.proposed", { answer: answerText(page.sheet, item, item.proposed) }), kind: "quiet", name: `propose-${item.id}`,
    onTap: () => write(page, item, item.proposed),
  });
}

/** @param {Page} page @param {Asked} item */
function noteKey(page, item) {
  return `${page.part.key} ${item.id}`;
}

/** @param {Page} page @param {Asked} item */
function noteView(page, item) {
  const notes = page.part.body["notes"];
  if (!notes[item.id] && !noting.value.has(noteKey(page, item))) return nothing;
  return textField({
    name: `note-${item.id}`, label: t("checklist.note"), value: notes[item.id] ?? "", rows: 2, longest: longest("answer", "notes{}"),
    onInput: (value) => change(page.part, { notes: { ...page.part.body["notes"], [item.id]: value } }),
  });
}

/** @param {Journey} visit @param {Page} page @param {Asked} item @param {string} answer */
function keysView(visit, page, item, answer) {
  const shows = { item: item.mark, label: said(item) };
  const hasNote = Boolean(page.part.body["notes"][item.id]) || noting.value.has(noteKey(page, item));
  return html`<div class="visit-keys">
    ${formOf(item) === "photo" || photosOf(visit, shows).length > 0 ? nothing
      : button({ label: t("visit.photo"), icon: "camera", kind: "quiet", name: `photo-${item.id}`, onTap: () => void takePhoto(visit, shows) })}
    ${hasNote ? nothing : button({
      label: t("checklist.note"), icon: "note", kind: "quiet", name: `begin-note-${item.id}`, onTap: () => { noting.value = new Set([...noting.value, noteKey(page, item)]); },
    })}
    ${button({
      label: t("visit.note"), icon: "add", kind: "quiet", name: `entry-${item.id}`,
      onTap: () => void addEntry(visit, { what: answer === "" ? said(item) : t("checklist.raised_text", { answer: answerText(page.sheet, item, answer), item: said(item) }), item: item.mark }),
    })}</div>`;
}
