// @ts-check
/**
 * The page's side of the storage: starts the worker, matches answers with calls, tells it when the page is hidden or shown. Holds no data.
 * A promise of a save is kept only after the commit.
 */

import { StoreError } from "./store/error.js";

/** @typedef {"changed" | "lease" | "notice" | "sync" | "colleague" | "rebuilding" | "fault"} EventName */
/** @typedef {{people: import("./store/session.js").Somebody[], is_first_run: boolean, is_lost: boolean}} Start */

/** Calls that change nothing. A screen makes dozens of them at once: they go in one message, and come back in one. */
const READS = new Set(["rows", "row", "select", "drafts", "states", "setting"]);

export class Store {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: unknown) => void}>} */
  #waiting = new Map();
  /** @type {Map<string, Set<(event: any) => void>>} */
  #listeners = new Map();
  /** Reads of this moment, not asked yet. @type {{id: number, call: string, args: unknown}[]} */
  #reads = [];
  #next = 1;
  #url;

  /** @param {URL} [url] of the worker */
  constructor(url = new URL("./store/worker.js", import.meta.url)) {
    this.#url = url;
  }

  /**
   * Take the storage and look at what is there.
   * @param {{kinds: import("./store/kind.js").Kinds}} options
   * @returns {Promise<Start>}
   */
  start({ kinds }) {
    return this.call("start", { kinds });
  }

  /**
   * Open a person's data.
   * @param {string} person
   * @returns {Promise<import("./store/identity.js").Identity & {has_key: boolean}>}
   */
  open(person) {
    return this.call("open", { person });
  }

  /** Take the storage over from another window: "use here". @returns {Promise<null>} */
  use() {
    return this.call("use");
  }

  /**
   * Make a call; docs/phone-storage.md lists them.
   * @param {string} name
   * @param {unknown} [args]
   * @returns {Promise<any>}
   * @throws {StoreError}
   */
  call(name, args) {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const message = { id, call: name, args };
      if (READS.has(name)) return this.#askSoon(message);
      this.#ask();
      this.#started().postMessage(message);
    });
  }

  /** @param {{id: number, call: string, args: unknown}} read */
  #askSoon(read) {
    this.#reads.push(read);
    if (this.#reads.length === 1) queueMicrotask(() => this.#ask());
  }

  #ask() {
    const reads = this.#reads;
    this.#reads = [];
    if (reads.length > 0) this.#started().postMessage(reads.length === 1 ? reads[0] : { reads });
  }

  /**
   * Listen to an event.
   * @param {EventName} event
   * @param {(event: any) => void} listener
   * @returns {() => void} stops listening
   */
  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  #started() {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#url, { type: "module" });
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = (event) => this.#fail(event.message || "the storage worker did not load");
    document.addEventListener("visibilitychange", () => {
      this.call(document.visibilityState).catch((error) => this.#hear({ event: "fault", error }));
    });
    this.#worker = worker;
    return worker;
  }

  /** @param {any} data */
  #hear(data) {
    if (data.event) {
      for (const listener of this.#listeners.get(data.event) ?? []) listener(data);
      return;
    }
    if (data.answers) {
      for (const answer of data.answers) this.#hear(answer);
      return;
    }
    const waiting = this.#waiting.get(data.id);
    this.#waiting.delete(data.id);
    if (!data.error) waiting?.resolve(data.value);
    else waiting?.reject(new StoreError(data.error.name, data.error.message, data.error.detail));
  }

  /** The worker is dead or never lived: everybody waiting is told. @param {string} message */
  #fail(message) {
    const error = new StoreError("NoStorage", message);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#hear({ event: "fault", error: { name: error.name, message } });
  }
}

/** The one of this page. */
export const store = new Store();
