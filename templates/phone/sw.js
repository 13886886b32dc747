// The service worker of the phone's app: keeps the shell and nothing else, so that the app starts with no network.
// Rendered with the hash of every file. Files are kept by their hash, checked as they arrive; an update fetches only what
// changed. Which version is used stands in the cache and changes only on the person's word, never by a restart.
"use strict";

const FILES = {{ files|tojson(indent=1) }};

const CACHE = "shell-1";
const CURRENT = "/phone/kept/current";
const AT_ONCE = 4;

/** @param {string} hash an integrity, `sha256-…` */
const placeOf = (hash) => `/phone/kept/${encodeURIComponent(hash)}`;

addEventListener("install", (event) => {
  event.waitUntil(fetchMissing().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(adoptFirst().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "GET" && url.origin === location.origin) event.respondWith(answer(request, url.pathname));
});

addEventListener("message", (event) => {
  const [port] = event.ports;
  if (event.data === "is-there-newer") event.waitUntil(isNewer().then((newer) => port.postMessage(newer)));
  if (event.data === "apply") event.waitUntil(adopt().then(() => port.postMessage(true), () => port.postMessage(false)));
});

/** Bring every file of this version that is not kept yet; one wrong byte fails the installation and the kept version stays. */
async function fetchMissing() {
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  const missing = Object.entries(FILES).filter(([, hash]) => !kept.has(placeOf(hash)));
  const fetchRest = async () => {
    for (let next = missing.pop(); next; next = missing.pop()) await keep(cache, ...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchRest));
}

/**
 * @param {Cache} cache
 * @param {string} path
 * @param {string} hash
 */
async function keep(cache, path, hash) {
  const response = await fetch(path, { integrity: hash, cache: "no-cache", credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(`${path}: ${response.status}`);
  await cache.put(placeOf(hash), response);
}

/** The table in use: address → hash; null before the first version was adopted. */
let inUse = null;

async function current() {
  if (inUse === null) {
    const cache = await caches.open(CACHE);
    const stored = await cache.match(CURRENT);
    inUse = stored ? await stored.json() : null;
  }
  return inUse;
}

async function adoptFirst() {
  if ((await current()) === null) await adopt();
}

/** Use this version from now on and let go of what only the one before needed. */
async function adopt() {
  await fetchMissing();
  const cache = await caches.open(CACHE);
  await cache.put(CURRENT, new Response(JSON.stringify(FILES), { headers: { "Content-Type": "application/json" } }));
  inUse = FILES;
  const wanted = new Set([CURRENT, ...Object.values(FILES).map(placeOf)]);
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
  }
}

async function isNewer() {
  const files = (await current()) ?? FILES;
  const names = new Set([...Object.keys(files), ...Object.keys(FILES)]);
  return [...names].some((name) => files[name] !== FILES[name]);
}

/**
 * Answer from what is kept; anything else, and what the browser has thrown away, from the network.
 * @param {Request} request
 * @param {string} path
 */
async function answer(request, path) {
  const hash = ((await current()) ?? FILES)[path];
  if (hash === undefined) return path === "/phone/" ? entry(request) : fetch(request);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(placeOf(hash));
  return kept ?? fetch(request);
}

/**
 * The entry chooses a language at the server; without one the browser's own choice must do.
 * @param {Request} request
 */
async function entry(request) {
  try {
    return await fetch(request);
  } catch {
    const isEnglish = !(navigator.language || "zh").startsWith("zh");
    return Response.redirect(isEnglish ? "/phone/en/" : "/phone/zh-CN/");
  }
}
