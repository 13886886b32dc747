// @ts-check
/**
 * Dropping the copies of what was erased by law (PROTOCOL 13). Only an erasure the archive has sealed, in the stream of what it names, takes
 * one's own records. Tables go in one commit; what cannot be part of it (log, photo file, traces in index and write-ahead log) is noted in
 * it and done afterwards, at the next opening if the phone dies first.
 */

import { isOfArchive } from "../../core/certificate.js";
import { dropEarlier } from "./earlier.js";
import { doom, isDoomed, noteErased } from "./erased.js";
import { isFull } from "./error.js";
import { foldEntity, payloadOf } from "./kind.js";
import { notify } from "./notice.js";
import { removeUnnamed } from "./photo.js";
import { clearLog, freeFromLog, freeLines } from "./retention.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {import("./erased.js").Left} Left */
/** @typedef {import("../../core/certificate.js").Keyring} Keyring */

export const ERASURE = "erasure";

/**
 * Return the hashes an erasure names.
 * @param {Record<string, unknown>} body
 * @returns {string[]}
 */
export function hashesIn(body) {
  const hashes = body["hashes"];
  return Array.isArray(hashes) ? hashes.filter((hash) => typeof hash === "string") : [];
}

/**
 * Apply an erasure the archive sealed; inside a transaction. An erasure is itself never erased.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} stream
 * @param {string[]} hashes
 */
export function applyErasure(db, kinds, stream, hashes) {
  doom(db, stream, hashes);
  const sql = `select hash, is_own, jws from record where stream = :stream and kind <> :kind and hash in (select value from json_each(:hashes))`;
  const here = db.rows(sql, { stream, kind: ERASURE, hashes: JSON.stringify(hashes) });
  let drafts = 0;
  for (const { hash, is_own, jws } of here) {
    const { id, kind, entity, author, supersedes } = payloadOf(jws);
    drafts += drop(db, kinds, { hash, id, kind, stream, entity, author, supersedes }, is_own !== 0);
  }
  const records = here.filter(({ is_own }) => is_own !== 0).length;
  if (records + drafts > 0) notify(db, "erased", { records, drafts });
}

/**
 * Take a line without its bytes; inside a transaction. One's own copy stays until the erasure itself is here: a line alone proves nothing.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Left} left
 * @returns {boolean} whether nothing of it is here any more
 */
export function applyErasedLine(db, kinds, left) {
  const isOwn = db.value("select is_own from record where hash = :hash", { hash: left.hash }) === 1;
  if (isOwn && !isDoomed(db, left.hash, left.stream)) return false;
  drop(db, kinds, left, isOwn);
  return true;
}

/**
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Left} left
 * @param {boolean} isOwn
 * @returns {number} how many drafts went that were copies of it
 */
function drop(db, kinds, left, isOwn) {
  const { hash, entity } = left;
  freeFromLog(db, [hash]);
  const photos = db.rows("select distinct sha256 from naming where record = :hash", { hash }).map((row) => String(row.sha256));
  db.run("delete from naming where record = :hash", { hash });
  const wasHere = db.run("delete from record where hash = :hash", { hash }) > 0;
  noteErased(db, left, isOwn);
  const drafts = db.run("delete from draft where entity = :entity and supersedes like '%' || :hash || '%'", { entity, hash });
  foldEntity(db, kinds, entity);
  if (wasHere) set(db, "erasing", { photos: [...(setting(db, "erasing")?.photos ?? []), ...photos] });
  return drafts;
}

/**
 * A line of the log is not taken back into the tables; if that is because its record was erased, the line goes too.
 * @param {Database} db
 * @param {{hash: string, jws: string}} line
 */
export function forgetLine(db, { hash, jws }) {
  if (!db.row("select 1 from erased where hash = :hash", { hash })) return;
  freeLines(db, [{ hash, jws }]);
  set(db, "erasing", { photos: [], ...setting(db, "erasing") });
}

/**
 * Do what the commits of erasures left to do. May be cut off anywhere and is begun again.
 * @param {Database} db
 * @param {import("./log.js").Log} log
 */
export function finishErasing(db, log) {
  const left = setting(db, "erasing");
  if (left === null) return;
  removeUnnamed(db, left.photos);
  dropEarlier(db);
  try {
    clearLog(db, log);
    // Deleted words stay in the index until its parts are merged, and old pages in the write-ahead log until it is emptied.
    db.transaction(() => db.run("insert into search (search) values ('optimize')"));
    set(db, "erasing", null);
    db.checkpoint();
  } catch (error) {
    // The log is as it was: tried again at the next opening and the next page.
    if (!isFull(error)) throw error;
  }
}

/**
 * Apply the erasures here, of which an older app may have taken some for records like others; inside a transaction.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Keyring} ring
 */
export function applyKept(db, kinds, ring) {
  const rows = db.rows(`select stream, kid, jws from record where kind = '${ERASURE}' and is_own = 0`);
  for (const { stream, kid, jws } of rows) if (isOfArchive(ring, kid)) applyErasure(db, kinds, stream, hashesIn(payloadOf(jws).body));
}

/**
 * Drop what a rebuild has brought back; inside a transaction.
 * @param {Database} db
 * @param {Kinds} kinds
 */
export function expel(db, kinds) {
  const back = `select hash, stream, is_own, jws from record where hash in (select hash from erased)
    or exists (select 1 from doomed where doomed.hash = record.hash and doomed.stream = record.stream)`;
  for (const { hash, stream, is_own, jws } of db.rows(back)) {
    const { id, kind, entity, author, supersedes } = payloadOf(jws);
    drop(db, kinds, { hash, id, kind, stream, entity, author, supersedes }, is_own !== 0);
  }
}
