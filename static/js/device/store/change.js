// @ts-check
/** Telling the page what changed: after every commit, but not after every letter somebody types. */

const QUIET_MS = 300;

export class Changes {
  #isQuiet = false;
  /** Tables the page was not told of yet. @type {Set<string>} */
  #tables = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #telling;

  /** @param {(tables: string[]) => void} tell */
  constructor(tell) {
    this.tell = tell;
  }

  /**
   * Do work whose changes the page that asked for it shows already: it is told of them a little later.
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  quietly(work) {
    this.#isQuiet = true;
    try {
      return work();
    } finally {
      this.#isQuiet = false;
    }
  }

  /** @param {string[]} tables */
  note(tables) {
    for (const table of tables) this.#tables.add(table);
    if (this.#isQuiet) this.#telling ??= setTimeout(() => this.#tellAll(), QUIET_MS);
    else this.#tellAll();
  }

  #tellAll() {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const tables = [...this.#tables];
    this.#tables.clear();
    if (tables.length > 0) this.tell(tables);
  }
}
