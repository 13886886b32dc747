// @ts-check
/** What a search shows: what was found in the index, and in drafts, each with its words. Drafts are few: they are read, not indexed. */

import { grams, wanted } from "../../core/grams.js";
import { drafts } from "./draft.js";
import { row } from "./read.js";
import { UNFOUND, search, texts } from "./search.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {{kind: string, entity: string, stream: string, visit: string | null, is_draft: boolean, body: Record<string, any>, texts: string[]}} Hit */

/** Kinds that stand behind others and lead nowhere by themselves. */
const BEHIND = new Set(["team", "person", "checklist", "project_type", "leadership", "tenure", "submission", "review", "progress_report"]);

/**
 * Find by what a person typed: drafts first, then what is sealed, best first. What is drafted anew is not shown twice.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {{text: string, limit?: number}} asked
 * @returns {{hits: Hit[], is_more: boolean}}
 */
export function find(db, kinds, { text, limit = 20 }) {
  const begun = drafted(db, text);
  const known = new Set(begun.map(({ entity }) => entity));
  // The index does not know what leads nowhere: some more are asked for.
  const sealed = search(db, { text, limit: 2 * limit + 1 }).filter(({ kind, entity }) => !BEHIND.has(kind) && !known.has(entity));
  const hits = [...begun, ...sealed.slice(0, limit).flatMap((found) => withWords(db, kinds, found))];
  return { hits: hits.slice(0, limit), is_more: begun.length + sealed.length > limit };
}

/** @param {Database} db @param {string} text @returns {Hit[]} */
function drafted(db, text) {
  const terms = wanted(text);
  if (terms.length === 0) return [];
  return drafts(db).flatMap(({ kind, entity, stream, visit, body }) => {
    const words = UNFOUND.has(kind) ? [] : [...texts(body)];
    const has = new Set(words.flatMap((each) => grams(each)));
    const isFound = terms.every(({ term, is_prefix }) => has.has(term) || (is_prefix && [...has].some((each) => each.startsWith(term))));
    return isFound ? [{ kind, entity, stream, visit: kind === "visit" ? entity : visit, is_draft: true, body, texts: words }] : [];
  });
}

/** @param {Database} db @param {Kinds} kinds @param {import("./database.js").Row} found @returns {Hit[]} */
function withWords(db, kinds, { kind, entity, stream }) {
  const body = kinds[kind] === undefined ? null : row(db, kinds, { kind, entity });
  if (body === null) return [];
  const { visit = null } = body;
  return [{ kind, entity, stream, visit: kind === "visit" ? entity : visit, is_draft: false, body, texts: [...texts(body)] }];
}
