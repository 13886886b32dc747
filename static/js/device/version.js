// @ts-check
// The app's own version on this phone: registers the service worker, learns of a newer version, uses it when the person says
// so. Nothing here reloads a page by itself.

import { signal } from "../../vendor/signals-core/signals-core.mjs";

const SCRIPT = "/phone/sw.js";
const SCOPE = "/phone/";
const ANSWER_WITHIN_MS = 60_000;
const AGAIN_MS = 60_000;

/** `unkept`: this start depends on the network; `kept`: it starts without; `newer`: another version is here and waits. */
const state = signal(/** @type {"unkept" | "kept" | "newer"} */ ("unkept"));
/** Why the app cannot be kept on this phone, as the browser puts it; null while nothing went wrong. */
const trouble = signal(/** @type {string | null} */ (null));

/** Keep the app on this phone, and look for a newer version when there is a network. What fails is tried again. */
async function keep() {
  if (!("serviceWorker" in navigator)) {
    trouble.value = "serviceWorker";
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => void look());
  await install();
}

async function install() {
  try {
    const registration = await navigator.serviceWorker.register(SCRIPT, { scope: SCOPE, updateViaCache: "none" });
    if (registration.installing) await settled(registration.installing);
    if (!registration.active) throw new Error("not every file arrived");
    trouble.value = null;
    await look();
  } catch (error) {
    // Without network the script cannot be fetched; what is kept already still serves.
    if (navigator.serviceWorker.controller) return look();
    trouble.value = error instanceof Error ? error.message : String(error);
    setTimeout(() => void install(), AGAIN_MS);
  }
}

/**
 * Wait until a service worker is in use or given up.
 * @param {ServiceWorker} worker
 * @returns {Promise<void>}
 */
function settled(worker) {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === "activated" || worker.state === "redundant") resolve();
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

/** Ask the service worker whether it holds another version than the one in use. */
async function look() {
  const worker = (await navigator.serviceWorker.ready).active;
  if (!worker) return;
  state.value = (await ask(worker, "is-there-newer")) ? "newer" : "kept";
}

/** Look at the server for a newer version now. Fails without network. */
async function check() {
  await (await navigator.serviceWorker.ready).update();
  await look();
}

/** Use the newer version: everything saved stays, the page is loaded anew. Fails when its files did not all arrive. */
async function apply() {
  const worker = (await navigator.serviceWorker.ready).active;
  if (!worker || !(await ask(worker, "apply"))) throw new Error("the newer version is not complete");
  location.reload();
}

/**
 * @param {ServiceWorker} worker
 * @param {string} question
 * @returns {Promise<boolean>}
 */
function ask(worker, question) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the service worker does not answer")), ANSWER_WITHIN_MS);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      port1.close();
      resolve(data === true);
    };
    worker.postMessage(question, [port2]);
  });
}

export const version = { state, trouble, keep, check, apply };
