// @ts-check
/**
 * A person's two databases as one connection: settings asserted at every open, statements kept, one durable transaction at a time.
 * Holds no rule of any noun.
 */

import { StoreError } from "./error.js";
import { refuseNewer } from "./schema.js";
import { pathsOf } from "./slot.js";

/** @typedef {import("./sqlite.js").SqliteDatabase} SqliteDatabase */
/** @typedef {{statement: import("./sqlite.js").SqliteStatement, parameters: string[]}} Prepared `parameters`: their names, in order */
/** @typedef {string | number | boolean | null | Uint8Array} Value */
/** @typedef {Record<string, any>} Row a row by column; booleans are 0 and 1, JSON is text */

const KEPT_STATEMENTS = 80;

/** What must hold at every open; a pragma that does not take is a bug that loses data, so it is read back. */
const SETTINGS = /** @type {const} */ ([
  ["locking_mode", "exclusive", "exclusive"],
  ["page_size", "8192", 8192],
  ["auto_vacuum", "incremental", 2],
  ["journal_mode", "wal", "wal"],
  ["synchronous", "full", 2],
  ["secure_delete", "on", 1],
]);

export class Database {
  #db;
  #sqlite;
  /** @type {Map<string, Prepared>} */
  #statements = new Map();
  /** @type {Set<string>} */
  #changed = new Set();
  #isInside = false;

  /**
   * @param {SqliteDatabase} db
   * @param {import("./sqlite.js").Sqlite} sqlite
   * @param {string} person
   */
  constructor(db, sqlite, person) {
    this.#db = db;
    this.#sqlite = sqlite;
    this.person = person;
    /** Called after a commit with the names of the tables it changed. @type {(tables: string[]) => void} */
    this.onChange = () => {};
    sqlite.capi.sqlite3_update_hook(db, (_context, _what, _schema, table) => void this.#changed.add(String(table)), 0);
  }

  /**
   * Open both databases of a person. Those of newer code are refused and not touched.
   * @param {import("./pool.js").Pool} pool
   * @param {string} person
   * @param {boolean} [mayCreate]
   */
  static open(pool, person, mayCreate = false) {
    const paths = pathsOf(person);
    if (!mayCreate && !pool.paths().includes(paths.photo)) {
      throw new StoreError("StorageDamaged", `${paths.photo} is not in ${pool.name}`);
    }
    // The photo file first: a main file without it would be damage.
    if (mayCreate) pool.open(paths.photo, true).close();
    const db = pool.open(paths.main, mayCreate);
    const database = new Database(db, pool.sqlite, person);
    try {
      // For both files: an attached one in WAL mode could not even be read with normal locking.
      db.exec("pragma locking_mode = exclusive; pragma temp_store = memory; pragma foreign_keys = on");
      refuseNewer(Number(db.selectValue("pragma main.user_version")));
      database.#set("main");
      db.exec({ sql: "attach database ? as photo", bind: [paths.photo] });
      database.#set("photo");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** @param {"main" | "photo"} schema */
  #set(schema) {
    for (const [name, wanted, expected] of SETTINGS) {
      const read = () => this.#db.selectValue(`pragma ${schema}.${name}`);
      // Only when needed: setting some of them writes even when they are set.
      if (read() !== expected) this.#db.exec(`pragma ${schema}.${name} = ${wanted}`);
      const found = read();
      if (found !== expected) throw new StoreError("StoreBug", `${schema}.${name} is ${found}, not ${expected}`);
    }
  }

  /** @param {string} sql @returns {Prepared} */
  #prepare(sql) {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    if (this.#statements.size >= KEPT_STATEMENTS) this.#forget();
    const name = (/** @type {number} */ at) => String(this.#sqlite.capi.sqlite3_bind_parameter_name(statement, at + 1)).slice(1);
    const prepared = { statement, parameters: Array.from({ length: statement.parameterCount }, (_, at) => name(at)) };
    this.#statements.set(sql, prepared);
    return prepared;
  }

  #forget() {
    for (const { statement } of this.#statements.values()) statement.finalize();
    this.#statements.clear();
  }

  /**
   * @param {string} sql
   * @param {Record<string, Value>} parameters
   */
  #bound(sql, parameters) {
    const { statement, parameters: names } = this.#prepare(sql);
    for (const [at, name] of names.entries()) {
      const value = parameters[name];
      if (value === undefined) throw new StoreError("BadArgument", `${name} is missing`);
      statement.bind(at + 1, typeof value === "boolean" ? Number(value) : value);
    }
    return statement;
  }

  /**
   * Return all rows of a query.
   * @param {string} sql with parameters as `:name`
   * @param {Record<string, Value>} [parameters]
   * @returns {Row[]}
   */
  rows(sql, parameters = {}) {
    const statement = this.#bound(sql, parameters);
    try {
      /** @type {Row[]} */
      const rows = [];
      /** @type {string[] | undefined} */
      let columns;
      while (statement.step()) {
        // `get({})` would ask for the names anew for every row.
        columns ??= statement.getColumnNames();
        const values = statement.get([]);
        rows.push(Object.fromEntries(columns.map((name, at) => [name, values[at]])));
      }
      return rows;
    } finally {
      statement.reset(true);
    }
  }

  /**
   * Return the first row of a query, or null.
   * @param {string} sql
   * @param {Record<string, Value>} [parameters]
   * @returns {Row | null}
   */
  row(sql, parameters = {}) {
    return this.rows(sql, parameters)[0] ?? null;
  }

  /**
   * Return the first column of the first row, or null.
   * @param {string} sql
   * @param {Record<string, Value>} [parameters]
   * @returns {any}
   */
  value(sql, parameters = {}) {
    const row = this.row(sql, parameters);
    return row === null ? null : Object.values(row)[0];
  }

  /**
   * Run a statement and return how many rows it changed.
   * @param {string} sql
   * @param {Record<string, Value>} [parameters]
   */
  run(sql, parameters = {}) {
    const statement = this.#bound(sql, parameters);
    try {
      while (statement.step());
    } finally {
      statement.reset(true);
    }
    return this.#db.changes();
  }

  /**
   * Run statements without parameters, such as a schema.
   * @param {string} sql
   */
  script(sql) {
    this.#db.exec(sql);
  }

  /**
   * Do several writes as one: durable when this returns, nothing of it when it throws. A transaction inside another is part of it.
   * @template T
   * @param {() => T} work must not wait for anything
   * @returns {T}
   */
  transaction(work) {
    if (this.#isInside) return work();
    this.#isInside = true;
    this.#changed.clear();
    this.#db.exec("begin immediate");
    try {
      const result = work();
      this.#db.exec("commit");
      this.#isInside = false;
      if (this.#changed.size > 0) this.onChange([...this.#changed]);
      return result;
    } catch (error) {
      this.#isInside = false;
      this.#rollBack();
      throw error;
    }
  }

  /** SQLite rolls back by itself on some errors (full, I/O). */
  #rollBack() {
    const isOver = this.#sqlite.capi.sqlite3_get_autocommit(this.#db) !== 0;
    if (!isOver) this.#db.exec("rollback");
  }

  /**
   * Ask SQLite whether a table is sound; it reads all of it.
   * @param {"main" | "photo"} schema
   * @param {string} table
   */
  isSound(schema, table) {
    return this.#db.selectValue(`pragma ${schema}.quick_check("${table}")`) === "ok";
  }

  /**
   * Give freed pages back to the phone: of 8 KB, up to so many a file. For idle moments.
   * @param {number} [pages]
   */
  tidy(pages = 500) {
    for (const schema of ["main", "photo"]) {
      const statement = this.#db.prepare(`pragma ${schema}.incremental_vacuum(${pages})`);
      // One step would free one page.
      while (statement.step());
      statement.finalize();
    }
  }

  /** Bring the write-ahead logs back into the databases and give their room back. @returns {boolean} whether all of it was possible */
  checkpoint() {
    return this.#db.selectValue("pragma wal_checkpoint(truncate)") === 0;
  }

  close() {
    this.#forget();
    this.#db.close();
  }
}
