// @ts-check
/**
 * The self-test of the storage: write, flush, close, open again, read; SQLite with full-text search; sign and verify. Does the thing
 * rather than ask whether it could be done. Uses the place kept for it in the guard file, so that no name comes or goes.
 */

import { makePair, publicJwk, sign, verify } from "../crypto.js";
import { StoreError } from "./error.js";
import { openExclusively, readAt } from "./file.js";
import { GUARD_BYTES, Guard } from "./guard.js";
import { Lease } from "./lease.js";
import { loadSqlite } from "./sqlite.js";

/** @typedef {import("./session.js").Session} Session */

/**
 * Run the self-test. While the storage is open, the write test is what every save does anyway, and is left out.
 * @param {Session} session
 * @returns {Promise<{sqlite: string}>}
 * @throws {StoreError} `NoStorage` with the step that failed as detail
 */
export async function probe(session) {
  if (session.state !== "held") await step("write", () => writeAndReopen());
  const sqlite = await step("sqlite", () => tryDatabase());
  await step("key", () => trySeal());
  return { sqlite };
}

/**
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function step(name, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError && error.name === "Busy") throw error;
    throw new StoreError("NoStorage", error instanceof Error ? `${error.name}: ${error.message}` : String(error), { step: name });
  }
}

async function writeAndReopen() {
  const lease = new Lease(() => undefined);
  await lease.take();
  try {
    const root = await navigator.storage.getDirectory();
    const entry = await root.getFileHandle("guard", { create: true });
    const bytes = crypto.getRandomValues(new Uint8Array(512));
    const first = new Guard(await openExclusively(entry));
    first.writeProbe(bytes);
    if (first.close() !== undefined) throw new Error("files of this browser close too slowly");
    const file = await openExclusively(entry);
    const again = readAt(file, GUARD_BYTES - 4096, bytes.length);
    file.close();
    if (again.some((byte, at) => byte !== bytes[at])) throw new Error("what was written is not what is read");
  } finally {
    lease.release();
  }
}

async function tryDatabase() {
  const sqlite = await loadSqlite();
  const db = new sqlite.oo1.DB(":memory:");
  try {
    db.exec("create virtual table t using fts5 (x, content = '', contentless_delete = 1); insert into t (rowid, x) values (1, '钢 钢筋')");
    if (db.selectValue("select count(*) from t where t match '钢筋'") !== 1) throw new Error("search does not find");
    if (db.selectValue("select json_extract('{\"a\":7}', '$.a')") !== 7) throw new Error("JSON is not read");
  } finally {
    db.close();
  }
  return sqlite.version.libVersion;
}

async function trySeal() {
  const pair = await makePair();
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const isGood = await verify(await publicJwk(pair.publicKey), bytes, await sign(pair.privateKey, bytes));
  if (!isGood) throw new Error("the signature does not verify");
}
