// @ts-check
// A person's PIN as this phone keeps it, in the person's own settings: salted and slow, never the PIN. A try counts before it is looked at,
// so ending the app undoes none.

import { decode, encode } from "../core/base64url.js";
import { restMs } from "../core/pin.js";
import { wallMs } from "./clock.js";
import { random } from "./crypto.js";
import { store } from "./store.js";

/** @typedef {{salt: string, hash: string, iterations: number, failures: number, failed_at_ms: number}} Lock */

const NAME = "lock";
const SALT_BYTES = 16;
const HASH_BITS = 256;
/** 70–90 ms in Chromium where the processor has SHA instructions, so about a third of a second on a phone four times slower. Kept with each hash: another number locks nobody out. */
const ITERATIONS = 600_000;

/** @returns {Promise<Lock | null>} null: the person who is open has no PIN */
export function readLock() {
  return store.call("setting", { name: NAME });
}

/** @param {Lock | null} lock */
async function write(lock) {
  await store.call("set", { name: NAME, value: lock });
  return lock;
}

/** @param {string} pin @returns {Promise<Lock>} */
export async function setPin(pin) {
  const salt = random(SALT_BYTES);
  const lock = { salt: encode(salt), hash: await stretch(pin, salt, ITERATIONS), iterations: ITERATIONS, failures: 0, failed_at_ms: 0 };
  await write(lock);
  return lock;
}

export function removePin() {
  return write(null);
}

/**
 * Try a PIN. While wrong ones wait, none is looked at.
 * @param {string} pin
 * @returns {Promise<{isRight: boolean, lock: Lock}>}
 */
export async function tryPin(pin) {
  const before = await readLock();
  if (before === null) throw new Error("no PIN is set");
  if (restMs(before, wallMs()) > 0) return { isRight: false, lock: before };
  const counted = { ...before, failures: before.failures + 1, failed_at_ms: wallMs() };
  await write(counted);
  const isRight = (await stretch(pin, decode(before.salt), before.iterations)) === before.hash;
  if (!isRight) return { isRight, lock: counted };
  const lock = { ...before, failures: 0, failed_at_ms: 0 };
  await write(lock);
  return { isRight, lock };
}

/**
 * @param {string} pin
 * @param {import("../core/port.js").Bytes} salt
 * @param {number} iterations
 */
async function stretch(pin, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return encode(new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, HASH_BITS)));
}
