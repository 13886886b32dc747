// @ts-check
// Whether the app itself starts without a network: looks at what the service worker keeps, file by file, by its hash. Changes nothing.
// Names and places are those of templates/phone/sw.js.

/** @typedef {"no-worker" | "no-list" | "not-listed" | "missing" | "wrong"} ShellFault */
/**
 * @typedef {object} KeptShell
 * @property {ShellFault | null} fault null: every file of the list is here with its hash, and a service worker gives them out
 * @property {number} count files in the list
 * @property {string[]} paths those at fault
 * @property {string | null} version fingerprint of the list, null without one
 */

const SCOPE = "/phone/";
const CACHE = "shell-1";
const CURRENT = "/phone/kept/current";

/**
 * Look through everything that is kept.
 * @param {string} page the address this language starts from: it must be among the files
 * @returns {Promise<KeptShell>}
 */
export async function keptShell(page) {
  const registration = "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration(SCOPE) : undefined;
  if (!registration?.active) return { fault: "no-worker", count: 0, paths: [], version: null };
  const cache = await caches.open(CACHE);
  const text = await (await cache.match(CURRENT))?.text();
  if (text === undefined) return { fault: "no-list", count: 0, paths: [], version: null };
  const files = Object.entries(/** @type {Record<string, string>} */ (JSON.parse(text)));
  const found = { count: files.length, version: await integrityOf(new TextEncoder().encode(text).buffer) };
  if (!files.some(([path]) => path === page)) return { ...found, fault: "not-listed", paths: [page] };
  return { ...found, ...(await firstFault(cache, files)) };
}

/**
 * Return the fingerprint of the list in use, or null when there is none: another one is another version of the app.
 * @returns {Promise<string | null>}
 */
export async function keptVersion() {
  if (!("caches" in globalThis)) return null;
  const list = await (await caches.open(CACHE)).match(CURRENT);
  return list === undefined ? null : integrityOf(await list.arrayBuffer());
}

/**
 * @param {Cache} cache
 * @param {[string, string][]} files path and integrity
 * @returns {Promise<{fault: ShellFault | null, paths: string[]}>}
 */
async function firstFault(cache, files) {
  const missing = [];
  const wrong = [];
  for (const [path, integrity] of files) {
    const kept = await cache.match(`/phone/kept/${encodeURIComponent(integrity)}`);
    if (kept === undefined) missing.push(path);
    else if ((await integrityOf(await kept.arrayBuffer())) !== integrity) wrong.push(path);
  }
  if (missing.length > 0) return { fault: "missing", paths: missing };
  return wrong.length > 0 ? { fault: "wrong", paths: wrong } : { fault: null, paths: [] };
}

/** @param {ArrayBuffer} bytes */
async function integrityOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
