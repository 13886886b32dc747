// @ts-check
// The service worker's registration: how it is asked for, and when it is done.

const SCRIPT = "/phone/sw.js";
const SCOPE = "/phone/";

/** Register the service worker, or look whether there is a newer one. */
export function register() {
  return navigator.serviceWorker.register(SCRIPT, { scope: SCOPE, updateViaCache: "none" });
}

/**
 * Wait until a service worker is in use or given up.
 * @param {ServiceWorker} worker
 * @returns {Promise<void>}
 */
export function settled(worker) {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === "activated" || worker.state === "redundant") resolve();
    };
    worker.addEventListener("statechange", look);
    look();
  });
}
