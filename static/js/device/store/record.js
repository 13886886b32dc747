// @ts-check
/** Records: sealed here or pulled. A record is inserted once and never changed; only what the archive says of it is added. */

import { fold } from "../../core/fold.js";
import { stateOf } from "../../core/state.js";
import { isErased } from "./erased.js";
import { foldEntity, payloadOf, recordsOf } from "./kind.js";
import { bytesNamed } from "./naming.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/record.js").SealedRecord} SealedRecord */
/** @typedef {import("./kind.js").Kinds} Kinds */

const INSERT = `insert into record
  (hash, id, kind, v, stream, entity, author, kid, counter, captured_at, visit, jws, is_own)
  values (:hash, :id, :kind, :v, :stream, :entity, :author, :kid, :counter, :captured_at, :visit, :jws, :is_own)
  on conflict do nothing`;

/**
 * Insert a record, the bytes it names, and fold its entity; inside a transaction. The same record again changes nothing, and what was
 * erased by law does not come back.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {SealedRecord} record
 * @param {boolean} isOwn
 * @returns {boolean} whether it was new
 */
export function insertRecord(db, kinds, record, isOwn) {
  const { hash, id, kind, v, stream, entity, author, kid, counter, captured_at, jws } = record;
  if (isErased(db, record, isOwn)) return false;
  const visit = visitOf(record);
  const row = { hash, id, kind, v, stream, entity, author, kid, counter, captured_at, visit, jws, is_own: isOwn };
  if (db.run(INSERT, row) === 0) return false;
  insertNaming(db, hash, record.body);
  foldEntity(db, kinds, entity);
  return true;
}

/**
 * Note which bytes a record names; inside a transaction. What is noted already stays.
 * @param {Database} db
 * @param {string} hash
 * @param {Record<string, any>} body
 */
export function insertNaming(db, hash, body) {
  for (const bytes of bytesNamed(body)) {
    db.run(
      `insert into naming (record, part, sha256, size_bytes, media_type, is_required, is_missing)
       values (:hash, :part, :sha256, :size_bytes, :media_type, :required, 0) on conflict do nothing`,
      { hash, ...bytes },
    );
  }
}

/**
 * Tell which visit a record belongs to; a visit belongs to itself.
 * @param {{kind: string, entity: string, body: Record<string, unknown>}} record
 * @returns {string | null}
 */
export function visitOf({ kind, entity, body }) {
  if (typeof body["visit"] === "string") return body["visit"];
  return kind === "visit" ? entity : null;
}

/**
 * Return one record with its body and state, or null.
 * @param {Database} db
 * @param {string} hash
 */
export function record(db, hash) {
  const row = db.row("select * from record where hash = :hash", { hash });
  if (!row) return null;
  const { number: _number, is_own, ...rest } = row;
  const body = row.jws === null ? null : payloadOf(row.jws).body;
  const { verdict, received_at, completed_at, handed_at } = row;
  const proof = { is_sealed: true, verdict, received_at, completed_at, handed_at };
  return { ...rest, is_own: is_own !== 0, body, state: stateOf(proof) };
}

/**
 * Return what a revision of an entity starts from, or null when nothing of it is here.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} entity
 * @returns {{kind: string, v: number, stream: string, body: object, heads: string[]} | null}
 */
export function present(db, kinds, entity) {
  const records = recordsOf(db, entity);
  const root = records.find(({ id }) => id === entity);
  const state = root && fold(records, kinds[root.kind]?.is_shared ?? false);
  if (!state || state.winner.body === null) return null;
  const { kind, v, stream, body } = state.winner;
  return { kind, v, stream, body, heads: state.heads.map(({ hash }) => hash).sort() };
}

/**
 * Return every body an entity ever had, each with its entity; without what was erased by law.
 * @param {Database} db
 * @param {string} entity
 */
export function wordings(db, entity) {
  return recordsOf(db, entity).flatMap(({ body }) => (body === null ? [] : [{ ...body, entity }]));
}
