// @ts-check
// 进点准备: what to ask on arrival, one line each, ticked when it has been read. Ticks stay on this phone, are no record, and go when
// the line reads otherwise.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { overdueCountTag, overdueTag } from "./attention.js";
import { section, tag } from "./element.js";
import { icon } from "./icon.js";
import { attempt } from "./shell.js";
import { dayText, hasWord, inLanguage, t } from "./word.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{key: string, label: unknown, note: unknown, icon: import("./icon.js").IconName}} Line */
/** @typedef {{name: string, title: string, aside?: unknown, lines: Line[]}} Matter */
/** @typedef {{visits: Row[], questions: Row[], problems: Row[], claims: Row[], decisions: Row[], lookBacks: Row[], sources: Row[]}} Known */

/** Enough of a hash to tell wordings of one project apart. */
const KEY_CHARS = 16;

const read = signal(/** @type {ReadonlySet<string>} */ (new Set()));
let project = "";

/** Read what was ticked of a project. @param {string} entity */
export async function openBriefing(entity) {
  if (project !== entity) read.value = new Set();
  project = entity;
  const ticked = await store.call("setting", { name: `briefing.${entity}` });
  if (project === entity) read.value = new Set(ticked ?? []);
}

/** @param {Known} known what the phone holds of the project */
export function briefingView(known) {
  const matters = mattersOf(known).filter(({ lines }) => lines.length > 0);
  if (matters.length === 0) return nothing;
  const keys = matters.flatMap(({ lines }) => lines.map(({ key }) => key));
  const unread = keys.filter((key) => !read.value.has(key)).length;
  return html`<p class="briefing-count" data-name="unread">${tag(unread > 0
      ? { label: t("briefing.unread_count", { n: unread }), tone: "warn", icon: "list" }
      : { label: t("briefing.all_read", { n: keys.length }), tone: "good", icon: "check" })}</p>
    ${matters.map(({ name, title, aside, lines }) => section({
      title: `${title} ${lines.length}`, name, aside, body: html`<div class="rows">${lines.map((line) => lineView(line, keys))}</div>`,
    }))}`;
}

/** @param {Line} line @param {string[]} keys of all lines that stand there now */
function lineView({ key, label, note, icon: shape }, keys) {
  const isRead = read.value.has(key);
  return html`<button type="button" class="row" role="checkbox" aria-checked=${isRead ? "true" : "false"} data-name="brief" @click=${() => void tick(key, keys)}>
    ${icon(shape)}<span class="row-text"><span>${label}</span><small>${note}</small></span>
    <span class="row-value">${isRead ? tag({ label: t("briefing.read"), tone: "good", icon: "check" }) : t("briefing.unread")}</span></button>`;
}

/** What stands there no more is forgotten with the next tick. @param {string} key @param {string[]} keys */
async function tick(key, keys) {
  const next = new Set([...read.peek()].filter((each) => keys.includes(each)));
  if (!next.delete(key)) next.add(key);
  read.value = next;
  await attempt(() => store.call("set", { name: `briefing.${project}`, value: [...next] }));
}

/** In the order of the talk: what the last visit left, what is open, what others say. @param {Known} known @returns {Matter[]} */
function mattersOf({ visits, questions, problems, claims, decisions, lookBacks, sources }) {
  return [
    { name: "wishes", title: t("visit.wished"), lines: wishesOf(visits[0]) },
    { name: "questions", title: t("home.open_questions"), lines: questions.map((each) => lineOf(each, "question", originNote(each))) },
    { name: "problems", title: t("project.open_problems"), aside: overdueCountTag(problems), lines: problems.map((each) => lineOf(each, "warning", problemNote(each))) },
    { name: "claims", title: t("word.claim"), lines: claims.map((each) => lineOf(each, "talk", claimNote(each))) },
    { name: "decisions", title: t("decision.title"), aside: overdueCountTag(decisions), lines: decisions.map((each) => lineOf(each, "list", decisionNote(each), each["item"])) },
    { name: "look-backs", title: t("look_back.title"), lines: lookBacks.map((each) => lineOf(each, "clock", lookBackNote(each))) },
    { name: "sources", title: t("word.source"), lines: sources.map((each) => lineOf(each, "note", sourceNote(each))) },
  ];
}

/** @param {Row} row @param {import("./icon.js").IconName} shape @param {unknown} note @param {string} [item] @returns {Line} */
function lineOf(row, shape, note, item = "") {
  return { key: `${row["record"].slice(0, KEY_CHARS)}${item}`, label: inLanguage(row, "what"), note, icon: shape };
}

/** What the last submitted visit left to be looked at. @param {Row | undefined} visit @returns {Line[]} */
function wishesOf(visit) {
  const note = visit ? dayText(visit["arrived_at"]) : "";
  return (visit?.["next_time"] ?? []).map((/** @type {string} */ label, /** @type {number} */ at) => (
    { key: `${visit?.["submission"].slice(0, KEY_CHARS)}${at}`, label, note, icon: "flag" }
  ));
}

/** @param {Row} question */
function originNote({ origin, asked_on }) {
  const key = `question.origin.${origin}`;
  return [hasWord(key) ? t(key) : "", dayText(asked_on)].filter(Boolean).join(" · ");
}

/** @param {Row} entry */
function problemNote(entry) {
  const { seen_on, severity, deadline_on, sort, state } = entry;
  const words = [
    dayText(seen_on),
    sort === "difficulty" ? t("entry.difficulty") : severity ? t(`entry.severity.${severity}`) : "",
    deadline_on ? `${t("entry.deadline")} ${dayText(deadline_on)}` : "",
  ];
  const relapsed = state === "relapsed" ? tag({ label: t("entry.relapsed"), tone: "bad", state: "relapsed" }) : nothing;
  return tagged(words, [relapsed, overdueTag(entry)]);
}

/** @param {Row} claim */
function claimNote({ claimed_by, claimed_on, figure }) {
  return [claimed_by || t("entry.said_by_unit"), dayText(claimed_on), figure].filter(Boolean).join(" · ");
}

/** @param {Row} decision */
function decisionNote(decision) {
  const { title, held_on, who, by_on } = decision;
  return tagged([`${title} ${dayText(held_on)}`, who, by_on ? t("visit.deadline_on", { date: dayText(by_on) }) : ""], [overdueTag(decision)]);
}

/** @param {Row} entry */
function lookBackNote({ seen_on, due_on }) {
  return `${dayText(seen_on)} · ${t("look_back.due_on", { date: dayText(due_on) })}`;
}

/** @param {Row} source */
function sourceNote({ sort, dated_on, stance }) {
  const key = `source.${sort}`;
  return [hasWord(key) ? t(key) : "", dayText(dated_on), t(`choice.stance.${stance}`)].filter(Boolean).join(" · ");
}

/** @param {string[]} words @param {unknown[]} marks */
function tagged(words, marks) {
  const shown = marks.filter((mark) => mark !== nothing);
  const said = words.filter(Boolean).join(" · ");
  return shown.length === 0 ? said : html`${said}<br>${shown}`;
}
