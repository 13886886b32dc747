// @ts-check
// Searching what is on the phone: projects by their name, by who is responsible, by problems recorded there. While
// nothing is typed, the rest of the screen is shown.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { empty, row, rows } from "./element.js";
import { textField } from "./field.js";
import { address } from "./router.js";
import { fail } from "./shell.js";
import { hasWord, inLanguage, pair, shortened, t } from "./word.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{project: string, kind: string, text: string}} Hit */

const FOUND_LIMIT = 60;
const SHOWN_LIMIT = 20;
const LINE_CHARS = 60;

const typed = signal("");
const found = signal(/** @type {{text: string, hits: Hit[]} | null} */ (null));

/**
 * The search field with what was found, or the rest of the screen.
 * @param {{projects: Map<string, Row>, rest: () => unknown}} screen
 */
export function finder({ projects, rest }) {
  return html`<div class="search" role="search">${textField({
      name: "search", type: "search", label: t("project.search"), placeholder: t("project.search"), isLabelHidden: true,
      value: typed.value, inputMode: "search", onInput: (text) => void look(text),
    })}</div>
    ${typed.value.trim() === "" ? rest() : results(projects)}`;
}

/** @param {Map<string, Row>} projects */
function results(projects) {
  if (found.value === null) return nothing;
  const hits = found.value.hits.filter(({ project }) => projects.has(project)).slice(0, SHOWN_LIMIT);
  if (hits.length === 0) return empty({ icon: "search", text: t("search.nothing") });
  return rows(hits.map(({ project, kind, text }) => row({
    label: inLanguage(projects.get(project)),
    note: kind === "project" ? nothing : pair(kindWord(kind), text),
    href: address("project", project),
    name: "hit",
  })));
}

/** @param {string} kind */
function kindWord(kind) {
  return hasWord(`word.${kind}`) ? t(`word.${kind}`) : t("word.record");
}

/** @param {string} text */
async function look(text) {
  typed.value = text;
  if (text.trim() === "") {
    found.value = null;
    return;
  }
  try {
    const list = await store.call("search", { text, limit: FOUND_LIMIT });
    const hits = (await Promise.all(list.map(hitsOf))).flat();
    if (typed.value === text) found.value = { text, hits: firstOfEach(hits) };
  } catch (error) {
    fail(error);
  }
}

/**
 * @param {{kind: string, entity: string, stream: string}} result
 * @returns {Promise<Hit[]>}
 */
async function hitsOf({ kind, entity, stream }) {
  const [noun, id = ""] = stream.split(":");
  if (noun !== "project" && kind !== "official") return [];
  const folded = await store.call("row", { kind, entity });
  if (kind !== "official") return [{ project: id, kind, text: wordsOf(folded) }];
  const tied = await store.call("select", { name: "project_of_official", params: { official: entity } });
  return tied.map((/** @type {Row} */ { project }) => ({ project, kind, text: inLanguage(folded) }));
}

/** @param {Row | null} folded */
function wordsOf(folded) {
  const text = inLanguage(folded, "name") || inLanguage(folded, "what") || folded?.summary || folded?.notes || folded?.caption || "";
  return shortened(text, LINE_CHARS);
}

/**
 * Keep the best hit of each project.
 * @param {Hit[]} hits
 */
function firstOfEach(hits) {
  return [...new Map([...hits].reverse().map((hit) => [hit.project, hit])).values()].reverse();
}
