// @ts-check
/** Finding by words: FTS5 over the grams of everything written in a body. One row of the index per entity. */

import { grams, matchExpression } from "../../core/grams.js";

/** @typedef {import("./database.js").Database} Database */

const NOT_WORDS = /^(?:[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|20\d\d-\d\d(?:-\d\d.*)?|[a-z0-9_]{1,40})$/;

/** What holds no words of people: letters nobody here can read, and keys. */
export const UNFOUND = new Set(["annex", "annex_opening", "reader_key", "recovery_key"]);

/**
 * Yield the words people wrote: every text of a body, at any depth, but ids, hashes, dates and code words.
 * @param {unknown} value
 * @returns {Generator<string, void, void>}
 */
export function* texts(value) {
  if (typeof value === "string" && !NOT_WORDS.test(value)) yield value;
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* texts(inner);
}

/**
 * Index an entity anew.
 * @param {Database} db
 * @param {string} kind
 * @param {{entity: string, stream: string, captured_at: string, body: object}} row
 */
export function index(db, kind, { entity, stream, captured_at, body }) {
  forget(db, entity);
  if (UNFOUND.has(kind)) return;
  const words = [...texts(body)].flatMap((text) => grams(text)).join(" ");
  if (words === "") return;
  const sql = "insert into found (kind, entity, stream, captured_at) values (:kind, :entity, :stream, :captured_at)";
  db.run(sql, { kind, entity, stream, captured_at });
  db.run("insert into search (rowid, grams) values (last_insert_rowid(), :words)", { words });
}

/**
 * Take an entity out of the index.
 * @param {Database} db
 * @param {string} entity
 */
export function forget(db, entity) {
  db.run("delete from search where rowid = (select number from found where entity = :entity)", { entity });
  db.run("delete from found where entity = :entity", { entity });
}

/**
 * Find entities by what a person typed, best first.
 * @param {Database} db
 * @param {{text: string, kind?: string, limit?: number}} wanted
 */
export function search(db, { text, kind, limit = 50 }) {
  const expression = matchExpression(text);
  if (expression === "") return [];
  const sql = `select found.kind, found.entity, found.stream, found.captured_at from search join found on found.number = search.rowid
    where search match :expression and (:kind is null or found.kind = :kind) order by rank limit :limit`;
  return db.rows(sql, { expression, kind: kind ?? null, limit });
}
