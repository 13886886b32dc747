// @ts-check
/** What was erased by law (PROTOCOL 13): the hashes that erasures name, and what folding still needs of those that were here. */

import { nowText } from "./moment.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./outbox.js").Item} Item */
/** @typedef {{hash: string, id: string, kind: string, stream: string, entity: string, author: string, supersedes: string[]}} Left */

/**
 * Tell whether an erasure names a record of a stream, arrived or not.
 * @param {Database} db
 * @param {string} hash
 * @param {string} stream
 */
export function isDoomed(db, hash, stream) {
  return db.row("select 1 from doomed where hash = :hash and stream = :stream", { hash, stream }) !== null;
}

/**
 * Doom hashes in a stream, for ever; inside a transaction.
 * @param {Database} db
 * @param {string} stream
 * @param {string[]} hashes
 */
export function doom(db, stream, hashes) {
  for (const hash of hashes) db.run("insert into doomed (hash, stream) values (:hash, :stream) on conflict do nothing", { hash, stream });
}

/**
 * Tell whether a record may not be kept, and note what stays known of it when an erasure named it before it came.
 * @param {Database} db
 * @param {Left} record
 * @param {boolean} isOwn
 */
export function isErased(db, record, isOwn) {
  if (db.row("select 1 from erased where hash = :hash", { hash: record.hash })) return true;
  if (!isDoomed(db, record.hash, record.stream)) return false;
  noteErased(db, record, isOwn);
  return true;
}

/**
 * Keep what folding needs of an erased record; inside a transaction.
 * @param {Database} db
 * @param {Left} left
 * @param {boolean} isOwn
 */
export function noteErased(db, { hash, id, kind, stream, entity, author, supersedes }, isOwn) {
  db.run(
    `insert into erased (hash, id, kind, stream, entity, author, supersedes, is_own, erased_at)
     values (:hash, :id, :kind, :stream, :entity, :author, :supersedes, :is_own, :at) on conflict do nothing`,
    { hash, id, kind, stream, entity, author, supersedes: JSON.stringify(supersedes), is_own: isOwn, at: nowText() },
  );
}

/**
 * Return one's own records that were erased, as settled items.
 * @param {Database} db
 * @returns {Item[]}
 */
export function erasedItems(db) {
  const rows = db.rows("select hash, id, kind, entity, erased_at from erased where is_own = 1 order by erased_at, rowid");
  return rows.map(({ erased_at, ...rest }) => /** @type {Item} */ ({
    ...rest, visit: null, captured_at: erased_at, reason: null, detail: null, received_at: null, completed_at: erased_at, record_bytes: 0,
    state: "erased", photos: { held: 0, count: 0 },
  }));
}
