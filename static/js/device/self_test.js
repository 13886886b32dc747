// @ts-check
/**
 * The self-test: does each thing a visit without a network needs, here and now, and tells what came of it. Asks nobody but this phone.
 */

import { RESERVE_BYTES } from "../core/room.js";
import { keptShell } from "./kept_shell.js";
import { StoreError } from "./store/error.js";

/** @typedef {"shell" | "storage" | "key" | "persisted" | "room"} CheckName */
/**
 * @typedef {object} Checked
 * @property {CheckName} name
 * @property {boolean} is_good
 * @property {string} fault what is wrong, by name, where there is more than one way; else empty
 * @property {string} detail for those who look for the cause
 * @property {Record<string, number>} facts figures of the sentence on screen
 */

/**
 * Run every check, one after the other.
 * @param {import("./store.js").Store} store with a person open
 * @param {string} page the address the app starts from in this language
 * @returns {Promise<{checks: Checked[], app: string | null}>} `app`: fingerprint of the app's files
 * @throws {StoreError} `InUseElsewhere`
 */
export async function selfTest(store, page) {
  const { shell, app } = await shellCheck(page);
  const { storage, key } = await tried(store);
  return { app, checks: [shell, check("storage", storage), check("key", key), await persistedCheck(), await roomCheck()] };
}

/**
 * @param {CheckName} name
 * @param {{is_good: boolean, detail?: string, fault?: string, facts?: Record<string, number>}} found
 * @returns {Checked}
 */
function check(name, { is_good, detail = "", fault = "", facts = {} }) {
  return { name, is_good, fault, detail, facts };
}

/** @param {string} page */
async function shellCheck(page) {
  try {
    const { fault, count, paths, version } = await keptShell(page);
    const facts = { n: count, m: paths.length };
    return { shell: check("shell", { is_good: fault === null, fault: fault ?? "", detail: paths.join(", "), facts }), app: version };
  } catch (error) {
    return { shell: check("shell", { is_good: false, fault: "no-list", detail: String(error), facts: { n: 0, m: 0 } }), app: null };
  }
}

/** @param {import("./store.js").Store} store @returns {Promise<import("./store/trial.js").Outcome>} */
async function tried(store) {
  try {
    return await store.call("trial");
  } catch (error) {
    if (!(error instanceof StoreError) || error.name === "InUseElsewhere") throw error;
    const failed = { is_good: false, detail: `${error.name}: ${error.message}` };
    return { storage: failed, key: failed };
  }
}

async function persistedCheck() {
  return check("persisted", { is_good: (await navigator.storage.persisted?.()) === true });
}

/** What the browser says is left. Chromium tells less than the truth of it, never the phone's own figure. */
async function roomCheck() {
  const { usage, quota } = await navigator.storage.estimate();
  if (usage === undefined || quota === undefined) return check("room", { is_good: false, fault: "unknown" });
  const free_bytes = Math.max(0, quota - usage);
  return check("room", { is_good: free_bytes >= RESERVE_BYTES, facts: { free_bytes, least_bytes: RESERVE_BYTES } });
}
