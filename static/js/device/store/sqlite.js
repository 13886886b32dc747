// @ts-check
/** Loads SQLite's WebAssembly build, once per worker. */

import start from "../../../vendor/sqlite-wasm/index.mjs";

/** @typedef {import("../../../vendor/sqlite-wasm/index.mjs").Sqlite3Static} Sqlite */
/** @typedef {import("../../../vendor/sqlite-wasm/index.mjs").Database} SqliteDatabase */
/** @typedef {import("../../../vendor/sqlite-wasm/index.mjs").PreparedStatement} SqliteStatement */
/** @typedef {import("../../../vendor/sqlite-wasm/index.mjs").SAHPoolUtil} SqlitePool */

/** @type {Promise<Sqlite> | undefined} */
let loading;

/**
 * Return SQLite, compiled at the first call.
 * @returns {Promise<Sqlite>}
 */
export function loadSqlite() {
  loading ??= start();
  return loading;
}
