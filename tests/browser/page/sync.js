// @ts-check
// The phone without screens: the real storage worker with its sync runner, and enrolment.
import { enrolHere, logIn } from "../../../static/js/device/enrolment.js";
import { store } from "../../../static/js/device/store.js";

/** @type {any[]} */
const events = [];
for (const name of /** @type {const} */ (["sync", "fault"])) store.on(name, (event) => void events.push(event));

/**
 * @param {string} name
 * @param {any} [args] `blob` as base64 becomes a Blob
 */
function call(name, args) {
  if (typeof args?.blob !== "string") return store.call(name, args);
  const bytes = Uint8Array.from(atob(args.blob), (letter) => letter.charCodeAt(0));
  return store.call(name, { ...args, blob: new Blob([bytes]) });
}

/**
 * @param {string} username
 * @param {string} password
 */
async function enrol(username, password) {
  return enrolHere(await logIn({ username, password }));
}

Object.assign(globalThis, { phone: { call, enrol, events, start: store.start.bind(store) } });
