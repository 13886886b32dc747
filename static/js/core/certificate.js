// @ts-check
// Stream `keys` (PROTOCOL 2): which key belongs to whom. Trust starts at the pinned name of the archive and nowhere else.

import { isJwk, isKid, thumbprint } from "./jwk.js";
import { isPerson, parse, verify } from "./record.js";
import { Refusal } from "./refusal.js";

/** @import { CryptoPort, Json, Jwk } from "./port.js" */
/** @import { SealedRecord } from "./record.js" */

/**
 * @typedef {object} Certificate
 * @property {string} kid
 * @property {Jwk} jwk
 * @property {string} person
 * @property {string} name
 * @property {string} role
 * @property {string} label of the phone
 */

/**
 * @typedef {object} Keyring
 * @property {string} archive its name: the kid of its first key
 * @property {string} name the archive's name for people
 * @property {string} current kid of the archive's key so far
 * @property {Record<string, Jwk>} archive_keys all keys the archive has had, by kid
 * @property {Record<string, Certificate>} certificates by kid
 * @property {Record<string, string>} revoked reason by kid
 * @property {{kid: string, jwk: Jwk} | null} encryption the newest key that packages are encrypted to
 * @property {Record<string, Jwk>} desk_keys keys of other archives that this one vouches for, by kid: they speak for a desk, never of keys here
 * @property {Record<string, string>} vouched the archive that certified a key, by kid, where it is another one
 */

/**
 * Judge the stream `keys` from its beginning. Raises a Refusal where a record is not what it must be: what the archive
 * says of keys is all true, or nothing of it is believed. The first certificate of a key stands, whether of a person or of the
 * archive, and a later one for the same key says nothing; kinds that are not known here are left to newer phones.
 * @param {string} archive the pinned name
 * @param {string[]} records JWS by position
 * @param {Pick<CryptoPort, "digest" | "verify">} crypto
 * @returns {Promise<Keyring>}
 */
export async function judgeKeys(archive, records, crypto) {
  /** @type {Keyring} */
  const ring = { archive, name: "", current: archive, archive_keys: {}, certificates: {}, revoked: {}, encryption: null, desk_keys: {}, vouched: {} };
  for (const jws of records) await admit(ring, await parse(jws, crypto), crypto);
  return ring;
}

/**
 * Judge certificates whose place in the stream is not known after those whose is: what does not follow is left out. An archive that was
 * rolled back may have lost what it certified.
 * @param {Keyring} ring changed
 * @param {string[]} records JWS in the order they came
 * @param {Pick<CryptoPort, "digest" | "verify">} crypto
 */
export async function admitLoose(ring, records, crypto) {
  for (const jws of records) {
    try {
      await admit(ring, await parse(jws, crypto), crypto);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

/**
 * The key the archive states with now, by kid; older ones state nothing more.
 * @param {Keyring} ring
 * @returns {Record<string, Jwk>}
 */
export function presentKey({ current, archive_keys }) {
  const jwk = archive_keys[current];
  return jwk === undefined ? {} : { [current]: jwk };
}

/**
 * Say whether a key is this archive's, or another's that it vouches for: such keys seal for whoever works at a desk, and erase by law.
 * @param {Keyring} ring
 * @param {string} kid
 */
export function isOfArchive(ring, kid) {
  return ring.archive_keys[kid] !== undefined || ring.desk_keys[kid] !== undefined;
}

/**
 * Raise a Refusal unless a record was sealed by a key of the ring, and by its author's own: `unknown-key`,
 * `bad-signature`, `wrong-author`. A revoked key still vouches for what was sealed before; the archive judges that.
 * @param {Keyring} ring
 * @param {SealedRecord} record
 * @param {Pick<CryptoPort, "verify">} crypto
 */
export async function checkSeal(ring, record, crypto) {
  const archiveKey = ring.archive_keys[record.kid] ?? ring.desk_keys[record.kid];
  const certificate = ring.certificates[record.kid];
  const jwk = archiveKey ?? certificate?.jwk;
  if (jwk === undefined) throw new Refusal("unknown-key", `key ${record.kid} is not enrolled`);
  await verify(record, jwk, crypto);
  if (archiveKey === undefined && certificate?.person !== record.author) {
    throw new Refusal("wrong-author", "the key is another person's");
  }
}

/**
 * @param {Keyring} ring
 * @param {SealedRecord} record
 * @param {Pick<CryptoPort, "digest" | "verify">} crypto
 */
async function admit(ring, record, crypto) {
  if (record.stream !== "keys") throw new Refusal("not-a-certificate", "not of stream keys");
  if (record.kind === "archive_key") return admitArchiveKey(ring, record, crypto);
  await checkSealer(ring, record, crypto);
  if (record.kind === "enrolment") return admitEnrolment(ring, record, crypto);
  if (record.kind === "revocation") admitRevocation(ring, record);
  if (record.kind === "vouching") await admitVouching(ring, record, crypto);
  if (record.kind === "encryption_key") await admitEncryptionKey(ring, record, crypto);
}

/**
 * @param {Keyring} ring
 * @param {SealedRecord} record
 * @param {Pick<CryptoPort, "digest" | "verify">} crypto
 */
async function admitArchiveKey(ring, record, crypto) {
  const { jwk, name } = record.body;
  if (!isJwk(jwk)) throw new Refusal("not-a-certificate", "jwk is not a key");
  const kid = await thumbprint(jwk, crypto);
  const is_first = Object.keys(ring.archive_keys).length === 0;
  if (is_first && kid !== ring.archive) throw new Refusal("wrong-archive", "the first key has another name");
  await checkSealer(is_first ? { ...ring, archive_keys: { [kid]: jwk } } : ring, record, crypto);
  if (isNamed(ring, kid)) return;
  ring.archive_keys[kid] = jwk;
  ring.current = kid;
  ring.name = textOf(name, "name");
}

/**
 * @param {Keyring} ring
 * @param {SealedRecord} record
 * @param {Pick<CryptoPort, "digest">} crypto
 */
async function admitEnrolment(ring, record, crypto) {
  const { jwk, person, name, role, label } = record.body;
  if (!isJwk(jwk) || !isPerson(person)) throw new Refusal("not-a-certificate", "no key, or no person");
  const kid = await thumbprint(jwk, crypto);
  if (isNamed(ring, kid)) return;
  ring.certificates[kid] = {
    kid,
    jwk,
    person,
    name: textOf(name, "name"),
    role: textOf(role, "role"),
    label: textOf(label, "label"),
  };
}

/**
 * @param {Keyring} ring
 * @param {SealedRecord} record
 * @param {Pick<CryptoPort, "digest">} crypto
 */
async function admitEncryptionKey(ring, record, crypto) {
  const { jwk } = record.body;
  if (!isJwk(jwk)) throw new Refusal("not-a-certificate", "jwk is not a key");
  ring.encryption = { kid: await thumbprint(jwk, crypto), jwk };
}

/**
 * Take up what another archive says of its keys, as this one sealed it: it has checked that all follows from that archive's name.
 * @param {Keyring} ring
 * @param {SealedRecord} record
 * @param {Pick<CryptoPort, "digest">} crypto
 */
async function admitVouching(ring, record, crypto) {
  const { archive, records } = record.body;
  if (!isKid(archive) || !Array.isArray(records) || records.length === 0) throw new Refusal("not-a-certificate", "no archive, or no records");
  for (const jws of records) {
    const found = await parse(textOf(jws, "a record"), crypto).catch((error) => {
      throw error instanceof Refusal ? new Refusal("not-a-certificate", error.message) : error;
    });
    if (found.stream !== "keys") throw new Refusal("not-a-certificate", "not of stream keys");
    await admitVouched(ring, archive, found, crypto);
  }
}

/**
 * @param {Keyring} ring
 * @param {string} archive the other one
 * @param {SealedRecord} found
 * @param {Pick<CryptoPort, "digest">} crypto
 */
async function admitVouched(ring, archive, found, crypto) {
  if (found.kind === "revocation") {
    if (ring.vouched[String(found.body["kid"])] === archive) admitRevocation(ring, found);
    return;
  }
  if (found.kind !== "archive_key" && found.kind !== "enrolment") return;
  const { jwk } = found.body;
  if (!isJwk(jwk)) throw new Refusal("not-a-certificate", "jwk is not a key");
  const kid = await thumbprint(jwk, crypto);
  if (isNamed(ring, kid)) return;
  if (found.kind === "enrolment") await admitEnrolment(ring, found, crypto);
  else ring.desk_keys[kid] = jwk;
  ring.vouched[kid] = archive;
}

/**
 * Say whether the stream has named a key already.
 * @param {Keyring} ring
 * @param {string} kid
 */
function isNamed(ring, kid) {
  return isOfArchive(ring, kid) || ring.certificates[kid] !== undefined;
}

/**
 * Of several revocations the first counts; one of a key that the stream has not named says nothing.
 * @param {Keyring} ring
 * @param {SealedRecord} record
 */
function admitRevocation(ring, record) {
  const { kid, reason } = record.body;
  if (!isKid(kid)) throw new Refusal("not-a-certificate", "kid is not the name of a key");
  const words = textOf(reason, "reason");
  if (isNamed(ring, kid)) ring.revoked[kid] ??= words;
}

/**
 * The archive's key so far, and no other, seals what comes next.
 * @param {Keyring} ring
 * @param {SealedRecord} record
 * @param {Pick<CryptoPort, "verify">} crypto
 */
async function checkSealer(ring, record, crypto) {
  const jwk = ring.archive_keys[ring.current];
  if (jwk === undefined || record.kid !== ring.current) {
    throw new Refusal("unknown-key", "not sealed by the archive's key so far");
  }
  await verify(record, jwk, crypto);
}

/**
 * @param {Json | undefined} value
 * @param {string} what
 */
function textOf(value, what) {
  if (typeof value !== "string") throw new Refusal("not-a-certificate", `${what} is not text`);
  return value;
}
