// @ts-check
/**
 * Who may touch the storage: one worker at a time, by a Web Lock it holds itself, so that a dead tab frees it. Another worker asks for
 * it on a channel; the holder answers by letting go between two turns of its queue.
 */

import { StoreError } from "./error.js";

const LOCK = "fieldapp-storage";
const ASK_EVERY_MS = 200;
const PATIENCE_MS = 5000;

export class Lease {
  #channel = new BroadcastChannel(LOCK);
  /** @type {(() => void) | null} */
  #free = null;
  /** @type {AbortController | null} */
  #line = null;

  /** @param {() => void} onWanted called when another worker asks while this one holds */
  constructor(onWanted) {
    this.#channel.onmessage = () => {
      if (this.isHeld) onWanted();
    };
  }

  get isHeld() {
    return this.#free !== null;
  }

  /**
   * Take the lease, asking whoever holds it.
   * @throws {StoreError} `Busy` when it is not given within 5 s
   */
  async take() {
    if (this.isHeld) return;
    this.#line?.abort();
    const asking = setInterval(() => this.#channel.postMessage("want"), ASK_EVERY_MS);
    this.#channel.postMessage("want");
    try {
      await this.#acquire(AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      throw error instanceof DOMException ? new StoreError("Busy", "another window keeps the storage") : error;
    } finally {
      clearInterval(asking);
    }
  }

  /**
   * Stand in line without asking: called back when the lease came free by itself.
   * @param {() => void} onHeld
   */
  waitInLine(onHeld) {
    this.#line = new AbortController();
    this.#acquire(this.#line.signal).then(onHeld, () => undefined);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  #acquire(signal) {
    return new Promise((resolve, reject) => {
      /** @returns {Promise<void>} */
      const hold = () =>
        new Promise((free) => {
          this.#free = free;
          resolve();
        });
      navigator.locks.request(LOCK, { mode: "exclusive", signal }, hold).catch(reject);
    });
  }

  /** Let go, and stand in no line. Files and databases must be closed before. */
  release() {
    this.#line?.abort();
    this.#free?.();
    this.#free = null;
  }
}
