// @ts-check
/**
 * Reads what is still readable of a damaged database, row by row: a damaged page costs the rows on it and no others. The old pool is
 * mounted over an overlay, so that SQLite may recover its write-ahead log without a byte of it changing.
 */

import { isDamage } from "./error.js";
import { SECTOR_BYTES, contentOf, makeHeader, ownerOf, pathsOf, readHeader } from "./slot.js";

/** @typedef {import("./sqlite.js").SqliteDatabase} SqliteDatabase */
/** @typedef {import("./judge.js").Slot} Slot */
/** @typedef {import("./database.js").Row} Row */

/** How far to look past a row that cannot be read when even the last row number is not known. */
const GAP_LIMIT = 5000;

/**
 * Propose names for content whose header is gone: of the expected databases, those no slot carries, main before photo. Which is which
 * shows after opening (`roleOf`).
 * @param {Slot[]} slots
 * @param {Map<string, Uint8Array>} restored headers that are put back anyway
 * @returns {Map<string, Uint8Array>}
 */
export function nameTheNameless(slots, restored) {
  const headers = new Map(restored);
  let count = 0;
  for (const slot of slots) {
    const header = restored.get(slot.name) ?? slot.header;
    if (readHeader(header).state === "named" || slot.size_bytes <= SECTOR_BYTES) continue;
    if (contentOf(slot.content) !== "database") continue;
    count += 1;
    headers.set(slot.name, makeHeader(`/nameless-${count}.db`));
  }
  return headers;
}

/** Read-only view of one damaged database file. */
export class Wreck {
  #db;
  /** How many rows of a table could not be read, at least. @type {Map<string, number>} */
  unreadable = new Map();

  /** @param {SqliteDatabase} db */
  constructor(db) {
    this.#db = db;
  }

  /**
   * Open a file of the mounted overlay; null when SQLite cannot make anything of it.
   * @param {import("./pool.js").Pool} pool
   * @param {string} path
   */
  static open(pool, path) {
    if (!pool.paths().includes(path)) return null;
    const db = pool.open(path, false);
    try {
      db.exec("pragma locking_mode = exclusive; pragma cell_size_check = on");
      db.selectValue("select count(*) from sqlite_schema");
      return new Wreck(db);
    } catch {
      closeQuietly(db);
      return null;
    }
  }

  /** @param {string} table */
  has(table) {
    return this.#try(() => this.#db.selectValue("select 1 from sqlite_schema where name = ?", [table])) === 1;
  }

  /**
   * Yield the readable rows of a table, by row number.
   * @param {string} table
   * @returns {Generator<Row, void, void>}
   */
  *rows(table) {
    if (!this.has(table)) return;
    const last = this.#try(() => this.#db.selectValue(`select max(rowid) from "${table}"`));
    const end = typeof last === "number" ? last : null;
    const batch = table === "part" ? 8 : 100;
    for (let at = 0, gap = 0; end === null ? gap < GAP_LIMIT : at < end; ) {
      const next = this.#try(() => this.#db.selectObjects(`select rowid as "#", * from "${table}" where rowid > ? order by rowid limit ${batch}`, [at]));
      if (next && next.length === 0) return;
      const found = next ?? this.#one(table, at + 1);
      if (found.length === 0) {
        at += 1;
        gap += 1;
        continue;
      }
      gap = 0;
      for (const { "#": number, ...row } of found) {
        at = Number(number);
        yield row;
      }
    }
  }

  /**
   * @param {string} table
   * @param {number} number
   * @returns {Row[]} empty when there is no such row, or it cannot be read (then it is counted)
   */
  #one(table, number) {
    const found = this.#try(() => this.#db.selectObjects(`select rowid as "#", * from "${table}" where rowid = ?`, [number]));
    if (!found) this.unreadable.set(table, (this.unreadable.get(table) ?? 0) + 1);
    return found ?? [];
  }

  /**
   * @template T
   * @param {() => T} read
   * @returns {T | null} null when the page is damaged
   */
  #try(read) {
    try {
      return read();
    } catch (error) {
      if (isDamage(error) || /malformed|disk I\/O|not a database/i.test(String(error))) return null;
      throw error;
    }
  }

  close() {
    closeQuietly(this.#db);
  }
}

/** A damaged database may refuse its last checkpoint; nothing of it is kept anyway. @param {SqliteDatabase} db */
function closeQuietly(db) {
  try {
    db.close();
  } catch (error) {
    console.warn("closing a damaged database", error);
  }
}

/**
 * Open the two files of a person in a damaged pool, by name or, where the name is gone, by what is in them.
 * @param {import("./pool.js").Pool} pool mounted overlay
 * @param {string} person
 * @returns {{main: Wreck | null, photo: Wreck | null}}
 */
export function wrecksOf(pool, person) {
  const paths = pathsOf(person);
  const main = Wreck.open(pool, paths.main) ?? nameless(pool, (wreck) => isMainOf(wreck, person));
  const photo = Wreck.open(pool, paths.photo) ?? nameless(pool, (wreck) => isPhotoOf(wreck, main));
  return { main, photo };
}

/**
 * @param {import("./pool.js").Pool} pool
 * @param {(wreck: Wreck) => boolean} isIt
 */
function nameless(pool, isIt) {
  for (const path of pool.paths().filter((candidate) => candidate.startsWith("/nameless-") && candidate.endsWith(".db"))) {
    const wreck = Wreck.open(pool, path);
    if (wreck && isIt(wreck)) return wreck;
    wreck?.close();
  }
  return null;
}

/** @param {Wreck} wreck @param {string} person */
function isMainOf(wreck, person) {
  for (const row of wreck.rows("identity")) if (row["person"] === person) return true;
  return false;
}

/**
 * A photo file whose name is gone is this person's when it holds bytes this person's data name, or when nobody is known.
 * @param {Wreck} wreck
 * @param {Wreck | null} main
 */
function isPhotoOf(wreck, main) {
  if (!wreck.has("part")) return false;
  if (!main) return true;
  const named = new Set([...main.rows("naming")].map((row) => row["sha256"]));
  const bodies = [...main.rows("draft")].map((row) => String(row["body"])).join();
  for (const row of wreck.rows("file")) if (named.has(row["sha256"]) || bodies.includes(row["sha256"])) return true;
  return named.size === 0;
}

/**
 * Return the persons whose files a pool carries.
 * @param {Iterable<string>} paths
 */
export function personsOf(paths) {
  return new Set([...paths].flatMap((path) => ownerOf(path)?.person ?? []).filter((person) => !person.startsWith("nameless-")));
}
