// @ts-check
// The first thing that runs. On a first visit nothing of the app is here yet: the service worker fetches all of it, most in one answer, and
// the app then starts from what is kept, instead of fetching two hundred files one by one and keeping them afterwards.

import { register, settled } from "./device/registration.js";

/** Wait for the first service worker; without one, or when it fails, the app is fetched file by file and says what is wrong. */
async function firstVisit() {
  if (!("serviceWorker" in navigator) || navigator.serviceWorker.controller) return;
  try {
    const registration = await register();
    if (registration.active || !registration.installing) return;
    const opening = document.getElementById("opening");
    if (opening) opening.textContent = opening.dataset["first"] ?? "";
    await settled(registration.installing);
  } catch {
    // Said by `version.js`, which tries again.
  }
}

await firstVisit();
await import("./app.js");
