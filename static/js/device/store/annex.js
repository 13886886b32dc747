// @ts-check
/**
 * Sealing a confidential annex: what its draft says goes into a letter (PROTOCOL 14) and the draft away, in one commit. Then nothing of it is left in
 * the files of this phone: deleted pages are overwritten, and the write-ahead log is emptied.
 */

import { circleOf, pinned, recipientsOf } from "../../core/annex.js";
import { writeLetter } from "../../core/jwe.js";
import { thumbprint } from "../../core/jwk.js";
import { webCrypto } from "../crypto.js";
import { secrecy } from "../secrecy.js";
import { StoreError } from "./error.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {import("../../core/annex.js").ReaderKey & {name: string, name_en: string, post: string, post_en: string}} Reader */
/** @typedef {import("../../core/annex.js").Circle<Reader>} Circle */

const PINS = "annex.pins";
const FORGETTING = "annex.forgetting";

const READERS = `select reader_key.person, "key" as kid, jwk, coalesce(person.name, nullif(reader_key.name, ''), reader_key.person) as name, coalesce(name_en, '') as name_en, coalesce(post, '') as post,
    coalesce(post_en, '') as post_en
  from (select *, row_number() over (partition by person order by captured_at desc, entity) as place from main.reader_key) as reader_key
  left join main.person on person.person = reader_key.person where place = 1 and not is_withdrawn order by reader_key.person`;
const RECOVERY = 'select "key" as kid, jwk from main.recovery_key order by captured_at desc, entity limit 1';

/**
 * Return who annexes may be written to. The first set this phone meets is the one it keeps to.
 * @param {Database} db
 * @param {Kinds} kinds
 * @returns {Circle}
 */
export function annexCircle(db, kinds) {
  if (!kinds["reader_key"] || !kinds["recovery_key"]) return { recovery: null, readers: [] };
  const [readers, recovery] = [db.rows(READERS).map(withJwk), db.row(RECOVERY)];
  const circle = circleOf(/** @type {Reader[]} */ (readers), recovery && /** @type {any} */ (withJwk(recovery)), setting(db, PINS));
  if (circle.recovery !== null && setting(db, PINS) === null) set(db, PINS, pinned(null, circle, new Set([...circle.readers, circle.recovery].map(({ kid }) => kid))));
  return circle;
}

/** @param {import("./database.js").Row} row */
function withJwk({ jwk, ...row }) {
  return { ...row, jwk: JSON.parse(jwk) };
}

/**
 * Take a key into use that a person confirmed.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} kid
 */
export function confirmKey(db, kinds, kid) {
  set(db, PINS, pinned(setting(db, PINS), annexCircle(db, kinds), new Set([kid])));
  return annexCircle(db, kinds);
}

/**
 * Return a draft as it is sealed: what it says in a letter to those chosen.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Draft} draft
 * @returns {Promise<Draft>}
 * @throws {StoreError} `AnnexOpen` with the reason, when there is no recovery key that may be used
 */
export async function closedAnnex(db, kinds, draft) {
  const { visit, interview, identity, words, without } = draft.body;
  // What is sealed is not there to be revised: a letter of nothing would take its place.
  if (draft.supersedes.length > 0 || typeof words !== "string") throw new StoreError("BadArgument", "an annex is written once", { id: draft.id });
  return { ...draft, body: { visit, interview, ...(await letterTo(db, kinds, draft.entity, { identity, words }, ({ person }) => !without.includes(person))) } };
}

/**
 * Write a letter to the readers wanted, as far as their keys may be used, and to the recovery key.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} of what it belongs to
 * @param {{identity: string, words: string}} content
 * @param {(reader: Reader) => boolean} isWanted
 * @throws {StoreError} `AnnexOpen`, `NotProven`
 */
export async function letterTo(db, kinds, of, content, isWanted) {
  const circle = annexCircle(db, kinds);
  const chosen = recipientsOf({ ...circle, readers: circle.readers.filter(isWanted) }, []);
  if (chosen.why !== null) throw new StoreError("AnnexOpen", "an annex cannot be sealed now", { reason: chosen.why });
  const keys = [...chosen.readers, chosen.recovery];
  for (const { kid, jwk } of keys) {
    if ((await thumbprint(jwk, webCrypto)) !== kid) throw new StoreError("NotProven", "a key with the name of another", { kid });
  }
  const letter = await writeLetter(keys, of, content, secrecy);
  return { readers: chosen.readers.map(({ person, kid }) => ({ person, kid })), recovery: chosen.recovery.kid, letter };
}

/**
 * Note that words have to go, and put away what was dropped with them; inside the transaction that seals.
 * @param {Database} db
 * @param {{body: Record<string, any>}[]} annexes just sealed
 */
export function forgetAnnexes(db, annexes) {
  if (annexes.length === 0) return;
  set(db, FORGETTING, true);
  for (const { body } of annexes) {
    const dropped = "delete from draft where kind = 'annex' and discarded_at is not null and (visit = :visit or json_extract(body, '$.interview') = :interview)";
    db.run(dropped, { visit: body["visit"], interview: body["interview"] });
  }
}

/**
 * Empty the write-ahead log, where old pages stand. May be cut off anywhere and is begun again at the next opening.
 * @param {Database} db
 */
export function finishForgetting(db) {
  if (setting(db, FORGETTING) !== null && db.checkpoint()) set(db, FORGETTING, null);
}
