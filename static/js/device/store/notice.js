// @ts-check
/** What the inspector must be told about the storage. A notice stays until a person acknowledges it. */

import { newId, nowText } from "./moment.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {"rebuilt" | "header-restored" | "log-behind" | "archive-changed" | "archive-restored" | "erased" | "other-phone"} What */
/** @typedef {{id: string, what: What, detail: any, created_at: string}} Notice */

/**
 * Put up a notice.
 * @param {Database} db
 * @param {What} what
 * @param {unknown} detail
 */
export function notify(db, what, detail) {
  const row = { id: newId(), what, detail: JSON.stringify(detail), created_at: nowText() };
  db.transaction(() => db.run("insert into notice (id, what, detail, created_at) values (:id, :what, :detail, :created_at)", row));
}

/**
 * Return the notices nobody has acknowledged, oldest first.
 * @param {Database} db
 * @returns {Notice[]}
 */
export function notices(db) {
  const rows = db.rows("select id, what, detail, created_at from notice where acknowledged_at is null order by rowid");
  return rows.map((row) => /** @type {Notice} */ ({ ...row, detail: JSON.parse(row.detail) }));
}

/**
 * Take a notice down, by a person's act.
 * @param {Database} db
 * @param {string} id
 */
export function acknowledge(db, id) {
  const at = nowText();
  db.transaction(() => db.run("update notice set acknowledged_at = :at where id = :id and acknowledged_at is null", { id, at }));
}
