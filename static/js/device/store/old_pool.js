// @ts-check
/**
 * Pools left behind by a rebuild. One is kept until everything unsent it held is safe in the archive, or until everybody whose data it held
 * lets it go; then its files are emptied. Emptied, not removed: names that come and go are what put other names in danger.
 */

import { Database } from "./database.js";
import { StoreError } from "./error.js";
import { openExclusively } from "./file.js";
import { poolDirectory, poolNumber } from "./pool.js";
import { HAS_UNHELD } from "./retention.js";
import { set, setting } from "./setting.js";

/**
 * @typedef {object} Left What a rebuild found unsent in the pool it left, for one person.
 * @property {string} from
 * @property {string} to
 * @property {string[]} records hashes
 * @property {string[]} drafts ids
 * @property {boolean} is_whole whether everything could be read; what could not is nowhere else
 */

/** @typedef {{waiting: number, is_whole: boolean, is_mine: boolean}} Claim of one person; `waiting`: things unsent then and not safe yet */
/** @typedef {{name: string, size_bytes: number, claims: Claim[]}} OldPool */

/**
 * Note what of the pool left behind must become safe; inside the transaction that ends the rebuild. Where something could not be read,
 * pools left earlier may hold it.
 * @param {Database} db the new one
 * @param {string} from
 * @param {string} to
 * @param {boolean} is_whole
 */
export function noteLeft(db, from, to, is_whole) {
  const records = db.rows(`select hash from record where is_own = 1 and (completed_at is null or ${HAS_UNHELD})`).map((row) => row.hash);
  const drafts = db.rows("select id from draft").map((row) => row.id);
  const before = leftBy(db).map((left) => ({ ...left, is_whole: left.is_whole && is_whole }));
  set(db, "left_pools", [...before, { from, to, records, drafts, is_whole }]);
}

/** @param {Database} db @returns {Left[]} */
function leftBy(db) {
  return setting(db, "left_pools") ?? [];
}

/** @param {Database} db @returns {string[]} */
function letGoBy(db) {
  return setting(db, "let_go_pools") ?? [];
}

/**
 * Return the pools before the one in use that still take room, oldest first, with what is claimed of them.
 * @param {import("./storage.js").Storage} storage
 * @param {Database} db of the person who is open
 * @returns {Promise<OldPool[]>}
 */
export async function oldPools(storage, db) {
  const found = await poolsBefore(storage.pool.name);
  if (found.length === 0) return [];
  const claims = storage.persons().map((person) => claimsOf(storage, db, person, found.map(({ name }) => name)));
  return found.map((pool, at) => ({ ...pool, claims: claims.flatMap((each) => each[at] ?? []) }));
}

/**
 * @param {import("./storage.js").Storage} storage
 * @param {Database} own
 * @param {string} person
 * @param {string[]} names of pools
 */
function claimsOf(storage, own, person, names) {
  if (own.person === person) return names.map((name) => claim(own, name, true));
  try {
    const db = Database.open(storage.pool, person);
    try {
      return names.map((name) => claim(db, name, false));
    } finally {
      db.close();
    }
  } catch (error) {
    // What a newer app wrote cannot be asked: it claims everything.
    if (!(error instanceof StoreError && error.name === "NewerDatabase")) throw error;
    return names.map(() => ({ waiting: 0, is_whole: false, is_mine: false }));
  }
}

/**
 * Tell what holds a pool back for one person; null when nothing does: all is safe, the person let it go, or came to this phone later.
 * @param {Database} db
 * @param {string} name
 * @param {boolean} is_mine
 * @returns {Claim | null}
 */
function claim(db, name, is_mine) {
  const isMade = Number(db.value("pragma main.user_version")) > 0;
  if (!isMade || setting(db, "built_from") === null || letGoBy(db).includes(name)) return null;
  const number = poolNumber(name);
  const left = leftBy(db).find(({ from, to }) => poolNumber(from) <= number && number < poolNumber(to));
  if (!left) return { waiting: 0, is_whole: false, is_mine };
  const waiting = countWaiting(db, left);
  return waiting === 0 && left.is_whole ? null : { waiting, is_whole: left.is_whole, is_mine };
}

/**
 * @param {Database} db
 * @param {Left} left
 */
function countWaiting(db, { records, drafts }) {
  const unsafe = `select count(*) from record where is_own = 1 and (completed_at is null or receipt is null or ${HAS_UNHELD})
    and (hash in (select value from json_each(:records)) or id in (select value from json_each(:drafts)))`;
  const open = "select count(*) from draft where id in (select value from json_each(:drafts))";
  const ids = JSON.stringify(drafts);
  return Number(db.value(unsafe, { records: JSON.stringify(records), drafts: ids })) + Number(db.value(open, { drafts: ids }));
}

/**
 * Note that a person lets a pool go.
 * @param {Database} db
 * @param {string} name
 */
export function letGo(db, name) {
  set(db, "let_go_pools", [...new Set([...letGoBy(db), name])]);
}

/** @param {string} current name of the pool in use */
async function poolsBefore(current) {
  const root = await navigator.storage.getDirectory();
  const found = [];
  for (let number = 1; number < poolNumber(current); number += 1) {
    const name = `pool-${number}`;
    let size_bytes = 0;
    for (const file of await filesOf(root, name)) size_bytes += (await file.getFile()).size;
    if (size_bytes > 0) found.push({ name, size_bytes });
  }
  return found;
}

/**
 * Empty the files of a pool nobody claims any more. A kill leaves the rest for the next time.
 * @param {string} name
 */
export async function emptyPool(name) {
  const root = await navigator.storage.getDirectory();
  for (const file of await filesOf(root, name)) {
    const handle = await openExclusively(file);
    handle.truncate(0);
    handle.flush();
    handle.close();
  }
}

/**
 * @param {FileSystemDirectoryHandle} root
 * @param {string} name
 * @returns {Promise<FileSystemFileHandle[]>}
 */
async function filesOf(root, name) {
  const directory = await poolDirectory(root, name, false);
  const files = [];
  if (directory) for await (const entry of directory.values()) if (entry.kind === "file") files.push(/** @type {FileSystemFileHandle} */ (entry));
  return files;
}
