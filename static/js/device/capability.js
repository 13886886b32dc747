// @ts-check
/**
 * Can this browser hold a visit? Asked before the first draft. What can be tried is tried; only in-app browsers, which work and then lose
 * everything, are known by name.
 */

import { NoKey, listKeys } from "./key.js";
import { StoreError } from "./store/error.js";

/** @typedef {"in-app-browser" | "not-secure" | "no-storage" | "storage-refused" | "no-key" | "no-worker" | "busy"} Obstacle */

/**
 * @typedef {object} Capability
 * @property {boolean} is_able
 * @property {Obstacle | null} obstacle what stands in the way; the screen has a sentence for each
 * @property {string} detail for those who look for the cause
 * @property {boolean} is_persisted whether the browser promised not to evict
 * @property {number | null} quota_bytes
 */

/** Browsers inside other apps: WeChat, WeCom, DingTalk, QQ, Lark, Alipay, Weibo, and Android WebViews in general. */
const IN_APP = /MicroMessenger|wxwork|DingTalk|\bQQ\/|Lark|Feishu|AlipayClient|Weibo|; wv\)/i;

/**
 * Say whether nothing was ever kept here: once the storage is open, its self-test can no longer write, close and open again.
 * @returns {Promise<boolean>}
 */
export async function isUntouched() {
  try {
    const root = await navigator.storage.getDirectory();
    await root.getFileHandle("sealed.log");
    return false;
  } catch {
    return true;
  }
}

/**
 * Try everything a visit needs.
 * @param {import("./store.js").Store} store
 * @returns {Promise<Capability>}
 */
export async function capability(store) {
  const obstacle = await firstObstacle(store);
  const estimate = obstacle === null ? await navigator.storage.estimate() : null;
  return {
    is_able: obstacle === null,
    obstacle: obstacle?.name ?? null,
    detail: obstacle?.detail ?? "",
    is_persisted: obstacle === null && (await persist()),
    quota_bytes: estimate?.quota ?? null,
  };
}

/**
 * @param {import("./store.js").Store} store
 * @returns {Promise<{name: Obstacle, detail: string} | null>}
 */
async function firstObstacle(store) {
  if (IN_APP.test(navigator.userAgent)) return { name: "in-app-browser", detail: navigator.userAgent };
  if (!isSecureContext) return { name: "not-secure", detail: location.origin };
  if (!("storage" in navigator) || !navigator.storage.getDirectory) return { name: "no-storage", detail: "no private file system" };
  if (!("locks" in navigator) || typeof Worker === "undefined") return { name: "no-worker", detail: "no locks, or no workers" };
  try {
    await navigator.storage.getDirectory();
  } catch (error) {
    return { name: "storage-refused", detail: String(error) };
  }
  return (await tryStore(store)) ?? (await tryKeys());
}

/**
 * @param {import("./store.js").Store} store
 * @returns {Promise<{name: Obstacle, detail: string} | null>}
 */
async function tryStore(store) {
  try {
    await store.call("probe");
    return null;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.name === "Busy") return { name: "busy", detail: error.message };
    const step = /** @type {{step?: string}} */ (error.detail ?? {}).step;
    const name = step === "key" ? "no-key" : step === "write" ? "storage-refused" : "no-storage";
    return { name, detail: error.message };
  }
}

/** @returns {Promise<{name: Obstacle, detail: string} | null>} */
async function tryKeys() {
  try {
    await listKeys();
    return null;
  } catch (error) {
    if (error instanceof NoKey || error instanceof DOMException) return { name: "no-key", detail: error.message };
    throw error;
  }
}

/**
 * Ask the browser not to evict what is stored here.
 * @returns {Promise<boolean>} its answer; false is common before the app is installed
 */
export async function persist() {
  if (!navigator.storage.persist) return false;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}
