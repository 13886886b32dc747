// @ts-check
/**
 * One pool: a directory of files created once, in which SQLite keeps its databases (opfs-sahpool). sqlite-wasm is handed a stand-in
 * for the directory, so that headers are judged before it sees them, every change of a header reaches the guard, and the marker file
 * it would create and remove at each start does not exist. Never deletes: neither `removeVfs`, `wipeFiles` nor `clearOnInit` is used,
 * and the stand-in has no way to remove a file.
 */

import { StoreError } from "./error.js";
import { openExclusively, readAt } from "./file.js";
import { OverlayHandle, WatchedHandle } from "./handle.js";
import { HEADER_BYTES, SECTOR_BYTES } from "./slot.js";

/** @typedef {import("./judge.js").Slot} Slot */
/** @typedef {import("./handle.js").Handle} Handle */
/** @typedef {import("./sqlite.js").Sqlite} Sqlite */

export const CAPACITY = 24;
const OPAQUE = ".opaque";

/** @typedef {(headers: Map<string, Uint8Array>) => void} OnHeaders called after a change, with the headers of all files of the pool */

export class Pool {
  /** @type {Map<string, FileSystemSyncAccessHandle>} */
  #files = new Map();
  /** @type {Map<string, Handle>} */
  #handles = new Map();
  /** @type {import("./sqlite.js").SqlitePool | null} */
  #util = null;
  /** @type {OnHeaders} */
  #onHeaders = () => {};
  /** Whether a write found no room since this was last reset. */
  isFull = false;

  /**
   * @param {Sqlite} sqlite
   * @param {string} name of the directory: `pool-1`, …
   * @param {FileSystemDirectoryHandle} directory
   * @param {boolean} isReadOnly keep every change in memory; the files stay as they are
   */
  constructor(sqlite, name, directory, isReadOnly = false) {
    this.sqlite = sqlite;
    this.name = name;
    this.directory = directory;
    this.isReadOnly = isReadOnly;
  }

  /** The name SQLite knows this pool by. */
  get vfs() {
    return this.isReadOnly ? `${this.name}-as-found` : this.name;
  }

  /**
   * Open every file of the pool and report what is there; nothing is changed.
   * @returns {Promise<Slot[]>}
   */
  async scan() {
    try {
      for await (const [name, entry] of this.directory.entries()) {
        if (entry.kind === "file") this.#files.set(name, await openExclusively(/** @type {FileSystemFileHandle} */ (entry)));
      }
    } catch (error) {
      this.letGo();
      throw error;
    }
    return [...this.#files].map(([name, file]) => ({
      name,
      header: readAt(file, 0, HEADER_BYTES),
      size_bytes: file.getSize(),
      content: readAt(file, SECTOR_BYTES, 16),
    }));
  }

  /**
   * Write headers back (into memory only, when read-only). Between `scan` and `mount`.
   * @param {Map<string, Uint8Array>} headers
   */
  restore(headers) {
    for (const [name, header] of headers) {
      const handle = this.#handle(name);
      handle.write(header, { at: 0 });
      handle.flush();
    }
  }

  /**
   * Give the scanned files to SQLite; missing ones are created up to the fixed capacity.
   * @param {OnHeaders} onHeaders
   */
  async mount(onHeaders = () => {}) {
    this.#onHeaders = () => {};
    if (this.#util) await this.#util.unpauseVfs();
    else this.#util = await this.#install();
    if (!this.isReadOnly) await this.#util.reserveMinimumCapacity(CAPACITY);
    this.#onHeaders = onHeaders;
  }

  /** @returns {Promise<import("./sqlite.js").SqlitePool>} */
  async #install() {
    const storage = /** @type {{getDirectory?: unknown}} */ (/** @type {unknown} */ (navigator.storage));
    storage.getDirectory = async () => this.#root();
    try {
      const options = {
        name: this.vfs,
        directory: this.name,
        initialCapacity: CAPACITY,
        // Without this a failed start would delete the pool.
        preserveOnInitFailure: true,
        forceReinitIfPreviouslyFailed: true,
      };
      return await this.sqlite.installOpfsSAHPoolVfs(options);
    } finally {
      delete storage.getDirectory;
    }
  }

  /** The directory tree sqlite-wasm walks: root → pool → `.opaque` → files. */
  #root() {
    const marker = { createSyncAccessHandle: async () => ({ close: () => undefined }) };
    const opaque = {
      getFileHandle: (/** @type {string} */ name) => this.#create(name),
      [Symbol.asyncIterator]: () => this.#entries(),
    };
    const pool = { name: this.name, getDirectoryHandle: async () => opaque };
    return {
      getFileHandle: async () => marker,
      removeEntry: async () => undefined,
      getDirectoryHandle: async () => pool,
    };
  }

  async *#entries() {
    for (const name of [...this.#files.keys()]) {
      yield [name, { kind: "file", createSyncAccessHandle: async () => this.#handle(name) }];
    }
  }

  /** @param {string} name */
  async #create(name) {
    const file = await this.directory.getFileHandle(name, { create: true });
    this.#files.set(name, await openExclusively(file));
    return { createSyncAccessHandle: async () => this.#handle(name) };
  }

  /**
   * @param {string} name
   * @returns {Handle}
   */
  #handle(name) {
    const known = this.#handles.get(name);
    if (known) return known;
    const file = this.#files.get(name);
    if (!file) throw new StoreError("StoreBug", `no pool file ${name}`);
    const watched = () => new WatchedHandle(file, () => this.#onHeaders(this.headers()), () => void (this.isFull = true));
    const handle = this.isReadOnly ? new OverlayHandle(file) : watched();
    this.#handles.set(name, handle);
    return handle;
  }

  /** Return the headers of all files as they are on disk now. */
  headers() {
    return new Map([...this.#files].map(([name, file]) => [name, readAt(file, 0, HEADER_BYTES)]));
  }

  /** Return the paths of the databases in the mounted pool. @returns {string[]} */
  paths() {
    return this.#util?.getFileNames() ?? [];
  }

  /**
   * Open a database of the mounted pool.
   * @param {string} path
   * @param {boolean} mayCreate
   */
  open(path, mayCreate) {
    if (!mayCreate && !this.paths().includes(path)) throw new StoreError("StorageDamaged", `${path} is not in ${this.name}`);
    return new this.sqlite.oo1.DB({ filename: path, flags: mayCreate ? "cw" : "w", vfs: this.vfs });
  }

  /** Let go of all files, so that another worker may have them. Databases must be closed before. */
  pause() {
    this.#util?.pauseVfs();
    this.letGo();
  }

  /** Close files that were scanned but not mounted. */
  letGo() {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
    this.#handles.clear();
  }
}

/**
 * Return the number of a pool: a rebuild makes the next one.
 * @param {string} name
 */
export function poolNumber(name) {
  return Number(name.slice("pool-".length));
}

/**
 * Return the directory of a pool, `.opaque` inside it as sqlite-wasm expects.
 * @param {FileSystemDirectoryHandle} root
 * @param {string} name
 * @param {boolean} mayCreate
 * @returns {Promise<FileSystemDirectoryHandle | null>} null when it is not there
 */
export async function poolDirectory(root, name, mayCreate) {
  try {
    const pool = await root.getDirectoryHandle(name, { create: mayCreate });
    return await pool.getDirectoryHandle(OPAQUE, { create: mayCreate });
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return null;
    throw error;
  }
}
