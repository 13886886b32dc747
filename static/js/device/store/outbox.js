// @ts-check
/** The exact state of everything of one's own, and what sync still has to do. The outbox is a view of records, not a list beside them. */

import { stateOf } from "../../core/state.js";
import { erasedItems } from "./erased.js";
import { nowText } from "./moment.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./database.js").Row} Row */

const COLUMNS = `record.hash, record.id, record.kind, record.entity, record.visit, record.captured_at, record.verdict, record.reason,
  record.detail, record.received_at, record.completed_at, record.handed_at, length(record.jws) as record_bytes,
  (select count(*) from naming where naming.record = record.hash and is_required) as photos_count,
  (select count(*) from naming where naming.record = record.hash and is_required and held_at is not null) as photos_held`;

/**
 * @typedef {object} Item
 * @property {string} hash
 * @property {string} id
 * @property {string} kind
 * @property {string} entity
 * @property {string | null} visit
 * @property {string} captured_at
 * @property {string | null} reason why it is held or refused
 * @property {string | null} detail
 * @property {string | null} received_at
 * @property {string | null} completed_at
 * @property {number} record_bytes
 * @property {import("../../core/state.js").State} state
 * @property {{held: number, count: number}} photos required ones: held by the archive, as a receipt says, of all
 */

/** @param {Row} row @returns {Item} */
function toItem({ photos_count, photos_held, verdict, received_at, completed_at, handed_at, ...rest }) {
  const state = stateOf({ is_sealed: true, verdict, received_at, completed_at, handed_at });
  return /** @type {Item} */ ({ ...rest, received_at, completed_at, state, photos: { held: photos_held, count: photos_count } });
}

/**
 * Return one's own records that are not yet safe, oldest first; with `safe` all, those erased by law last.
 * @param {Database} db
 * @param {{safe?: boolean}} [wanted]
 */
export function outbox(db, { safe = false } = {}) {
  const sql = `select ${COLUMNS} from record where is_own = 1 and (:safe or completed_at is null) order by number`;
  return [...db.rows(sql, { safe }).map(toItem), ...(safe ? erasedItems(db) : [])];
}

/**
 * Count one's own things by state, and tell since when the oldest that the archive has not received has waited.
 * @param {Database} db
 * @returns {Record<import("../../core/state.js").State, number> & {unsent_since: string | null}}
 */
export function tally(db) {
  const counts = { draft: 0, saved: 0, handed: 0, sent: 0, safe: 0, held: 0, refused: 0, erased: 0 };
  counts.draft = db.value("select count(*) from draft where discarded_at is null");
  const sql = `select verdict, received_at is not null as is_received, completed_at is not null as is_complete,
    handed_at is not null as is_handed, count(*) as count from record where is_own = 1 group by 1, 2, 3, 4`;
  for (const { verdict, is_received, is_complete, is_handed, count } of db.rows(sql)) {
    const at = (/** @type {unknown} */ is) => (is ? "" : null);
    const proof = { is_sealed: true, verdict, received_at: at(is_received), completed_at: at(is_complete), handed_at: at(is_handed) };
    counts[stateOf(proof)] += count;
  }
  counts.erased = db.value("select count(*) from erased where is_own = 1");
  const oldest = `select captured_at from record where is_own = 1 and received_at is null and completed_at is null
    and (verdict is null or verdict in ('refused', 'held')) order by number limit 1`;
  return { ...counts, unsent_since: db.value(oldest) };
}

/**
 * Return the state of everything of one's own on a visit, by entity: of the newest revision, or `draft` where one is open.
 * @param {Database} db
 * @param {string} visit
 */
export function states(db, visit) {
  const sealed = db.rows(`select ${COLUMNS} from record where is_own = 1 and (visit = :visit or entity = :visit) order by number`, { visit }).map(toItem);
  const open = db.rows("select entity from draft where (visit = :visit or entity = :visit) and discarded_at is null", { visit });
  return Object.fromEntries([
    ...sealed.map(({ entity, state, photos }) => [entity, { state, photos }]),
    ...open.map(({ entity }) => [entity, { state: "draft", photos: { held: 0, count: 0 } }]),
  ]);
}

/**
 * Note that a station keeps a record with its required photos: that is all it says, and the record stays unsent towards the archive.
 * @param {Database} db
 * @param {string} hash
 */
export function handed(db, hash) {
  db.transaction(() => db.run("update record set handed_at = coalesce(handed_at, :now) where hash = :hash and is_own = 1", { hash, now: nowText() }));
}

/**
 * Return which of these records no station keeps yet.
 * @param {Database} db
 * @param {string[]} hashes
 * @returns {Set<string>}
 */
export function unhanded(db, hashes) {
  const sql = "select hash from record where handed_at is null and hash in (select value from json_each(:hashes))";
  return new Set(db.rows(sql, { hashes: JSON.stringify(hashes) }).map((row) => row.hash));
}

/**
 * Return one's own records the archive has not received, in the order they were sealed; refused ones too, whose cause may have ended.
 * @param {Database} db
 * @returns {{hash: string, size_bytes: number}[]}
 */
export function unsent(db) {
  const sql = `select hash, length(jws) as size_bytes from record where is_own = 1 and received_at is null and completed_at is null
    and (verdict is null or verdict = 'refused') order by number`;
  return db.rows(sql).map((row) => ({ hash: row.hash, size_bytes: row.size_bytes }));
}

/**
 * Return the bytes of records.
 * @param {Database} db
 * @param {string[]} hashes
 * @returns {{hash: string, jws: string}[]}
 */
export function records(db, hashes) {
  const sql = "select hash, jws from record where jws is not null and hash in (select value from json_each(:hashes)) order by number";
  return db.rows(sql, { hashes: JSON.stringify(hashes) }).map((row) => ({ hash: row.hash, jws: row.jws }));
}

/**
 * Return hashes to ask receipts for: received, set aside or held by a relay, and not proven safe; and those with bytes that were sent,
 * required or not, and that no receipt says are held.
 * @param {Database} db
 * @returns {string[]}
 */
export function unsafe(db) {
  const sql = `select hash from record where is_own = 1
    and (received_at is not null or verdict in ('appended', 'known', 'quarantined', 'held'))
    and (completed_at is null or exists (select 1 from naming where naming.record = record.hash and sent_at is not null and held_at is null))
    order by number`;
  return db.rows(sql).map((row) => row.hash);
}

/**
 * Return photos whose record the archive has and whose bytes are here and not sent: views first, then by age.
 * @param {Database} db
 * @returns {{record: string, sha256: string, size_bytes: number, part: "view" | "original", is_required: boolean, upload: string | null}[]}
 */
export function missingPhotos(db) {
  const sql = `select naming.record, naming.sha256, naming.size_bytes, naming.part, naming.is_required, naming.upload
    from naming join record on record.hash = naming.record join photo.file as file on file.sha256 = naming.sha256
    where record.is_own = 1 and naming.sent_at is null
      and (record.received_at is not null or record.verdict in ('appended', 'known', 'quarantined'))
    order by naming.part = 'original', naming.is_required desc, record.number`;
  return db.rows(sql).map(({ record, sha256, size_bytes, part, is_required, upload }) => ({
    record,
    sha256,
    size_bytes,
    part,
    is_required: is_required !== 0,
    upload,
  }));
}

/**
 * Remember where an upload goes on, or forget it.
 * @param {Database} db
 * @param {string} record
 * @param {string} sha256
 * @param {string | null} upload the tus location
 */
export function saveUpload(db, record, sha256, upload) {
  const sql = "update naming set upload = :upload where record = :record and sha256 = :sha256";
  db.transaction(() => db.run(sql, { record, sha256, upload }));
}

/**
 * Note that all bytes are over. Only a receipt says that they are safe.
 * @param {Database} db
 * @param {string} record
 * @param {string} sha256
 */
export function photoSent(db, record, sha256) {
  const sql = "update naming set sent_at = :now, is_missing = 0, upload = null where record = :record and sha256 = :sha256";
  db.transaction(() => db.run(sql, { record, sha256, now: nowText() }));
}
