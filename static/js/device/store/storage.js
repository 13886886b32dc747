// @ts-check
/**
 * The files of the origin as one thing: log, guard, and the pool in use. Opened under the lease, judged before SQLite sees them, and when
 * something is lost, rebuilt beside what is left. Creates names only at first run and for a rebuild; never deletes one.
 */

import { listKeys } from "../key.js";
import { webCrypto } from "../crypto.js";
import { StoreError } from "./error.js";
import { openExclusively } from "./file.js";
import { Guard } from "./guard.js";
import { judge } from "./judge.js";
import { payloadOf } from "./kind.js";
import { Log } from "./log.js";
import { Pool, poolDirectory, poolNumber } from "./pool.js";
import { rebuildPerson } from "./rebuild.js";
import { nameTheNameless, personsOf, wrecksOf } from "./salvage.js";
import { ownerOf, readHeader } from "./slot.js";

/** @typedef {import("./sqlite.js").Sqlite} Sqlite */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {import("./guard.js").Kept} Kept */

const LOG = "sealed.log";
const GUARD = "guard";
const FIRST_POOL = "pool-1";

export class Storage {
  /** @type {Map<string, Pool>} */
  #pools = new Map();
  /** @type {Log | null} */
  #log = null;
  /** @type {Guard | null} */
  #guard = null;
  /** @type {Pool | null} */
  #pool = null;
  /** Paths whose headers were put back at the last opening. @type {string[]} */
  restored = [];
  isFirstRun = false;

  /**
   * @param {Sqlite} sqlite
   * @param {Kinds} kinds
   * @param {(isDone: boolean) => void} onRebuild
   */
  constructor(sqlite, kinds, onRebuild) {
    this.sqlite = sqlite;
    this.kinds = kinds;
    this.onRebuild = onRebuild;
  }

  get log() {
    if (!this.#log) throw new StoreError("StoreBug", "the storage is closed");
    return this.#log;
  }

  get guard() {
    if (!this.#guard) throw new StoreError("StoreBug", "the storage is closed");
    return this.#guard;
  }

  get pool() {
    if (!this.#pool) throw new StoreError("StoreBug", "the storage is closed");
    return this.#pool;
  }

  /** Return the persons whose databases are in the pool. */
  persons() {
    const owners = this.pool.paths().map(ownerOf);
    return owners.flatMap((owner) => (owner?.part === "main" ? owner.person : [])).sort();
  }

  /** Return the files of a person whose headers were put back, once. @param {string} person */
  takeRestored(person) {
    const own = this.restored.filter((path) => path === `/${person}.db` || path.startsWith(`/${person}.db-`) || path.startsWith(`/${person}-photo.db`));
    this.restored = this.restored.filter((path) => !own.includes(path));
    return own;
  }

  /** Open everything, and rebuild what is lost. */
  async open() {
    const root = await navigator.storage.getDirectory();
    try {
      this.#log = new Log(await openExclusively(await root.getFileHandle(LOG, { create: true })));
      this.#guard = new Guard(await openExclusively(await root.getFileHandle(GUARD, { create: true })));
      const kept = this.#guard.load();
      const name = kept?.pool ?? (await newestPool(root));
      const isNew = kept === null && this.#log.size_bytes === 0;
      this.isFirstRun = name === null && isNew;
      await this.#openPool(root, name ?? FIRST_POOL, kept, isNew);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * @param {FileSystemDirectoryHandle} root
   * @param {string} name
   * @param {Kept | null} kept
   * @param {boolean} isNew nothing was ever kept here
   */
  async #openPool(root, name, kept, isNew) {
    const directory = await poolDirectory(root, name, isNew);
    if (!directory) return this.#rebuild(root, name, kept);
    const pool = this.#poolOf(name, directory, false);
    const slots = await pool.scan();
    const { restore, lost } = judge(slots, headersOf(kept), kept ? [] : this.#loggedPersons());
    if (lost.length > 0) {
      pool.letGo();
      return this.#rebuild(root, name, kept);
    }
    pool.restore(restore);
    this.restored = [...restore.values()].map((header) => readHeader(header).path).filter((path) => path !== "");
    await this.#use(pool);
  }

  /** @param {Pool} pool mounted from now on, with the guard over it */
  async #use(pool) {
    const save = (/** @type {Map<string, Uint8Array>} */ headers) => this.guard.save({ pool: pool.name, headers });
    await pool.mount(save);
    save(pool.headers());
    this.#pool = pool;
  }

  /**
   * @param {string} name
   * @param {FileSystemDirectoryHandle} directory
   * @param {boolean} isReadOnly
   */
  #poolOf(name, directory, isReadOnly) {
    const key = `${name} ${isReadOnly}`;
    const pool = this.#pools.get(key) ?? new Pool(this.sqlite, name, directory, isReadOnly);
    this.#pools.set(key, pool);
    return pool;
  }

  /** The persons the log names: those enrolled here and those who sealed something. */
  #loggedPersons() {
    const persons = new Set();
    for (const jws of this.log.lines()) {
      const person = personIn(jws);
      if (person !== null) persons.add(person);
    }
    return /** @type {Set<string>} */ (persons);
  }

  /** Whether the browser closed the files by itself: iOS is known to do that to its own databases when memory is short. */
  get isTakenAway() {
    try {
      return this.log.size_bytes < 0;
    } catch {
      return true;
    }
  }

  /** Mend what stopped the work; databases are closed. Files the browser closed are opened again, a damaged pool is replaced. */
  async mend() {
    if (!this.isTakenAway) return this.replacePool();
    this.close();
    await this.open();
  }

  /** SQLite found damage in the pool in use; its databases are closed. Build a new one. */
  async replacePool() {
    const root = await navigator.storage.getDirectory();
    const name = this.pool.name;
    this.pool.pause();
    this.#pool = null;
    await this.#rebuild(root, name, this.guard.load());
  }

  /**
   * Leave a pool as it is and build the next one from what it and the log still give. The guard names the old pool until the new one is
   * whole, so that a kill in between starts this again.
   * @param {FileSystemDirectoryHandle} root
   * @param {string} from
   * @param {Kept | null} kept
   */
  async #rebuild(root, from, kept) {
    this.onRebuild(false);
    this.guard.save({ pool: from, headers: kept?.pool === from ? kept.headers : new Map() });
    const wreck = await this.#mountWreck(root, from, kept);
    const pool = await this.#mountNext(root, from);
    const known = [...(headersOf(kept)?.values() ?? [])].map((header) => readHeader(header).path);
    const persons = new Set([...personsOf(known), ...personsOf(wreck?.paths() ?? []), ...this.#loggedPersons()]);
    const keys = await listKeys();
    for (const person of persons) {
      const wrecks = wreck ? wrecksOf(wreck, person) : { main: null, photo: null };
      const ownKeys = keys.filter((key) => key.person === person);
      await rebuildPerson({ pool, from, person, wrecks, log: this.log, kinds: this.kinds, port: webCrypto, ownKeys });
      wrecks.main?.close();
      wrecks.photo?.close();
    }
    wreck?.pause();
    pool.pause();
    await pool.scan();
    await this.#use(pool);
    this.onRebuild(true);
  }

  /**
   * @param {FileSystemDirectoryHandle} root
   * @param {string} from
   * @param {Kept | null} kept
   * @returns {Promise<Pool | null>} null when there is nothing left of the old pool
   */
  async #mountWreck(root, from, kept) {
    const directory = await poolDirectory(root, from, false);
    if (!directory) return null;
    const wreck = this.#poolOf(from, directory, true);
    const slots = await wreck.scan();
    if (slots.length === 0) return null;
    wreck.restore(nameTheNameless(slots, judge(slots, headersOf(kept), []).restore));
    await wreck.mount();
    return wreck;
  }

  /**
   * Mount the first later pool whose headers are sound: a new one, or one a killed rebuild began.
   * @param {FileSystemDirectoryHandle} root
   * @param {string} from
   */
  async #mountNext(root, from) {
    for (let number = poolNumber(from) + 1; ; number += 1) {
      const name = `pool-${number}`;
      const directory = /** @type {FileSystemDirectoryHandle} */ (await poolDirectory(root, name, true));
      const pool = this.#poolOf(name, directory, false);
      const slots = await pool.scan();
      if (slots.every((slot) => readHeader(slot.header).state !== "damaged")) {
        await pool.mount();
        return pool;
      }
      pool.letGo();
    }
  }

  /** Close all files. Databases must be closed before. */
  close() {
    this.#pool?.pause();
    for (const pool of this.#pools.values()) pool.letGo();
    this.#log?.close();
    this.#guard?.close();
    this.#pool = null;
    this.#log = null;
    this.#guard = null;
  }
}

/**
 * @param {Kept | null} kept
 * @returns {Map<string, Uint8Array> | null}
 */
function headersOf(kept) {
  return kept && kept.headers.size > 0 ? kept.headers : null;
}

/**
 * @param {FileSystemDirectoryHandle} root
 * @returns {Promise<string | null>} the pool with the greatest number, null when there is none
 */
async function newestPool(root) {
  let newest = null;
  for await (const name of root.keys()) {
    if (/^pool-[1-9]\d*$/.test(name) && (newest === null || poolNumber(name) > poolNumber(newest))) newest = name;
  }
  return newest;
}

/** @param {string} jws @returns {string | null} */
function personIn(jws) {
  try {
    const { kind, author, body } = payloadOf(jws);
    if (kind === "archive_key") return null;
    return kind === "enrolment" ? String(body["person"]) : author;
  } catch {
    return null;
  }
}
