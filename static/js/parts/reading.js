// @ts-check
// What a screen shows of the store, kept true: read once, and again whenever a table it depends on has changed.

import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { fail } from "./shell.js";

/**
 * @template T
 * @typedef {object} Reading
 * @property {T | undefined} value undefined until first read; using it in a view re-renders on change
 * @property {() => Promise<void>} again reads now
 * @property {() => void} stop ends it; call when the screen is left
 */

/**
 * Read something and keep it true. One read at a time; changes in between lead to exactly one more.
 * @template T
 * @param {string[]} tables folded or own tables it depends on; `*` for any
 * @param {() => Promise<T>} load
 * @returns {Reading<T>}
 */
export function reading(tables, load) {
  /** @type {import("../../vendor/signals-core/signals-core.mjs").Signal<T | undefined>} */
  const value = signal(/** @type {T | undefined} */ (undefined));
  let isStopped = false;
  let isStale = false;
  /** @type {Promise<void> | null} */
  let running = null;

  const round = async () => {
    do {
      isStale = false;
      try {
        const loaded = await load();
        if (!isStopped) value.value = loaded;
      } catch (error) {
        // Another tab has the storage: the whole page says so, and reading goes on when it is ours again.
        const isElsewhere = error instanceof Error && error.name === "InUseElsewhere";
        if (!isStopped && !isElsewhere) fail(error, () => void again());
      }
    } while (isStale && !isStopped);
    running = null;
  };
  const again = () => {
    if (running) isStale = true;
    else if (!isStopped) running = round();
    return running ?? Promise.resolve();
  };
  const off = store.on("changed", (/** @type {{tables: string[]}} */ change) => {
    // What is retired may be a row of any table.
    if (tables.includes("*") || change.tables.some((table) => tables.includes(table) || table === "retirement")) void again();
  });
  // What changed while the storage was another tab's was told to that tab only.
  const offLease = store.on("lease", (/** @type {{state: string}} */ { state }) => {
    if (state === "held") void again();
  });
  void again();
  return {
    get value() {
      return value.value;
    },
    again,
    stop() {
      isStopped = true;
      off();
      offLease();
    },
  };
}
