// @ts-check
/** Another phone of the same person: told once for each, when the stream `keys` names it, for it may be somebody else's doing. */

import { notify } from "./notice.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/certificate.js").Keyring} Keyring */

/**
 * Put up a notice for each phone of the person that counts, is not this one and was not told of.
 * @param {Database} db
 * @param {Keyring} ring
 * @returns {boolean} whether there was one
 */
export function tellOtherPhones(db, ring) {
  const own = db.rows("select kid, person, is_current from identity");
  const person = own.find(({ is_current }) => is_current === 1)?.person;
  const told = /** @type {string[]} */ (setting(db, "told_phones") ?? []);
  const silent = new Set([...told, ...own.map(({ kid }) => String(kid)), ...Object.keys(ring.revoked), ...Object.keys(ring.vouched)]);
  const others = Object.values(ring.certificates).filter((one) => one.person === person && !silent.has(one.kid));
  if (others.length === 0) return false;
  db.transaction(() => {
    for (const { label } of others) notify(db, "other-phone", { label });
    set(db, "told_phones", [...told, ...others.map(({ kid }) => kid)]);
  });
  return true;
}
