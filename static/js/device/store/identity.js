// @ts-check
/** Who works here: the person's enrolments, the pinned archive, and its certificates. Nothing of it is believed before it is checked. */

import { admitLoose, judgeKeys, presentKey } from "../../core/certificate.js";
import { parse } from "../../core/record.js";
import { Refusal } from "../../core/refusal.js";
import { readTime } from "../../core/statement.js";
import { parseInstant } from "../../core/instant.js";
import { StoreError } from "./error.js";
import { payloadOf } from "./kind.js";
import { nowText } from "./moment.js";
import { doubt } from "./presenting.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/certificate.js").Keyring} Keyring */
/** @typedef {import("../../core/port.js").CryptoPort} CryptoPort */
/** @typedef {{enrolment: string, keys: string[]}} Answer what `POST /enrolments` answers */

/**
 * @typedef {object} Identity
 * @property {string} person
 * @property {string} name
 * @property {string} role
 * @property {string} kid
 * @property {string} label of this phone
 * @property {string} archive its name, pinned
 * @property {string} archive_name for people
 * @property {string} enrolled_at
 * @property {number} epoch
 */

/**
 * Check an enrolment against the archive's own certificates.
 * @param {Answer} answer
 * @param {string | null} pinned name of the archive, when it is known already
 * @param {CryptoPort} port
 * @throws {StoreError} `NotProven`
 */
export async function checkEnrolment({ enrolment, keys }, pinned, port) {
  try {
    const first = await parse(keys[0] ?? "", port);
    const archive = pinned ?? first.kid;
    const jwses = keys.includes(enrolment) ? keys : [...keys, enrolment];
    const ring = await judgeKeys(archive, jwses, port);
    const sealed = await parse(enrolment, port);
    const certificate = Object.values(ring.certificates).find(({ jwk }) => JSON.stringify(jwk) === JSON.stringify(sealed.body["jwk"]));
    if (!certificate || certificate.role === null) throw new StoreError("NotProven", "the enrolment is of no person with a role");
    const kinds = await Promise.all(jwses.map(async (jws) => ({ jws, kind: (await parse(jws, port)).kind })));
    const archiveKeys = kinds.filter(({ kind }) => kind === "archive_key").map(({ jws }) => jws);
    return { ring, certificate, jwses, archiveKeys, enrolled_at: sealed.captured_at };
  } catch (error) {
    if (error instanceof Refusal) throw new StoreError("NotProven", error.message, { reason: error.reason });
    throw error;
  }
}

/**
 * Keep a checked enrolment: it is the current one from now on. Records that were refused for want of it are offered again.
 * @param {Database} db
 * @param {Awaited<ReturnType<typeof checkEnrolment>>} checked
 * @param {string} enrolment
 * @param {CryptoPort} port
 */
export async function keepEnrolment(db, { ring, certificate, jwses, enrolled_at }, enrolment, port) {
  const hashed = await Promise.all(jwses.map(async (jws) => ({ jws, hash: (await parse(jws, port)).hash })));
  const { kid, person, name, role, label } = certificate;
  db.transaction(() => {
    set(db, "archive", ring.archive);
    for (const row of hashed) db.run("insert into certificate (hash, jws) values (:hash, :jws) on conflict do nothing", row);
    db.run("update identity set is_current = 0");
    db.run(
      `insert or replace into identity (kid, person, name, role, label, enrolment, enrolled_at, is_current)
       values (:kid, :person, :name, :role, :label, :enrolment, :enrolled_at, 1)`,
      { kid, person, name, role, label, enrolment, enrolled_at },
    );
    db.run("update record set verdict = null, reason = null where is_own = 1 and verdict = 'refused' and reason = 'unknown-key'");
  });
}

/**
 * Return who works here, or null before the enrolment is kept.
 * @param {Database} db
 * @param {Keyring} ring
 * @returns {Identity | null}
 */
export function identity(db, ring) {
  const row = db.row("select person, name, role, kid, label, enrolled_at from identity where is_current = 1");
  if (!row) return null;
  return /** @type {Identity} */ ({ ...row, archive: ring.archive, archive_name: ring.name, epoch: setting(db, "epoch") ?? 1 });
}

/**
 * Read the certificates kept here, starting at the pinned name.
 * @param {Database} db
 * @param {CryptoPort} port
 * @returns {Promise<Keyring>}
 */
export async function keyring(db, port) {
  const rows = db.rows("select jws, position from certificate order by position, number");
  const placed = rows.filter(({ position }) => position !== null).map(({ jws }) => jws);
  const ring = await judgeKeys(String(setting(db, "archive")), placed, port);
  await admitLoose(ring, rows.filter(({ position }) => position === null).map(({ jws }) => jws), port);
  return ring;
}

/**
 * Keep a time token: the newest is the beacon of what is sealed next, and tells how far this phone's clock is off. One of an epoch that was
 * over is a doubt: the archive was rolled back to before that epoch began, and the beacon shows it.
 * @param {Database} db
 * @param {Keyring} ring
 * @param {CryptoPort} port
 * @param {{token: string, received_at_ms: number, round_trip_ms?: number}} heard
 * @throws {StoreError} `NotProven`
 */
export async function saveTime(db, ring, port, { token, received_at_ms, round_trip_ms = 0 }) {
  const time = await readTime(token, { archive: ring.archive, keys: presentKey(ring) }, port).catch((error) => {
    throw error instanceof Refusal ? new StoreError("NotProven", error.message) : error;
  });
  const at_ms = parseInstant(time.at).ms;
  const offset_ms = Math.round(at_ms + round_trip_ms / 2 - received_at_ms);
  const is_doubtful = db.transaction(() => {
    if (setting(db, "epoch") === null) set(db, "epoch", time.epoch);
    set(db, "clock", { offset_ms, checked_at: nowText() });
    if (time.epoch < (setting(db, "epoch") ?? 0)) return doubtEpoch(db, time);
    if (at_ms > (setting(db, "beacon_ms") ?? 0)) {
      set(db, "beacon", token);
      set(db, "beacon_ms", at_ms);
    }
    return false;
  });
  return { offset_ms, is_doubtful };
}

/**
 * @param {Database} db
 * @param {{epoch: number, at: string}} time of an epoch that was over
 */
function doubtEpoch(db, { epoch, at }) {
  const beacon = setting(db, "beacon");
  const is_proof = beacon !== null && /** @type {{epoch: number}} */ (/** @type {unknown} */ (payloadOf(beacon))).epoch === setting(db, "epoch");
  // It may happen again, so the hour tells one time from another.
  return doubt(db, "keys", `epoch ${epoch} ${at.slice(0, 13)}`, is_proof ? beacon : null);
}
