// @ts-check
/** Drafts: what is being written. Every save is one durable commit; a discarded draft is kept 30 days. */

import { parseInstant } from "../../core/instant.js";
import { StoreError } from "./error.js";
import { DAY_MS, newId, nowText } from "./moment.js";

/** @typedef {import("./database.js").Database} Database */

/**
 * @typedef {object} Local what only this phone needs to know of a draft
 * @property {import("../image.js").Problem} [problem] what looks wrong with a photo
 * @property {boolean} [is_position_told] of a visit: that there is no position was said, and put away
 * @property {string | null} [awaits_photo_since] the camera or gallery was opened for it then, and has given nothing yet
 */
/**
 * @typedef {object} Draft
 * @property {string} id fixed when opened; the id of the record it becomes
 * @property {string} kind
 * @property {number} v
 * @property {string} stream
 * @property {string} entity
 * @property {string[]} supersedes hashes, ascending
 * @property {string | null} visit entity of the visit it belongs to
 * @property {any} body
 * @property {Local} local never sealed
 * @property {string} opened_at
 * @property {string} saved_at
 * @property {string | null} discarded_at
 */

const KEEP_DISCARDED_DAYS = 30;
/** Confidential words that were dropped can be taken back for a day. */
const KEEP_ANNEX_DAYS = 1;

/** @param {import("./database.js").Row} row @returns {Draft} */
function toDraft(row) {
  return /** @type {Draft} */ ({ ...row, supersedes: JSON.parse(row.supersedes), body: JSON.parse(row.body), local: JSON.parse(row.local ?? "{}") });
}

/**
 * Open a draft: durable before anything is asked of the person.
 * @param {Database} db
 * @param {{kind: string, v: number, stream: string, body: object, id?: string, entity?: string, supersedes?: string[], visit?: string | null, local?: Local, at?: string}} wanted
 *   `at`: when it happened, where that is not now
 * @returns {Draft}
 */
export function openDraft(db, wanted) {
  const id = wanted.id ?? newId();
  const at = wanted.at ?? nowText();
  const row = {
    id,
    kind: wanted.kind,
    v: wanted.v,
    stream: wanted.stream,
    entity: wanted.entity ?? id,
    supersedes: JSON.stringify([...(wanted.supersedes ?? [])].sort()),
    visit: wanted.visit ?? null,
    body: JSON.stringify(wanted.body),
    local: JSON.stringify(wanted.local ?? {}),
    at,
  };
  db.transaction(() =>
    db.run(
      `insert into draft (id, kind, v, stream, entity, supersedes, visit, body, local, opened_at, saved_at)
       values (:id, :kind, :v, :stream, :entity, :supersedes, :visit, :body, :local, :at, :at)`,
      row,
    ),
  );
  return draftOrThrow(db, id);
}

/**
 * Return a draft, or null.
 * @param {Database} db
 * @param {string} id
 */
export function draft(db, id) {
  const row = db.row("select * from draft where id = :id", { id });
  return row && toDraft(row);
}

/**
 * @param {Database} db
 * @param {string} id
 * @throws {StoreError} `UnknownDraft`
 */
export function draftOrThrow(db, id) {
  const found = draft(db, id);
  if (!found) throw new StoreError("UnknownDraft", `no draft ${id}`, { id });
  return found;
}

/**
 * Save the whole body of a draft, and where it belongs when that changed; of what is known here only the members given.
 * A screen writes bodies of the newest version, `v`: each holds all that earlier ones did.
 * @param {Database} db
 * @param {{id: string, body: object, v?: number, stream?: string, visit?: string | null, local?: Local}} save
 */
export function saveDraft(db, { id, body, v = 0, stream, visit, local = {} }) {
  const before = draftOrThrow(db, id);
  const saved_at = nowText();
  const row = {
    id,
    body: JSON.stringify(body),
    v: Math.max(v, before.v),
    stream: stream ?? before.stream,
    visit: visit === undefined ? before.visit : visit,
    local: JSON.stringify({ ...before.local, ...local }),
    saved_at,
  };
  db.transaction(() =>
    db.run("update draft set body = :body, v = :v, stream = :stream, visit = :visit, local = :local, saved_at = :saved_at where id = :id", row),
  );
  return { id, saved_at };
}

/**
 * Replace some members of a draft's body.
 * @param {Database} db
 * @param {{id: string, body?: object, v?: number, local?: Local}} patch
 */
export function patchDraft(db, { id, body = {}, v = 0, local = {} }) {
  return saveDraft(db, { id, body: { ...draftOrThrow(db, id).body, ...body }, v, local });
}

/**
 * Discard a draft, or take that back.
 * @param {Database} db
 * @param {string} id
 * @param {boolean} isDiscarded
 */
export function discardDraft(db, id, isDiscarded) {
  draftOrThrow(db, id);
  const at = isDiscarded ? nowText() : null;
  db.transaction(() => db.run("update draft set discarded_at = :at where id = :id", { id, at }));
  return draftOrThrow(db, id);
}

/**
 * Return drafts, oldest first; with a visit, its own draft and its parts.
 * @param {Database} db
 * @param {{visit?: string, kind?: string, discarded?: boolean}} [wanted]
 * @returns {Draft[]}
 */
export function drafts(db, { visit, kind, discarded = false } = {}) {
  const sql = `select * from draft where (:visit is null or visit = :visit or entity = :visit) and (:kind is null or kind = :kind)
    and (discarded_at is not null) = :discarded order by rowid`;
  return db.rows(sql, { visit: visit ?? null, kind: kind ?? null, discarded }).map(toDraft);
}

/**
 * Open a draft that revises an entity: its folded body, superseding every present head. A draft already open for it is returned.
 * @param {Database} db
 * @param {{kind: string, v: number, stream: string, entity: string, heads: string[], body: object, visit?: string | null}} wanted
 */
export function revise(db, { heads, ...wanted }) {
  const open = db.row("select * from draft where entity = :entity and discarded_at is null", { entity: wanted.entity });
  return open ? toDraft(open) : openDraft(db, { ...wanted, supersedes: heads });
}

/**
 * Forget drafts that were discarded more than 30 days ago, annexes after a day.
 * @param {Database} db
 * @param {number} now_ms
 */
export function sweepDrafts(db, now_ms) {
  const old = db
    .rows("select id, kind, discarded_at from draft where discarded_at is not null")
    .filter((row) => now_ms - parseInstant(row.discarded_at).ms > (row.kind === "annex" ? KEEP_ANNEX_DAYS : KEEP_DISCARDED_DAYS) * DAY_MS);
  db.transaction(() => old.forEach(({ id }) => db.run("delete from draft where id = :id", { id })));
}
