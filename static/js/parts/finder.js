// @ts-check
// Searching everything on the phone: drafts, projects, visits and what was recorded on them, questions, officials. Grouped by what it is, each
// with the words around what was typed, and each leads to its place. While nothing is typed, the rest of the screen is shown.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { excerpt } from "../core/excerpt.js";
import { grams } from "../core/grams.js";
import { store } from "../device/store.js";
import { empty, row, rows, section, tag } from "./element.js";
import { textField } from "./field.js";
import { kindText } from "./line.js";
import { address } from "./router.js";
import { fail } from "./shell.js";
import { editorOf } from "./visit/recorded.js";
import { dayText, inLanguage, t } from "./word.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {import("../device/store/find.js").Hit} Hit */
/** @typedef {{hit: Hit, where: string, href: string}} Shown */
/** @typedef {{text: string, shown: Shown[], is_more: boolean}} Found */

const LIMIT = 20;
/** Places before what happened there. */
const FIRST = ["project", "unit", "official"];

const typed = signal("");
const found = signal(/** @type {Found | null} */ (null));

/**
 * The search field with what was found, or the rest of the screen.
 * @param {{projects: Map<string, Row>, units: Map<string, Row>, rest: () => unknown}} screen
 */
export function finder({ projects, units, rest }) {
  return html`<div class="search" role="search">${textField({
      name: "search", type: "search", label: t("project.search"), placeholder: t("project.search"), isLabelHidden: true,
      value: typed.value, inputMode: "search", onInput: (text) => void look(text, projects, units),
    })}</div>
    ${typed.value.trim() === "" ? rest() : results()}`;
}

function results() {
  if (found.value === null) return nothing;
  const { shown, text, is_more } = found.value;
  if (shown.length === 0) return empty({ icon: "search", text: t("search.nothing") });
  return html`<div role="status" class="line">${t(is_more ? "search.most" : "search.count", { n: shown.length })}</div>
    ${groups(shown).map(([title, some]) => section({ title, name: "hits", body: rows(some.map((one) => hitRow(one, text))) }))}`;
}

/** @param {Shown[]} shown @returns {[string, Shown[]][]} drafts, places, then the rest as found */
function groups(shown) {
  /** @type {Map<string, Shown[]>} */
  const by = new Map();
  const order = (/** @type {Shown} */ { hit }) => (hit.is_draft ? 0 : FIRST.includes(hit.kind) ? 1 + FIRST.indexOf(hit.kind) : FIRST.length + 1);
  for (const one of [...shown].sort((a, b) => order(a) - order(b))) {
    const title = one.hit.is_draft ? t("search.drafts") : groupText(one.hit);
    by.set(title, [...(by.get(title) ?? []), one]);
  }
  return [...by];
}

/** @param {Hit} hit */
function groupText({ kind, body }) {
  return kind === "interview" ? t("word.interview") : kindText({ kind, body });
}

/** @param {Shown} shown @param {string} text */
function hitRow({ hit, where, href }, text) {
  const { before, match, after } = excerpt(hit.texts, text, grams(text));
  const words = html`${before}${match ? html`<mark>${match}</mark>` : nothing}${after}`;
  const day = hit.body["captured_at"] ?? null;
  const isPlace = FIRST.includes(hit.kind);
  return row({
    label: isPlace ? words : where, href, name: "hit",
    note: isPlace ? (inLanguage(hit.body) === where ? undefined : where) : html`${hit.is_draft ? html`${tag({ label: kindText(hit) })} ` : nothing}${words}`,
    value: isPlace || day === null ? undefined : dayText(day),
  });
}

/** @param {string} text @param {Map<string, Row>} projects @param {Map<string, Row>} units */
async function look(text, projects, units) {
  typed.value = text;
  if (text.trim() === "") {
    found.value = null;
    return;
  }
  try {
    const { hits, is_more } = await store.call("find", { text, limit: LIMIT });
    const shown = (await Promise.all(hits.map((/** @type {Hit} */ hit) => placed(hit, projects, units)))).flat().slice(0, LIMIT);
    if (typed.value === text) found.value = { text, shown, is_more };
  } catch (error) {
    fail(error);
  }
}

/** Where a hit leads; nowhere is left out. @param {Hit} hit @param {Map<string, Row>} projects @param {Map<string, Row>} units @returns {Promise<Shown[]>} */
async function placed(hit, projects, units) {
  const { kind, entity, stream, visit, body } = hit;
  const [noun, id = ""] = stream.split(":");
  if (kind === "official") {
    const tied = await store.call("select", { name: "project_of_official", params: { official: entity } });
    return tied.map((/** @type {Row} */ { project }) => ({ hit, where: inLanguage(projects.get(project)), href: address("project", project) }));
  }
  if (kind === "unit") return [{ hit, where: inLanguage(body), href: address("start", "unit", entity) }];
  const where = inLanguage(projects.get(id) ?? units.get(id));
  if (kind === "visit") return [{ hit, where, href: address("visit", entity) }];
  if (kind === "interview" && visit === null) return [{ hit, where, href: address("visit", entity) }];
  if (visit !== null) return [{ hit, where, href: editorOf(visit, hit) }];
  return noun === "project" && where !== "" ? [{ hit, where, href: address("project", id) }] : [];
}
