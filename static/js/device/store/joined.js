// @ts-check
/** Visits of colleagues this phone joined. A row is what the code said; what is recorded there are ordinary drafts and records of the visit. */

import { StoreError } from "./error.js";
import { nowText } from "./moment.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/visit_code.js").Joined} Joined */
/**
 * @typedef {Joined & {joined_at: string, is_submitted: boolean, is_open: boolean, is_known: boolean}} JoinedRow `is_submitted`: this person submitted
 *   what they recorded there; `is_open`: there are drafts; `is_known`: the archive has told this phone of the visit
 */

/**
 * Join a visit, or take a newer code of it. Durable before it is answered.
 * @param {Database} db
 * @param {Joined} body
 */
export function join(db, body) {
  db.transaction(() => {
    const row = { visit: body.visit, stream: body.stream, body: JSON.stringify(body), at: nowText() };
    db.run(`insert into joined (visit, stream, body, joined_at) values (:visit, :stream, :body, :at)
      on conflict (visit) do update set body = excluded.body`, row);
  });
  return null;
}

/**
 * Return the visits joined, the last one first; with `visit` that one only.
 * @param {Database} db
 * @param {{visit?: string}} [wanted]
 * @returns {JoinedRow[]}
 */
export function joined(db, { visit } = {}) {
  const sql = `select body, joined_at,
      exists (select 1 from submission where submission.visit = joined.visit and submission.author = :person) as is_submitted,
      exists (select 1 from draft where draft.visit = joined.visit and discarded_at is null) as is_open,
      exists (select 1 from main.visit where entity = joined.visit) as is_known
    from joined where :visit is null or joined.visit = :visit order by joined_at desc, joined.visit`;
  return db.rows(sql, { visit: visit ?? null, person: db.person }).map(({ body, joined_at, ...is }) => ({
    ...JSON.parse(body), joined_at, is_submitted: is.is_submitted !== 0, is_open: is.is_open !== 0, is_known: is.is_known !== 0,
  }));
}

/**
 * Leave a visit that nothing was recorded on.
 * @param {Database} db
 * @param {string} visit
 * @throws {StoreError} `BadArgument` where something of it is on this phone
 */
export function leave(db, visit) {
  db.transaction(() => {
    const sql = "select exists (select 1 from draft where visit = :visit and discarded_at is null) or exists (select 1 from record where is_own = 1 and visit = :visit)";
    if (db.value(sql, { visit }) !== 0) throw new StoreError("BadArgument", "something was recorded on this visit", { visit });
    db.run("delete from joined where visit = :visit", { visit });
  });
  return null;
}
