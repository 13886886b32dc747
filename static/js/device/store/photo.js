// @ts-check
/**
 * Photo bytes, as rows of 256 KB in the attached database. Always committed BEFORE the draft or record that names them: a commit over two
 * files is not one after a crash. Bytes nothing names are swept when they are older than a day; named ones go only on receipts.
 */

import { toHex } from "../../core/hex.js";
import { parseInstant } from "../../core/instant.js";
import { StoreError } from "./error.js";
import { DAY_MS, nowText } from "./moment.js";

/** @typedef {import("./database.js").Database} Database */

const PART_BYTES = 256 * 1024;
const LIMIT_BYTES = 64 * 1024 * 1024;
const KEEP_SAFE_DAYS = 30;

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256Of(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/**
 * Store bytes, read them back and compare: durable and proven when this returns. The same bytes again are stored once, unless they
 * are not whole any more.
 * @param {Database} db
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} media_type
 * @returns {Promise<{sha256: string, size_bytes: number}>}
 * @throws {StoreError} `TooLarge`, `PhotoBroken`
 */
export async function storePhoto(db, bytes, media_type) {
  if (bytes.length === 0) throw new StoreError("PhotoBroken", "the photo has no bytes");
  if (bytes.length > LIMIT_BYTES) throw new StoreError("TooLarge", "the photo is larger than 64 MB", { limit_bytes: LIMIT_BYTES });
  const sha256 = await sha256Of(bytes);
  const file = { sha256, size_bytes: bytes.length, media_type, stored_at: nowText() };
  insertPhoto(db, file, parts(bytes));
  if (!(await isWhole(db, sha256))) {
    // Written wrong just now, or damaged since the first time: the bytes at hand take its place.
    db.transaction(() => {
      remove(db, sha256);
      insertPhoto(db, file, parts(bytes));
    });
    if (!(await isWhole(db, sha256))) throw new StoreError("PhotoBroken", "what was stored is not what was given");
  }
  return { sha256, size_bytes: bytes.length };
}

/**
 * Tell whether stored bytes are what their name says.
 * @param {Database} db
 * @param {string} sha256
 */
export async function isWhole(db, sha256) {
  try {
    return (await sha256Of(readPhoto(db, sha256))) === sha256;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<Uint8Array, void, void>}
 */
function* parts(bytes) {
  for (let at = 0; at < bytes.length; at += PART_BYTES) yield bytes.subarray(at, at + PART_BYTES);
}

/**
 * Insert a photo in one commit of the photo file, unless it is there.
 * @param {Database} db
 * @param {{sha256: string, size_bytes: number, media_type: string, stored_at: string}} file
 * @param {Iterable<Uint8Array>} bytes its parts in order
 */
export function insertPhoto(db, file, bytes) {
  db.transaction(() => {
    const isNew = db.run(
      `insert into photo.file (sha256, size_bytes, media_type, stored_at) values (:sha256, :size_bytes, :media_type, :stored_at)
       on conflict do nothing`,
      file,
    );
    if (isNew === 0) return;
    let number = 0;
    for (const part of bytes) {
      db.run("insert into photo.part (sha256, number, bytes) values (:sha256, :number, :part)", { sha256: file.sha256, number, part });
      number += 1;
    }
  });
}

/**
 * Return what is known of stored bytes, or null when they are not on this phone.
 * @param {Database} db
 * @param {string} sha256
 */
export function photoFile(db, sha256) {
  return db.row("select sha256, size_bytes, media_type, stored_at from photo.file where sha256 = :sha256", { sha256 });
}

/**
 * Read bytes, or a range of them.
 * @param {Database} db
 * @param {string} sha256
 * @param {number} [from] first byte
 * @param {number} [to] behind the last byte
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {StoreError} `PhotoBroken` when they are not all here
 */
export function readPhoto(db, sha256, from = 0, to = Infinity) {
  const file = photoFile(db, sha256);
  if (!file) throw new StoreError("PhotoBroken", "the photo is not on this phone", { sha256 });
  const end = Math.min(to, file.size_bytes);
  const bytes = new Uint8Array(Math.max(0, end - from));
  const range = { sha256, first: Math.floor(from / PART_BYTES), last: Math.ceil(end / PART_BYTES) };
  let done = 0;
  for (const row of db.rows("select number, bytes from photo.part where sha256 = :sha256 and number >= :first and number < :last order by number", range)) {
    const start = row.number * PART_BYTES;
    const part = row.bytes.subarray(Math.max(0, from - start), end - start);
    bytes.set(part, start + Math.max(0, from - start) - from);
    done += part.length;
  }
  if (done !== bytes.length) throw new StoreError("PhotoBroken", "part of the photo is missing", { sha256 });
  return bytes;
}

/**
 * Keep a small picture of stored bytes, for lists.
 * @param {Database} db
 * @param {string} sha256 of the bytes it was made of
 * @param {Uint8Array} bytes JPEG
 */
export function storeSmall(db, sha256, bytes) {
  db.transaction(() => db.run("insert or replace into photo.small (sha256, bytes) values (:sha256, :bytes)", { sha256, bytes }));
}

/**
 * @param {Database} db
 * @param {string} sha256
 * @returns {Uint8Array<ArrayBuffer> | null} null when none was made
 */
export function smallBytes(db, sha256) {
  return db.value("select bytes from photo.small where sha256 = :sha256", { sha256 });
}

/** Bytes nothing names: neither a draft nor a record. */
const UNNAMED = `select sha256, size_bytes, stored_at from photo.file as file
  where not exists (select 1 from naming where naming.sha256 = file.sha256)
    and not exists (select 1 from draft where instr(draft.body, file.sha256) > 0)`;

/** Bytes the archive has vouched for, for every record that names them, and whose records are all safe. */
const SAFE = `select file.sha256, file.size_bytes, max(max(record.completed_at, naming.held_at)) as completed_at,
    min(record.completed_at is not null and naming.held_at is not null and not naming.is_missing) as is_safe
  from photo.file as file join naming on naming.sha256 = file.sha256 join record on record.hash = naming.record
  where not exists (select 1 from draft where instr(draft.body, file.sha256) > 0) group by file.sha256 having is_safe = 1`;

/**
 * Free what may go: orphans older than a day, and photos safe in the archive for 30 days; when space is short, safe ones sooner, the
 * longest safe first.
 * @param {Database} db
 * @param {number} now_ms
 * @param {number} [short_bytes] how much room is wanted
 * @returns {number} how many photos were freed
 */
export function sweepPhotos(db, now_ms, short_bytes = 0) {
  const age = (/** @type {string} */ at) => now_ms - parseInstant(at).ms;
  const orphans = db.rows(UNNAMED).filter((row) => age(row.stored_at) > DAY_MS);
  const safe = db.rows(SAFE).sort((one, other) => age(other.completed_at) - age(one.completed_at));
  let freed_bytes = 0;
  let count = 0;
  for (const { sha256, size_bytes, completed_at } of [...orphans, ...safe]) {
    const isSpare = completed_at !== undefined && age(completed_at) <= KEEP_SAFE_DAYS * DAY_MS;
    if (isSpare && freed_bytes >= short_bytes) break;
    remove(db, sha256);
    freed_bytes += size_bytes;
    count += 1;
  }
  return count;
}

/**
 * Remove photos at once, unless a draft or a record names them.
 * @param {Database} db
 * @param {string[]} hashes
 */
export function removeUnnamed(db, hashes) {
  const rows = db.rows(`${UNNAMED} and sha256 in (select value from json_each(:hashes))`, { hashes: JSON.stringify(hashes) });
  for (const { sha256 } of rows) remove(db, sha256);
}

/**
 * @param {Database} db
 * @param {string} sha256
 */
function remove(db, sha256) {
  db.transaction(() => {
    db.run("delete from photo.part where sha256 = :sha256", { sha256 });
    db.run("delete from photo.small where sha256 = :sha256", { sha256 });
    db.run("delete from photo.file where sha256 = :sha256", { sha256 });
  });
}
