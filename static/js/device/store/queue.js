// @ts-check
/**
 * The order of the worker's work: one turn at a time, in the order asked. Turns that need the storage wait while it rests; turns that
 * open or let go of it do not.
 */

/** @typedef {() => unknown} Turn */

export class Queue {
  /** @type {{turn: Turn, isUrgent: boolean, settle: (result: Promise<any>) => void}[]} */
  #waiting = [];
  #isBusy = false;
  #isHeld = false;

  /**
   * Ask for a turn.
   * @template T
   * @param {() => T | Promise<T>} turn
   * @param {boolean} [isUrgent] runs also while the storage rests
   * @returns {Promise<T>}
   */
  push(turn, isUrgent = false) {
    return new Promise((resolve) => {
      this.#waiting.push({ turn, isUrgent, settle: resolve });
      void this.#run();
    });
  }

  /**
   * Keep back, or let on, the turns that need the storage.
   * @param {boolean} isHeld
   */
  hold(isHeld) {
    this.#isHeld = isHeld;
    void this.#run();
  }

  async #run() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#take(); next; next = this.#take()) {
      const { turn, settle } = next;
      const result = (async () => turn())();
      settle(result);
      await result.catch(() => undefined);
    }
    this.#isBusy = false;
  }

  #take() {
    const at = this.#waiting.findIndex(({ isUrgent }) => isUrgent || !this.#isHeld);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}
