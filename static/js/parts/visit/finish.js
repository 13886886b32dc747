// @ts-check
// 结束走访: what is missing (each a tap away), what is not sorted yet, a line of summary, what to look at next time. Then submit;
// an incomplete visit may go too, with a reason.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { markOf } from "../../core/checklist.js";
import { unready } from "../../core/finish.js";
import { lacking, unsortedEntries } from "../../core/part.js";
import { stayMinutes, timeOf, withTime } from "../../core/stay.js";
import { banner, button, row, rows, screen, section, sheet, tag } from "../element.js";
import { textField } from "../field.js";
import { kindText, subjectName } from "../line.js";
import { address, go } from "../router.js";
import { inLanguage, labelOf, language, listed, t } from "../word.js";
import { isDoubtful } from "./capture.js";
import { listChips } from "./entry.js";
import { isSubmitted } from "./hub.js";
import { confirmationText, isConfirmable } from "./confirmation.js";
import { change } from "./journey.js";
import { excessOf, longest } from "./limit.js";
import { hrefOf, lineOf } from "./recorded.js";
import { returnedView, standingReturn } from "./returned.js";
import { missingOf, pagesOf, stayOf } from "./standing.js";
import { submit } from "./submit.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("../../core/finish.js").Missing} Missing */
/** @typedef {import("./standing.js").Page} Page */

const asking = signal(/** @type {string | null} */ (null));
/** Entries sorted on this screen stay on it, so that a wrong tap can be put right. */
const sortedHere = signal(/** @type {ReadonlySet<string>} */ (new Set()));
const isSubmitting = signal(false);

/** @param {Journey} visit */
export function finishView(visit) {
  const lacks = missingOf(visit);
  const begun = unready([visit.visit, ...visit.parts], excessOf);
  return screen({
    title: t(isSubmitted(visit) ? "visit.resubmit" : "visit.finish"), back: address("visit", visit.entity),
    note: lacks.length > 0 ? t("visit.missing", { n: lacks.length }) : t("visit.complete"),
    body: html`
      ${returnedView(visit, visit.visit)}
      ${begun.length > 0 ? section({
        title: t("visit.unready"), name: "unready",
        body: rows(begun.map((part) => row({
          label: html`<span class="visit-line">${lineOf(visit, part) || kindText(part)}</span>`, tone: "bad", icon: "warning", note: unreadyNote(part),
          href: hrefOf(visit, part),
        }))),
      }) : nothing}
      ${lacks.length > 0 ? section({ title: t("visit.missing", { n: lacks.length }), name: "missing", body: rows(lackRows(visit, lacks)) }) : nothing}
      ${doubtfulView(visit)}
      ${sortView(visit)}
      ${visit.visit.isOwn ? ownView(visit) : nothing}
      ${asking.value === visit.entity ? reasonSheet(visit, lacks) : nothing}`,
    bar: button({
      label: t(lacks.length > 0 ? "visit.submit_lacking" : "visit.submit"), icon: "send", kind: "primary", isWide: true, name: "submit",
      isDisabled: isSubmitting.value || begun.length > 0 || visit.visit.body["team"].length === 0,
      onTap: () => (lacks.length > 0 || standingReturn(visit) ? ask(visit) : void send(lacks, "")),
    }),
  });
}

/** What is said of the visit as a whole, by its main recorder. @param {Journey} visit */
function ownView(visit) {
  return html`${textField({
        name: "summary", label: t("visit.summary"), value: visit.visit.body["summary"], rows: 2, longest: longest("visit", "summary"),
        onInput: (summary) => change(visit.visit, { summary }),
      })}
      ${textField({
        name: "next_time", label: t("visit.next_time"), hint: t("visit.next_time_hint"), value: visit.visit.body["next_time"].join("\n"), rows: 2,
        excess: nextTimeExcess(visit.visit), onInput: (text) => change(visit.visit, { next_time: text.split("\n") }),
      })}
      ${stayView(visit)}
      ${isConfirmable(visit) ? rows([row({ label: t("confirmation.title"), note: confirmationText(visit), icon: "check", href: address("visit", visit.entity, "confirm"), name: "confirm" })]) : nothing}`;
}

/** One thing a line: too many lines, or a line too long. @param {Part} part */
function nextTimeExcess({ kind, body }) {
  const [found] = excessOf({ kind, body: { next_time: body["next_time"] } });
  if (found === undefined) return undefined;
  return t(found.path === "next_time" ? "form.over_lines" : "form.over_in_line", { n: found.over, most: longest(kind, found.path) ?? 0 });
}

/** @param {Part} part */
function unreadyNote(part) {
  const over = excessOf(part).reduce((sum, each) => sum + each.over, 0);
  return over > 0 ? t("visit.too_long", { n: over }) : t("visit.unready_note", { fields: fieldNames(part) });
}

/** What is still to be filled in. @param {Part} part */
function fieldNames({ kind, body }) {
  return listed(lacking(kind, body).map((member) => labelOf(kind, member)));
}

/** @param {Journey} visit */
function ask(visit) {
  asking.value = visit.entity;
}

/** Open items of a checklist make one row, everything else one each. @param {Journey} visit @param {Missing[]} lacks */
function lackRows(visit, lacks) {
  const pages = pagesOf(visit);
  const items = lacks.filter((lack) => lack.what === "item");
  const lines = lacks.filter((lack) => lack.what !== "item" || items.length === 1).map((lack) => ({ lack, label: lackText(visit, pages, lack) }));
  const [first] = items;
  if (first !== undefined && items.length > 1) lines.push({ lack: first, label: t("missing.items", { n: items.length }) });
  return lines.map(({ lack, label }) => row({ label, icon: "warning", tone: "warn", href: lackHref(visit, pages, lack), name: `lack-${lack.what}` }));
}

/** @param {Journey} visit @param {Page[]} pages @param {Missing} lack */
function lackText(visit, pages, lack) {
  return t(`missing.${lack.what}`, { name: lack.what === "returned" ? returnedName(visit, lack.item) : nameOfItem(visit, pages, lack.item) });
}

/** @param {Journey} visit @param {string} entity */
function returnedName(visit, entity) {
  const part = partOf(visit, entity);
  if (part === undefined || part === visit.visit) return t("word.visit");
  return lineOf(visit, part) || kindText(part);
}

/** @param {Journey} visit @param {Page[]} pages @param {string} id */
function nameOfItem(visit, pages, id) {
  const { subjects, milestones } = visit.target;
  const asked = subjects.find((each) => each["entity"] === id);
  if (asked) return subjectName(asked);
  const milestone = milestones.find((each) => each["entity"] === id);
  if (milestone) return inLanguage(milestone);
  const item = pages.flatMap((page) => page.items).find((each) => markOf(each) === id);
  return item ? (language() === "en" ? item.en : item.zh) : "";
}

/** @param {Journey} visit @param {string} entity */
function partOf(visit, entity) {
  return [visit.visit, ...visit.parts].find((part) => part.entity === entity);
}

/** @param {Journey} visit @param {Page[]} pages @param {Missing} lack */
function lackHref(visit, pages, { what, item }) {
  const to = (/** @type {string[]} */ ...path) => address("visit", visit.entity, ...path);
  if (what === "returned") return hrefOf(visit, partOf(visit, item) ?? visit.visit);
  if (what === "team") return to("team");
  if (what === "progress") return to("progress");
  if (what === "milestone" || what === "milestone_proof" || what === "slip_cause") return to("milestone", item);
  if (what === "item" || what === "item_photo" || what === "item_wrong") {
    const page = pages.find((each) => each.items.some((one) => markOf(one) === item));
    return to("check", page?.sheet.code ?? "");
  }
  return to("before");
}

/** Pictures that look wrong hold nothing up: a person looks again and decides. @param {Journey} visit */
function doubtfulView(visit) {
  const doubtful = visit.parts.filter((part) => part.kind === "photo" && isDoubtful(part.local.problem));
  if (doubtful.length === 0) return nothing;
  return section({
    title: t("photo.look_again"), name: "doubtful",
    body: rows(doubtful.map((part) => row({
      label: part.body["caption"], note: t("photo.bad"), tone: "warn", icon: "warning", href: hrefOf(visit, part),
    }))),
  });
}

/** @param {Journey} visit */
function sortView(visit) {
  const unsorted = new Set(unsortedEntries(visit.parts).map((part) => part.entity));
  const shown = visit.parts.filter((part) => part.kind === "entry" && part.body["what"].trim() !== "")
    .filter((part) => unsorted.has(part.entity) || sortedHere.value.has(part.entity));
  if (shown.length === 0) return nothing;
  const remember = (/** @type {string} */ entity) => () => {
    sortedHere.value = new Set(sortedHere.peek()).add(entity);
  };
  return section({
    title: t("visit.unsorted"), name: "unsorted",
    body: html`<div class="stack">${shown.map((part) => html`<div class="visit-item" @click=${remember(part.entity)}><h3>${part.body["what"]}</h3>${listChips(visit, part)}</div>`)}</div>`,
  });
}

/** Time on site is shown, and is no pass mark. @param {Journey} visit */
function stayView(visit) {
  const stay = stayOf(visit);
  const minutes = stayMinutes(stay.arrived_at, stay.left_at);
  const setTime = (/** @type {"arrived_at" | "left_at"} */ member) => (/** @type {string} */ time) => {
    if (!/^\d\d:\d\d$/.test(time)) return;
    change(visit.visit, { [member]: withTime(stay[member], time), ...(member === "left_at" ? { is_left_late: true } : {}) });
  };
  return section({
    title: minutes < 60 ? t("visit.on_site_minutes", { m: minutes }) : t("visit.on_site", { h: Math.floor(minutes / 60), m: minutes % 60 }), name: "stay",
    aside: stay.is_left_late ? tag({ label: t("visit.left_later_mark") }) : nothing,
    body: html`<div class="visit-pair">
      ${timeField("arrived_at", t("visit.arrival"), timeOf(stay.arrived_at), setTime("arrived_at"))}
      ${timeField("left_at", t("visit.leave"), timeOf(stay.left_at), setTime("left_at"))}</div>`,
  });
}

/** @param {string} name @param {string} label @param {string} value @param {(time: string) => void} onInput */
function timeField(name, label, value, onInput) {
  return textField({ name, label, value, onInput, inputMode: "numeric", placeholder: "14:05" });
}

/** @param {Journey} visit @param {Missing[]} lacks */
function reasonSheet(visit, lacks) {
  const close = () => {
    asking.value = null;
  };
  const isNeeded = lacks.length > 0;
  return sheet({
    title: t(isNeeded ? "visit.submit_incomplete" : "visit.resubmit"), onClose: close, name: "reason-sheet",
    body: html`${isNeeded ? html`<p>${t("visit.missing", { n: lacks.length })}</p>` : nothing}
      ${textField({
        name: "reason", label: t(isNeeded ? "visit.reason" : "visit.remark"), value: reason.value, rows: 3, longest: longest("submission", "reason"),
        onInput: (text) => { reason.value = text; },
      })}
      ${banner({ body: t("visit.seal_note") })}`,
    bar: button({
      label: t("visit.submit"), icon: "send", kind: "primary", isWide: true,
      isDisabled: isSubmitting.value || (isNeeded && reason.value.trim() === "") || isReasonTooLong(), onTap: () => void send(lacks, reason.value), name: "submit-anyway",
    }),
  });
}

const reason = signal("");

function isReasonTooLong() {
  return excessOf({ kind: "submission", body: { reason: reason.value } }).length > 0;
}

/** @param {Missing[]} lacks @param {string} why */
async function send(lacks, why) {
  if (isSubmitting.peek()) return;
  isSubmitting.value = true;
  const isSealed = await submit(lacks, why);
  isSubmitting.value = false;
  if (!isSealed) return;
  asking.value = null;
  reason.value = "";
  sortedHere.value = new Set();
  go(address("outbox"), { isInstead: true });
}
