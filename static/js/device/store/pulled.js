// @ts-check
/** What was pulled: streams of the archive, page by page, each page wholly or not at all, after its chain and its seals were checked. */

import { ChainBroken, head0, verifyPage } from "../../core/chain.js";
import { Refusal } from "../../core/refusal.js";
import { checkSeal, isOfArchive, judgeKeys } from "../../core/certificate.js";
import { StoreError } from "./error.js";
import { dropEarlier } from "./earlier.js";
import { ERASURE, applyErasedLine, applyErasure, hashesIn } from "./erasure.js";
import { dropEntity } from "./kind.js";
import { insertRecord } from "./record.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {import("../../core/certificate.js").Keyring} Keyring */
/** @typedef {import("../../core/port.js").CryptoPort} CryptoPort */
/** @typedef {{line: import("../../core/chain.js").Line, record: import("../../core/record.js").SealedRecord | null}} Entry */

/**
 * Return how far every stream was pulled.
 * @param {Database} db
 * @returns {{stream: string, position: number, head: string}[]}
 */
export function streams(db) {
  const rows = db.rows("select stream, position, head from stream_head order by stream");
  return rows.map(({ stream, position, head }) => ({ stream, position, head }));
}

/**
 * Apply a pulled page.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Keyring} ring
 * @param {CryptoPort} port
 * @param {string} stream
 * @param {import("../../core/port.js").Json[]} lines
 * @returns {Promise<{position: number, head: string}>}
 * @throws {StoreError} `NotProven`, and nothing of the page is kept
 */
export async function applyPage(db, kinds, ring, port, stream, lines) {
  const from = db.row("select position, head from stream_head where stream = :stream", { stream });
  const start = from
    ? { position: Number(from.position), head: String(from.head) }
    : { position: 0, head: await head0(ring.archive, stream, port) };
  const { place, entries } = await proven(() => verifyPage(stream, start, lines, port));
  await proven(() => checkSeals(db, ring, port, stream, entries));
  db.transaction(() => {
    for (const entry of entries) keep(db, kinds, ring, stream, entry);
    const sql = "insert or replace into stream_head (stream, position, head) values (:stream, :position, :head)";
    db.run(sql, { stream, ...place });
  });
  return place;
}

/**
 * @template T
 * @param {() => Promise<T>} check
 * @returns {Promise<T>}
 */
async function proven(check) {
  try {
    return await check();
  } catch (error) {
    if (error instanceof Refusal || error instanceof ChainBroken) throw new StoreError("NotProven", error.message);
    throw error;
  }
}

/**
 * Check every seal of a page. What the archive appended under another author's name stays readable: a person there admitted it.
 * @param {Database} db
 * @param {Keyring} ring
 * @param {CryptoPort} port
 * @param {string} stream
 * @param {Entry[]} entries
 */
async function checkSeals(db, ring, port, stream, entries) {
  if (stream === "keys") {
    const before = db.rows("select jws from certificate where position is not null order by position").map((row) => row.jws);
    await judgeKeys(ring.archive, [...before, ...entries.flatMap(({ record }) => record?.jws ?? [])], port);
    return;
  }
  for (const { record } of entries) {
    if (!record) continue;
    await checkSeal(ring, record, port).catch((error) => {
      if (!(error instanceof Refusal && error.reason === "wrong-author")) throw error;
    });
  }
}

/**
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Keyring} ring
 * @param {string} stream
 * @param {Entry} entry
 */
function keep(db, kinds, ring, stream, { line, record }) {
  const place = { hash: line.hash, position: line.position };
  if (!record) {
    const left = { ...(/** @type {import("../../core/chain.js").Erased} */ (line.erased)), hash: line.hash, stream };
    if (!applyErasedLine(db, kinds, left)) db.run("update record set position = :position where hash = :hash", place);
    return;
  }
  if (stream === "keys") {
    db.run("insert into certificate (hash, jws) values (:hash, :jws) on conflict do nothing", { hash: line.hash, jws: record.jws });
    db.run("update certificate set position = :position where hash = :hash", place);
    return;
  }
  insertRecord(db, kinds, record, false);
  db.run("update record set position = :position where hash = :hash", place);
  // Only the archive erases, whoever sealed a record of that kind.
  if (record.kind === ERASURE && isOfArchive(ring, record.kid)) applyErasure(db, kinds, stream, hashesIn(record.body));
}

/**
 * Access to a stream ended: what others wrote in it goes, one's own stays.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} stream
 */
export function dropStream(db, kinds, stream) {
  db.transaction(() => {
    const others = db.rows("select hash, kind, entity from record where stream = :stream and is_own = 0", { stream });
    for (const { hash, kind, entity } of others) {
      db.run("delete from naming where record = :hash", { hash });
      db.run("delete from record where hash = :hash", { hash });
      if (!db.row("select 1 from record where entity = :entity", { entity })) dropEntity(db, kinds, kind, entity);
    }
    db.run("delete from erased where stream = :stream and is_own is not 1 and entity not in (select entity from record)", { stream });
    db.run("delete from stream_head where stream = :stream", { stream });
  });
  dropEarlier(db);
}
