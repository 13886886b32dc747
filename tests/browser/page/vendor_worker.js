// @ts-check
// Opens a database on opfs-sahpool and answers with what SQLite says of itself.
import sqlite3InitModule from "../../../static/vendor/sqlite-wasm/index.mjs";

const sqlite3 = await sqlite3InitModule();
const pool = await sqlite3.installOpfsSAHPoolVfs({ initialCapacity: 6 });
const db = new pool.OpfsSAHPoolDb("/vendor.sqlite");
postMessage([sqlite3.version.libVersion, db.selectValue("PRAGMA integrity_check")]);
