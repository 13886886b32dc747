// @ts-check
// A talk: pick the role, and the questions to ask stand there. One large field takes the notes (most people dictate). No names.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { newEntry } from "../../core/entry.js";
import { isEmpty } from "../../core/part.js";
import { sentences } from "../../core/sentence.js";
import { store } from "../../device/store.js";
import { banner, button, row, rows, screen, section } from "../element.js";
import { choice, textField, toggle } from "../field.js";
import { address, go } from "../router.js";
import { attempt, say } from "../shell.js";
import { embedded, inLanguage, language, t } from "../word.js";
import { keptView } from "./kept.js";
import { change, discard, freeCode, openPart } from "./journey.js";
import { isArchived } from "./archived.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { returnedView } from "./returned.js";
import { nameOf } from "./start.js";
import { subjectOf } from "./target.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {{id: string, zh: string, en: string, probe_zh: string, probe_en: string, ask_for_zh?: string, ask_for_en?: string}} Question */
/** @typedef {{id: string, zh: string, en: string, relation: string, avoid_zh: string, avoid_en: string, questions: Question[]}} Outline */
/** @typedef {{opening_zh: string, opening_en: string, closing_zh: string, closing_en: string, outlines: Outline[], relations: Named[], knowledge: Named[], modes: Named[]}} Guide */
/** @typedef {{id: string, zh: string, en: string}} Named */

/** @type {Guide | null} */
let guide = null;
const openQuestion = signal("");
const isMore = signal(false);
const isMarking = signal(false);

/** @returns {Guide} */
function guideOf() {
  guide ??= /** @type {Guide} */ (embedded("outline"));
  return guide;
}

/** Read a text the outline holds in both languages. @param {Record<string, any>} holder @param {string} [stem] */
function said(holder, stem = "") {
  const zh = stem ? `${stem}_zh` : "zh";
  const en = stem ? `${stem}_en` : "en";
  return (language() === "en" ? holder[en] : holder[zh]) ?? holder[zh] ?? "";
}

/** @param {string} role */
export function roleName(role) {
  const outline = guideOf().outlines.find((each) => each.id === role);
  return outline ? said(outline) : role;
}

/**
 * Pick who is spoken to.
 * @param {Journey} visit
 */
export function roleView(visit) {
  return screen({
    title: t("interview.person"), back: address("visit", visit.entity), note: t("interview.no_name"),
    body: rows(guideOf().outlines.map((outline) => row({
      label: said(outline), icon: "person", note: t(`interview.relation.${outline.relation}`), name: `role-${outline.id}`, onTap: () => void begin(visit, outline),
    }))),
  });
}

/** A talk opened and left without a word gives its code to the next. @param {Journey} visit @param {Outline} outline */
async function begin(visit, outline) {
  await attempt(async () => {
    const blank = visit.parts.filter((part) => part.kind === "interview" && part.draft !== null && part.record === null && isEmpty("interview", part.body));
    for (const { draft } of blank) await store.call("discardDraft", { id: draft });
    const draft = await openPart(visit, "interview", {
      visit: visit.entity, talked_on: today(), code: freeCode(visit, blank), role: outline.id, relation: outline.relation, knows: null,
      mode: "individual", note_taker: null, is_use_told: false, asked: outline.questions.map((question) => ({ question: question.id, note: "" })), notes: "", about: "",
    });
    openQuestion.value = "";
    isMore.value = false;
    isMarking.value = false;
    go(address("visit", visit.entity, "talk", draft.entity), { isInstead: true });
  });
}

/**
 * @param {Journey} visit
 * @param {Part} part
 */
export function interviewView(visit, part) {
  const { body } = part;
  const outline = guideOf().outlines.find((each) => each.id === body["role"]);
  return screen({
    title: roleName(body["role"]), note: html`${t("interview.code", { code: body["code"] })} · ${part.draft === null ? nothing : keptView()}`, back: address("visit", visit.entity),
    body: html`${returnedView(visit, part)}
      ${choice({
        name: "knows", label: t("interview.knows"), isTight: true, value: body["knows"],
        options: guideOf().knowledge.map((each) => ({ value: each.id, label: said(each) })), onChoose: (knows) => change(part, { knows }),
      })}
      ${textField({
        name: "notes", label: t("interview.notes"), value: body["notes"], rows: 7, longest: longest("interview", "notes"), placeholder: t("interview.notes_hint"),
        hint: t("interview.no_name"), onInput: (notes) => change(part, { notes }),
      })}
      ${leadsView(visit, part)}
      ${toggle({ name: "is_use_told", label: t("interview.told_use"), isOn: body["is_use_told"], onChange: (is_use_told) => change(part, { is_use_told }) })}
      ${outline ? questionsView(part, outline) : nothing}
      ${isMore.value ? moreView(visit, part) : button({
        label: t("entry.details"), icon: "more", isWide: true, onTap: () => { isMore.value = true; }, name: "details",
      })}`,
    bar: html`${part.draft !== null ? button({ label: t("visit.drop"), kind: "quiet", onTap: () => void drop(visit, part), name: "drop" }) : nothing}
      ${button({ label: t("act.done"), kind: "primary", onTap: () => go(address("visit", visit.entity)), name: "done" })}`,
  });
}

/**
 * The sentences of what was noted: a tap makes a lead of one, another tap opens it. Sorting is left to the end, as for everything noted.
 * @param {Journey} visit
 * @param {Part} part
 */
function leadsView(visit, part) {
  const { notes, asked } = part.body;
  const said = sentences([notes, ...asked.map((/** @type {{note: string}} */ { note }) => note)].join("\n"));
  if (said.length === 0 || isArchived(visit)) return nothing;
  const leads = visit.parts.filter(({ kind, body }) => kind === "entry" && body["heard_in"] === part.entity);
  return html`<details class="visit-dropped" data-name="sentences" ?open=${isMarking.value} @toggle=${(/** @type {Event} */ event) => { isMarking.value = /** @type {HTMLDetailsElement} */ (event.target).open; }}>
    <summary>${t("interview.leads", { n: leads.length })}</summary><p>${t("interview.leads_hint")}</p>
    ${rows(said.map((sentence) => {
      const lead = leads.find(({ body }) => body["what"].includes(sentence));
      return lead
        ? row({ label: sentence, icon: "check", note: t("interview.is_lead"), href: address("visit", visit.entity, "entry", lead.entity), name: "lead" })
        : row({ label: sentence, icon: "flag", onTap: () => void markLead(visit, part, sentence), name: "sentence" });
    }))}</details>`;
}

/** @param {Journey} visit @param {Part} part @param {string} sentence */
async function markLead(visit, part, sentence) {
  await attempt(async () => {
    const blank = newEntry({ visit: visit.entity, list: null, today: part.body["talked_on"], links: [] });
    const known_by = part.body["relation"] === "self" ? "said_by_unit" : "said_by_others";
    const draft = await openPart(visit, "entry", { ...blank, what: sentence, known_by, heard_in: part.entity });
    const undo = async () => {
      await store.call("discardDraft", { id: draft.id });
    };
    say(t("interview.lead_made"), { label: t("visit.undo"), onTap: () => void attempt(undo) });
  });
}

/** @param {Part} part @param {Outline} outline */
function questionsView(part, outline) {
  return section({
    title: t("interview.questions"), name: "questions",
    body: html`<p class="visit-said">${said(guideOf(), "opening")}</p>
      <ol class="visit-questions">${outline.questions.map((question) => questionView(part, question))}</ol>
      ${banner({ icon: "warning", body: said(outline, "avoid") })}
      <p class="visit-said">${said(guideOf(), "closing")}</p>`,
  });
}

/** @param {Part} part @param {Question} question */
function questionView(part, question) {
  /** @type {{question: string, note: string}[]} */
  const asked = part.body["asked"];
  const note = asked.find((each) => each.question === question.id)?.note ?? "";
  const isOpen = openQuestion.value === question.id || note !== "";
  const write = (/** @type {string} */ text) => {
    const others = asked.filter((each) => each.question !== question.id);
    change(part, { asked: [...others, { question: question.id, note: text }].sort((a, b) => (a.question < b.question ? -1 : 1)) });
  };
  return html`<li><p>${said(question)}</p><p class="visit-probe">${said(question, "probe")}</p>
    ${said(question, "ask_for") ? html`<p class="visit-probe">${t("interview.ask_for", { what: said(question, "ask_for") })}</p>` : nothing}
    ${isOpen
      ? textField({ name: `note-${question.id}`, label: said(question), isLabelHidden: true, value: note, rows: 2, longest: longest("interview", "asked[].note"), onInput: write })
      : button({
        label: t("interview.write_under"), kind: "quiet", icon: "note", onTap: () => writeUnder(question.id),
        name: `ask-${question.id}`,
      })}</li>`;
}

/** Open the field under a question, ready to be written in: the next word belongs there. @param {string} question */
function writeUnder(question) {
  openQuestion.value = question;
  const field = document.querySelector(`[name="note-${question}"]`);
  if (field instanceof HTMLElement) field.focus();
}

/** @param {Journey} visit @param {Part} part */
function moreView(visit, part) {
  const { body } = part;
  const team = /** @type {string[]} */ (visit.visit.body["team"]);
  return html`<div class="stack">
    ${choice({
      name: "relation", label: t("interview.relation"), isTight: true, value: body["relation"],
      options: [...guideOf().relations.map((each) => ({ value: each.id, label: said(each) })), { value: "other", label: t("interview.relation.other") }],
      onChoose: (relation) => change(part, { relation }),
    })}
    ${choice({
      name: "mode", label: t("interview.mode"), isTight: true, value: body["mode"],
      options: guideOf().modes.map((each) => ({ value: each.id, label: said(each) })), onChoose: (mode) => change(part, { mode }),
    })}
    ${choice({
      name: "note_taker", label: t("interview.second"), isTight: true, value: body["note_taker"],
      options: team.map((person) => ({ value: person, label: nameOf(visit.target, person) })),
      onChoose: (note_taker) => change(part, { note_taker }), onClear: () => change(part, { note_taker: null }),
    })}
    ${textField({
      name: "about", label: t("interview.about"), value: body["about"], longest: longest("interview", "about"),
      placeholder: inLanguage(subjectOf(visit.target)), onInput: (about) => change(part, { about }),
    })}
  </div>`;
}

/** @param {Journey} visit @param {Part} part */
async function drop(visit, part) {
  await discard(part);
  go(address("visit", visit.entity), { isInstead: true });
}
