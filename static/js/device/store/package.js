// @ts-check
/**
 * Packages of what is not safe yet, and the receipts that come back. Each piece is one turn with the storage open, so that nothing waits
 * for a whole package. Writing one frees nothing and marks nothing; only receipts do.
 */

import { packageId, plan, readAnswer, writePart } from "../../core/package.js";
import { Refusal } from "../../core/refusal.js";
import { webCrypto } from "../crypto.js";
import { secrecy } from "../secrecy.js";
import { StoreError } from "./error.js";
import { nowText } from "./moment.js";
import { records } from "./outbox.js";
import { readPhoto } from "./photo.js";
import { applyReceipts } from "./receipt.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("../../core/package.js").Item} Item */
/** @typedef {<T>(turn: () => T | Promise<T>) => Promise<T>} TakeTurn */

/** So large may one file be: what messengers and old sticks still take. */
const PART_BYTES = 256 * 1024 * 1024;
const LIMIT_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Write everything that is not proven safe.
 * @param {Session} session
 * @param {TakeTurn} turn
 * @param {{part_bytes?: number}} [wanted]
 * @returns {Promise<{files: {name: string, blob: Blob}[], records: number, photos: number}>}
 */
export async function writePackage(session, turn, { part_bytes = PART_BYTES } = {}) {
  const { items, destination, person } = await turn(() => gathered(session));
  const parts = plan(items, part_bytes);
  const written_at = nowText();
  const about = { destination, written_at, id: packageId(secrecy), parts: parts.length };
  const stem = `visits-${person}-${written_at.slice(0, 16).replace(/[-:]/g, "").replace("T", "-")}.fieldapp`;
  const source = {
    records: (/** @type {string[]} */ hashes) => turn(() => inOrder(session.desk.db, hashes)),
    photo: (/** @type {string} */ sha256, /** @type {number} */ from, /** @type {number} */ to) =>
      turn(() => readPhoto(session.desk.db, sha256, from, to)),
  };
  const files = [];
  for (const [at, part] of parts.entries()) {
    const blob = await writePart(part, { ...about, part: at + 1 }, source, secrecy);
    files.push({ name: parts.length === 1 ? stem : `${stem}.${at + 1}of${parts.length}`, blob });
  }
  return { files, records: items.length, photos: parts.reduce((sum, { photos }) => sum + photos.size, 0) };
}

/** @param {Session} session */
function gathered(session) {
  const { db, ring } = session.desk;
  if (ring.encryption === null) throw new StoreError("NoPackageKey", "the archive has announced no key for packages yet");
  const keys = db.rows("select jws from certificate order by position is null, position, number").map(({ jws }) => String(jws));
  const destination = { archive: ring.archive, ...ring.encryption, keys };
  return { items: unsafeItems(db), destination, person: db.person };
}

/**
 * Everything own that no receipt calls safe, with the photos no receipt says are held.
 * @param {Database} db
 * @returns {Item[]}
 */
export function unsafeItems(db) {
  const photos = `select naming.record, naming.sha256, naming.size_bytes from naming join photo.file as file on file.sha256 = naming.sha256
    where naming.held_at is null group by naming.record, naming.sha256`;
  const own = `select hash, length(jws) as size_bytes from record where is_own = 1 and jws is not null
    and (completed_at is null or exists (select 1 from (${photos}) as open where open.record = record.hash)) order by number`;
  /** @type {Map<string, Item["photos"]>} */
  const byRecord = new Map();
  for (const { record, sha256, size_bytes } of db.rows(photos)) byRecord.set(record, [...(byRecord.get(record) ?? []), { sha256, size_bytes }]);
  return db.rows(own).map(({ hash, size_bytes }) => ({ hash, size_bytes, photos: byRecord.get(hash) ?? [] }));
}

/**
 * @param {Database} db
 * @param {string[]} hashes
 */
function inOrder(db, hashes) {
  const found = new Map(records(db, hashes).map(({ hash, jws }) => [hash, jws]));
  return hashes.flatMap((hash) => found.get(hash) ?? []);
}

/**
 * Take the receipts of an answer; those count that prove themselves, like those that come over the network.
 * @param {Session} session
 * @param {TakeTurn} turn
 * @param {{blob: Blob}} given
 * @returns {Promise<{applied: number, rejected: number}>} facts about records of this phone, and receipts that prove nothing
 * @throws {StoreError} `NotAnAnswer` with the reason
 */
export async function readPackage(session, turn, { blob }) {
  if (blob.size > LIMIT_ANSWER_BYTES) throw new StoreError("NotAnAnswer", "too large for receipts", { reason: "too-large" });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const archive = await turn(() => session.desk.ring.archive);
  try {
    const { receipts } = await readAnswer(bytes, archive, webCrypto);
    return await turn(() => applyReceipts(session.desk.db, session.desk.ring, webCrypto, receipts));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new StoreError("NotAnAnswer", error.message, { reason: error.reason });
  }
}
