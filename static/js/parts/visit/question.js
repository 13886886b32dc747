// @ts-check
// 上次的问题，逐条看: open problems, questions to verify and claims, each with an outcome that fits it. Nothing is preset; what is
// called fixed needs a photo of the site.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { DECISION_OUTCOMES } from "../../core/decision.js";
import { CLOSED_OUTCOMES, FACT_OUTCOMES, PROBLEM_OUTCOMES, needsPhoto } from "../../core/follow_up.js";
import { lacking } from "../../core/part.js";
import { overdueTag } from "../attention.js";
import { empty, linkButton, screen, section, tag } from "../element.js";
import { choice, textField } from "../field.js";
import { address } from "../router.js";
import { dayText, hasWord, inLanguage, t } from "../word.js";
import { fillIn, neededText } from "./filling.js";
import { change, partFor } from "./journey.js";
import { knownByChoice } from "./known_by.js";
import { longest } from "./limit.js";
import { lookBackPart, lookBacksView } from "./look_back.js";
import { today } from "./moment.js";
import { earlierView } from "./pair.js";
import { photosOf, photosView } from "./photo.js";
import { returnedView } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {Record<string, any>} Row */

/** @param {Journey} visit @param {Row} problem */
function recheckPart(visit, problem) {
  return partFor(visit, "recheck", { entry: problem["entity"] }, () => ({
    entry: problem["entity"], visit: visit.entity, checked_on: today(), outcome: null, known_by: null, what: "",
  }));
}

/** @param {Journey} visit @param {Row} asked */
export function outcomePart(visit, asked) {
  const about = { about: asked["entity"], ...(asked["item"] ? { item: asked["item"] } : {}) };
  return partFor(visit, "outcome", about, () => ({ visit: visit.entity, ...about, outcome: null, known_by: null, what: "" }));
}

/** @param {Journey} visit how many things from before are open, and how many have their outcome */
export function beforeCounts(visit) {
  const { problems, questions, claims, decisions, lookBacks } = visit.target;
  const parts = [
    ...problems.map((each) => recheckPart(visit, each)), ...[...questions, ...claims, ...decisions].map((each) => outcomePart(visit, each)),
    ...lookBacks.map((each) => lookBackPart(visit, each)),
  ];
  return { count: parts.length, done: parts.filter((part) => part.body["outcome"] !== null).length };
}

/**
 * @param {Journey} visit
 */
export function questionView(visit) {
  const { problems, questions, claims, decisions, lookBacks, closed, lastVisit } = visit.target;
  const wishes = /** @type {string[]} */ (lastVisit?.["next_time"] ?? []);
  const isNothing = problems.length + questions.length + claims.length + decisions.length + lookBacks.length + wishes.length === 0;
  return screen({
    title: t("visit.last_problems"), back: address("visit", visit.entity),
    body: html`
      ${isNothing ? empty({ icon: "check", text: t("visit.nothing_open") }) : nothing}
      ${wishes.length > 0 ? section({ title: t("visit.wished"), body: html`<ul class="plainlist">${wishes.map((wish) => html`<li>${wish}</li>`)}</ul>` }) : nothing}
      ${problems.length > 0 ? section({
        title: t("project.open_problems"),
        body: html`<div class="stack">${problems.map((each) => itemView(visit, each, recheckPart(visit, each), problemTag(each), PROBLEM_OUTCOMES))}</div>`,
      }) : nothing}
      ${questions.length > 0 ? section({
        title: t("word.question"),
        body: html`<div class="stack">${questions.map((each) => itemView(visit, each, outcomePart(visit, each), originTag(each), each["sort"] === "problem" ? PROBLEM_OUTCOMES : FACT_OUTCOMES))}</div>`,
      }) : nothing}
      ${claims.length > 0 ? section({
        title: t("word.claim"),
        body: html`<div class="stack">${claims.map((each) => itemView(visit, each, outcomePart(visit, each), claimTag(each), FACT_OUTCOMES))}</div>`,
      }) : nothing}
      ${decisions.length > 0 ? section({
        title: t("decision.title"), name: "decisions",
        body: html`<div class="stack">${decisions.map((each) => itemView(visit, each, outcomePart(visit, each), decisionTag(each), DECISION_OUTCOMES))}</div>`,
      }) : nothing}
      ${lookBacksView(visit)}
      ${closedView(visit, closed)}`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}

/** What was closed is not asked about; whoever sees it again may say so. @param {Journey} visit @param {Row[]} closed */
function closedView(visit, closed) {
  if (closed.length === 0) return nothing;
  const isBegun = closed.some((each) => recheckPart(visit, each).body["outcome"] !== null);
  return html`<details class="visit-dropped" data-name="closed" ?open=${isBegun}><summary>${t("recheck.closed", { n: closed.length })}</summary>
    <div class="stack">${closed.map((each) => itemView(visit, each, recheckPart(visit, each), problemTag(each), CLOSED_OUTCOMES))}</div></details>`;
}

/** @param {Row} entry */
function problemTag(entry) {
  const word = entry["sort"] === "difficulty" ? t("entry.list.difficulty") : t(`entry.severity.${entry["severity"] ?? "minor"}`);
  const deadline = entry["deadline_on"] ? ` · ${t("visit.deadline_on", { date: dayText(entry["deadline_on"]) })}` : "";
  const isSpoken = entry["state"] === "relapsed" || entry["state"] === "closed";
  return html`${isSpoken ? tag({ label: t(`entry.${entry["state"]}`), tone: entry["state"] === "closed" ? "good" : "bad", state: entry["state"] }) : nothing}
    ${tag({ label: `${word}${deadline}` })} ${entry["state"] === "closed" ? nothing : overdueTag(entry)}`;
}

/** @param {Row} question */
function originTag(question) {
  const key = `question.origin.${question["origin"]}`;
  return hasWord(key) ? tag({ label: t(key) }) : nothing;
}

/** @param {Row} decision */
function decisionTag(decision) {
  const by = decision["by_on"] ? t("visit.deadline_on", { date: dayText(decision["by_on"]) }) : "";
  return html`${tag({ label: [decision["title"], decision["who"], by].filter(Boolean).join(" · ") })} ${overdueTag(decision)}`;
}

/** @param {Row} claim */
function claimTag(claim) {
  const figure = claim["figure"] ? ` · ${claim["figure"]}` : "";
  return tag({ label: `${claim["claimed_by"] || t("entry.said_by_unit")} · ${dayText(claim["claimed_on"])}${figure}` });
}

/** @param {Journey} visit @param {Row} asked @param {Part} part @param {unknown} head @param {string[]} outcomes */
export function itemView(visit, asked, part, head, outcomes) {
  const { outcome } = part.body;
  // Decisions of one meeting share its entity: each has its number, and its photos hang on its outcome.
  const entity = asked["item"] ? `${asked["entity"]}-${asked["item"]}` : asked["entity"];
  const about = asked["item"] ? part.entity : entity;
  const lacksPhoto = needsPhoto(outcome) && photosOf(visit, { about }).length === 0;
  const lacks = lacking(part.kind, part.body);
  const write = (/** @type {Record<string, unknown>} */ changes) => {
    fillIn(part.key);
    change(part, changes);
  };
  return html`<div class="visit-item" data-name="before-${entity}" data-answered=${lacks.length > 0 || lacksPhoto ? "false" : "true"} @focusin=${() => fillIn(part.key)}>
    ${returnedView(visit, part)}
    ${head === nothing ? nothing : html`<div class="card-tag">${head}</div>`}<h3>${inLanguage(asked, "what")}</h3>
    ${earlierView(visit, entity)}
    ${choice({
      name: `outcome-${entity}`, label: t("outcome.title"), isLabelHidden: true, isTight: true, value: outcome,
      options: outcomes.map((each) => ({ value: each, label: t(`outcome.${each}`) })), onChoose: (value) => write({ outcome: value }), onClear: () => write({ outcome: null }),
      ...(lacksPhoto ? neededText(part.key, t("outcome.fixed_photo")) : {}),
    })}
    ${outcome === null ? nothing : html`
      ${about === "" ? nothing : photosView(visit, { about, label: t(`outcome.${outcome}`) })}
      ${textField({ name: `what-${entity}`, label: t("outcome.note"), value: part.body["what"], rows: 2, longest: longest(part.kind, "what"), onInput: (what) => write({ what }) })}
      ${knownByChoice({
        name: `known-${entity}`, value: part.body["known_by"], isOptional: part.kind === "outcome",
        ...(lacks.includes("known_by") ? neededText(part.key, t("field.needed")) : {}),
        onChoose: (known_by) => write({ known_by }),
      })}`}
  </div>`;
}
