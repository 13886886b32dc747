// @ts-check
// Keys and seals of this browser, for the tests that carry them to Python and back. As the product does: the key is made
// and used in a worker-safe module, and its private half stays here.
import { encode } from "../../../static/js/core/base64url.js";
import { judgeKeys } from "../../../static/js/core/certificate.js";
import { close } from "../../../static/js/core/jws.js";
import { build, hashOf, seal } from "../../../static/js/core/record.js";
import { buildEnrol, readReceipt, readTime } from "../../../static/js/core/statement.js";
import { uuid7 } from "../../../static/js/core/uuid7.js";
import { now, wallMs } from "../../../static/js/device/clock.js";
import { random, webCrypto } from "../../../static/js/device/crypto.js";
import { keysOf, makeKey, openKey, prove } from "../../../static/js/device/key.js";

const encoder = new TextEncoder();

/** @param {string} person */
async function enrolKey(person) {
  const { kid, jwk } = await makeKey(person, now());
  return { kid, jwk };
}

/**
 * @param {string} kid
 * @param {{author: string, kind: string, stream: string, body: import("../../../static/js/core/port.js").JsonObject}} draft
 */
async function sealDraft(kid, { author, kind, stream, body }) {
  const key = await openKey(kid);
  const id = uuid7(wallMs(), random(10));
  const salt = encode(random(16));
  const first = { id, entity: id, supersedes: [], v: 1, counter: 1, clock: null, beacon: null };
  const input = build({ ...first, author, kind, stream, body, salt, captured_at: now() }, kid);
  return { hash: await hashOf(input, webCrypto), jws: seal(input, await key.sign(encoder.encode(input))) };
}

/**
 * @param {string} archive
 * @param {string} person
 * @param {string} kid
 * @param {string} beacon
 */
async function requestEnrolment(archive, person, kid, beacon) {
  const key = await openKey(kid);
  const input = buildEnrol({ archive, person, jwk: key.jwk, beacon, label: "测试手机" }, kid);
  return close(input, await key.sign(encoder.encode(input)));
}

/**
 * @param {string} kid
 * @returns {Promise<string>} the name of the error with which the browser keeps the private half
 */
async function exportKey(kid) {
  const opened = await new Promise((resolve, reject) => {
    const request = indexedDB.open("fieldapp-key", 1);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const stored = await new Promise((resolve) => {
    const request = opened.transaction("key").objectStore("key").get(kid);
    request.onsuccess = () => resolve(request.result);
  });
  opened.close();
  return crypto.subtle.exportKey("pkcs8", stored.pair.privateKey).then(
    () => "exported",
    (error) => error.name,
  );
}

/** @param {string} person */
async function keys(person) {
  const found = await keysOf(person);
  for (const key of found) await prove(key);
  return found.map(({ kid }) => kid);
}

/** @param {() => Promise<unknown>} work */
async function outcome(work) {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.name, reason: "reason" in error ? error.reason : null };
  }
}

/** @typedef {Parameters<typeof readReceipt>[1]} Pinned */

Object.assign(globalThis, {
  phone: {
    enrolKey,
    sealDraft,
    requestEnrolment,
    exportKey,
    keys,
    openKey: (/** @type {string} */ kid) => outcome(() => openKey(kid)),
    readReceipt: (/** @type {string} */ jws, /** @type {Pinned} */ pinned) =>
      outcome(() => readReceipt(jws, pinned, webCrypto)),
    readTime: (/** @type {string} */ jws, /** @type {Pinned} */ pinned) => outcome(() => readTime(jws, pinned, webCrypto)),
    judgeKeys: (/** @type {string} */ archive, /** @type {string[]} */ records) =>
      outcome(() => judgeKeys(archive, records, webCrypto)),
  },
});
