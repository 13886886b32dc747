// @ts-check
/**
 * Which receipt is shown to the archive, so that one that was rolled back notices (PROTOCOL 7): the newest, once a day; and at once, when
 * something it says does not fit what it said before, the one that speaks against it, or a time token that does. A doubt is shown once and
 * again with the next day.
 */

import { wallMs } from "../clock.js";
import { DAY_MS } from "./moment.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {{what: string, receipt: string | null, is_presented: boolean}} Doubt */

const NEWEST = `select receipt from record where is_own = 1 and receipt is not null and (:stream is null or stream = :stream)
  order by julianday(received_at) desc, position desc limit 1`;

/**
 * Return the receipt, or the time token, to present now; null where there is none.
 * @param {Database} db
 * @returns {string | null}
 */
export function toPresent(db) {
  const doubt = /** @type {Doubt | null} */ (setting(db, "doubt"));
  if (doubt !== null && !doubt.is_presented) return doubt.receipt ?? newest(db, null);
  const at_ms = setting(db, "presented_ms");
  const is_due = at_ms === null || Math.abs(wallMs() - at_ms) >= DAY_MS;
  return is_due ? newest(db, null) : null;
}

/**
 * @param {Database} db
 * @param {string | null} stream
 * @returns {string | null}
 */
function newest(db, stream) {
  return db.value(NEWEST, { stream });
}

/**
 * Note that the archive has looked at what was presented.
 * @param {Database} db
 */
export function presented(db) {
  const doubt = setting(db, "doubt");
  db.transaction(() => {
    set(db, "presented_ms", wallMs());
    if (doubt !== null) set(db, "doubt", { ...doubt, is_presented: true });
  });
}

/**
 * Note that something the archive says of a stream does not fit.
 * @param {Database} db
 * @param {string} stream
 * @param {string} what told apart from other doubts by this
 * @param {string | null} [receipt] what speaks against it, where it is known
 * @returns {boolean} whether it is a new doubt
 */
export function doubt(db, stream, what, receipt = null) {
  if (setting(db, "doubt")?.what === what) return false;
  set(db, "doubt", { what, receipt: receipt ?? newest(db, stream), is_presented: false });
  return true;
}
