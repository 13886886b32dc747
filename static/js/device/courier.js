// @ts-check
/**
 * Takes what is not safe to a station by itself while the archive cannot be reached. It has no pace of its own: every failure on the way to
 * the archive is followed by one try with the stations, and so is what was recorded meanwhile. A station that is not there is no trouble.
 */

import { NotTheArchive, Rejected, Unreachable } from "./net.js";
import { StoreError } from "./store/error.js";

/** @typedef {import("./station.js").Handed} Handed */

export class Courier {
  /** Origins of the stations of this installation. @type {string[]} */
  stations = [];
  /** The one that took everything when it was last tried, while the archive is away. @type {string | null} */
  station = null;
  #isAway = false;
  #isOut = false;
  #isWanted = false;
  /** @type {number | null} */
  #seen = null;

  /**
   * @param {object} ports
   * @param {(url: string) => Promise<Handed>} ports.handOver
   * @param {() => boolean} ports.isReady whether anybody is open
   * @param {(handed: Handed) => void} ports.onHanded
   * @param {() => void} ports.onStation another one takes what is unsent, or none any more
   * @param {(error: unknown) => void} ports.onError
   */
  constructor({ handOver, isReady, onHanded, onStation, onError }) {
    this.handOver = handOver;
    this.isReady = isReady;
    this.onHanded = onHanded;
    this.onStation = onStation;
    this.onError = onError;
  }

  /**
   * Look at how the way to the archive is.
   * @param {{is_reachable: boolean, next_try_at: number | null}} state
   * @param {number} now of the same clock
   */
  see({ is_reachable, next_try_at }, now) {
    this.#isAway = !is_reachable;
    if (is_reachable) this.station = null;
    if (is_reachable || next_try_at === null || next_try_at <= now || next_try_at === this.#seen) return;
    this.#seen = next_try_at;
    void this.go();
  }

  /** Go to the stations, one after the other until one takes everything; asked meanwhile, once more. */
  async go() {
    this.#isWanted = true;
    if (this.#isOut) return;
    this.#isOut = true;
    while (this.#isWanted && this.#isAway && this.isReady()) {
      this.#isWanted = false;
      await this.#round();
    }
    this.#isOut = false;
  }

  async #round() {
    const before = this.station;
    let taken = null;
    for (const url of this.stations) {
      if (await this.#isTaken(url)) {
        taken = url;
        break;
      }
    }
    this.station = this.#isAway ? taken : null;
    if (this.station !== before) this.onStation();
  }

  /** @param {string} url */
  async #isTaken(url) {
    try {
      this.onHanded(await this.handOver(url));
      return true;
    } catch (error) {
      const is_expected = [Unreachable, NotTheArchive, Rejected, StoreError].some((kind) => error instanceof kind);
      if (!is_expected) this.onError(error);
      return false;
    }
  }
}
