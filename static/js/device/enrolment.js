// @ts-check
// Binding a person to this phone: log in, make a key, have the archive certify it. A key asked for twice after a lost answer
// is the same key.

import { close } from "../core/jws.js";
import { fromPlain } from "../core/problem.js";
import { buildEnrol } from "../core/statement.js";
import * as clock from "./clock.js";
import { keysOf, makeKey } from "./key.js";
import { Net, NotTheArchive, Rejected } from "./net.js";
import { store } from "./store.js";

/** @typedef {{person: string, name: string, role: string}} Who */

const LABEL_CHARS = 80;
/** Keys made for somebody whose enrolment has not been answered yet, by person. @type {Map<string, import("./key.js").Key>} */
const pending = new Map();

/**
 * Log in for reading and enrolling: by name and password, or by a code an administrator showed. Raises Unreachable, NotTheArchive or Rejected.
 * @param {{username: string, password: string} | {code: string}} given
 * @returns {Promise<Who>}
 */
export async function logIn(given) {
  const answer = await session("POST", JSON.stringify(given));
  const body = jsonOf(answer.bytes);
  if (answer.status >= 400 && body !== null && "retry" in body) throw new Rejected(fromPlain(body, answer.status), null);
  if (answer.status >= 500) throw new Rejected(fromPlain(undefined, answer.status), null);
  if (body === null || typeof body["person"] !== "string") throw new NotTheArchive("not an answer of the archive", answer.status);
  return /** @type {Who} */ (/** @type {unknown} */ (body));
}

/** End the login, so that it does not read for somebody else. */
export async function logOut() {
  await session("DELETE", null);
}

/**
 * Ask for a login or its end.
 * @param {"POST" | "DELETE"} method
 * @param {string | null} body
 */
function session(method, body) {
  const net = new Net({ clock, base: "/" });
  return net.exchange({ method, path: "/session", headers: { "Content-Type": "application/json", "Fieldapp-Client": "1" }, ...(body === null ? {} : { body }) });
}

/**
 * Open the storage of who is logged in. The first time, and when the key is lost, a key is made here and enrolled; somebody
 * whose key is here has only logged in again, unless the archive does not know that key any more. Supervisors and administrators work at the desk: Rejected before a key is made, and
 * their login ends, so that it does not read for the inspector whose phone this is.
 * @param {Who} who
 */
export async function enrolHere(who) {
  const known = await store.call("people");
  const isKnown = known.some((/** @type {Who} */ { person }) => person === who.person);
  const opened = isKnown ? await openedWithKey(who.person) : null;
  if (opened && !(await isForgotten())) return opened;
  if (who.role !== "inspector") {
    await logOut();
    throw new Rejected(fromPlain({ type: "urn:fieldapp:problem:desk-role", title: "", retry: "never" }, 403), null);
  }
  const own = opened && (await keysOf(who.person)).find(({ kid }) => kid === opened.kid);
  const key = own ?? pending.get(who.person) ?? (await makeKey(who.person, clock.now()));
  pending.set(who.person, key);
  /** @type {import("./net.js").Contact[]} */
  const heard = [];
  const net = new Net({ clock, onContact: (contact) => void heard.push(contact) });
  await net.time();
  const { archive: name, token: beacon } = /** @type {import("./net.js").Contact} */ (heard.at(-1));
  const input = buildEnrol({ archive: name, person: who.person, jwk: key.jwk, beacon, label: label() }, key.kid);
  const signature = await key.sign(new TextEncoder().encode(input));
  const answer = await net.enrol(close(input, signature));
  const archive = isKnown ? { archive: await pinnedOf(who.person) } : {};
  const identity = await store.call("enrol", { answer, ...archive });
  pending.delete(who.person);
  return identity;
}

/**
 * Open what is here and let synchronising begin anew; null when the person's key is not on this phone any more.
 * @param {string} person
 */
async function openedWithKey(person) {
  try {
    const identity = await store.open(person);
    if (!identity.has_key) return null;
    await store.call("sync", { do: "now" });
    return identity;
  } catch (error) {
    if (error instanceof Error && error.name === "NoKey") return null;
    throw error;
  }
}

/** Say whether the archive has said that it does not know this phone's key: restored from an old backup, it has to be enrolled again. */
async function isForgotten() {
  const items = await store.call("outbox");
  return items.some((/** @type {{state: string, reason: string | null}} */ { state, reason }) => state === "refused" && reason === "unknown-key");
}

/**
 * The archive a person's data on this phone belong to.
 * @param {string} person
 * @returns {Promise<string | undefined>} undefined when the storage cannot be opened without the new key
 */
async function pinnedOf(person) {
  try {
    return (await store.open(person)).archive;
  } catch (error) {
    if (error instanceof Error && error.name === "NoKey") return undefined;
    throw error;
  }
}

/** Name this phone as its owner would: the browser's own words, short. */
function label() {
  const { userAgent } = navigator;
  return (/\(([^)]*)\)/.exec(userAgent)?.[1] ?? userAgent).slice(0, LABEL_CHARS);
}

/**
 * @param {Uint8Array} bytes
 * @returns {{[name: string]: import("../core/port.js").Json} | null}
 */
function jsonOf(bytes) {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
