// @ts-check
// Renews the app's shell when it will not start: throws away the kept files and the service worker of the app.
// Never touches storage of records, drafts, photos or keys.

/** Let go of every kept shell. */
async function renew() {
  for (const registration of await navigator.serviceWorker.getRegistrations()) {
    if (new URL(registration.scope).pathname === "/phone/") await registration.unregister();
  }
  for (const name of await caches.keys()) {
    if (name.startsWith("shell-")) await caches.delete(name);
  }
}

const key = /** @type {HTMLButtonElement} */ (document.getElementById("renew"));
const done = /** @type {HTMLElement} */ (document.getElementById("done"));

key.addEventListener("click", async () => {
  key.disabled = true;
  await renew();
  done.hidden = false;
});
