// @ts-check
// The keys of this phone: one tiny IndexedDB that holds nothing else, because Chromium can lose a whole IndexedDB in a
// crash. Every key is written once, never changed and never deleted here. The private half cannot leave.
//
// A lost key is normal (FAILURES H22): make a new one, enrol again; what was sealed before stays valid.

import { thumbprint } from "../core/jwk.js";
import { makePair, publicJwk, sign, verify, webCrypto } from "./crypto.js";

/** @import { Bytes, Jwk } from "../core/port.js" */

const DATABASE = "fieldapp-key";
const STORE = "key";
const OPEN_TRIES = 3;

/** @typedef {{kid: string, person: string, made_at: string, jwk: Jwk, pair: CryptoKeyPair}} StoredKey */
/** @typedef {{kid: string, person: string, made_at: string, jwk: Jwk, sign: (bytes: Bytes) => Promise<Bytes>}} Key */

export class NoKey extends Error {
  /** @param {string} what */
  constructor(what) {
    super(what);
    this.name = "NoKey";
  }
}

/**
 * Make a key for a person, store it, read it back and try it. Raises NoKey when the browser does not keep it: then
 * nothing may be enrolled.
 * @param {string} person
 * @param {string} madeAt instant
 * @returns {Promise<Key>}
 */
export async function makeKey(person, madeAt) {
  const pair = await makePair();
  const jwk = await publicJwk(pair.publicKey);
  const kid = await thumbprint(jwk, webCrypto);
  /** @type {StoredKey} */
  const stored = { kid, person, made_at: madeAt, jwk, pair };
  await write(stored);
  const key = await openKey(kid);
  await prove(key);
  return key;
}

/**
 * Open a key by its name. Raises NoKey when it is not on this phone.
 * @param {string} kid
 * @returns {Promise<Key>}
 */
export async function openKey(kid) {
  const stored = /** @type {StoredKey | undefined} */ (await read((store) => store.get(kid)));
  if (stored === undefined) throw new NoKey(`key ${kid} is not on this phone`);
  return asKey(stored);
}

/**
 * List the keys of a person on this phone, newest first.
 * @param {string} person
 * @returns {Promise<Key[]>}
 */
export async function keysOf(person) {
  const own = (await listKeys()).filter((key) => key.person === person);
  return own.sort((one, other) => (one.made_at < other.made_at ? 1 : -1));
}

/**
 * List all keys on this phone.
 * @returns {Promise<Key[]>}
 */
export async function listKeys() {
  const all = /** @type {StoredKey[]} */ (await read((store) => store.getAll()));
  return all.map(asKey);
}

/**
 * Sign something and verify it with the public half.
 * @param {Key} key
 */
export async function prove(key) {
  const bytes = new TextEncoder().encode(`fieldapp key proof ${key.kid}`);
  const is_good = await verify(key.jwk, bytes, await key.sign(bytes));
  if (!is_good) throw new NoKey(`key ${key.kid} does not sign`);
}

/**
 * @param {StoredKey} stored
 * @returns {Key}
 */
function asKey({ kid, person, made_at, jwk, pair }) {
  return { kid, person, made_at, jwk, sign: (bytes) => sign(pair.privateKey, bytes) };
}

/** @param {StoredKey} stored */
async function write(stored) {
  const database = await openDatabase();
  try {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    transaction.objectStore(STORE).add(stored);
    await finished(transaction);
  } catch (cause) {
    throw new NoKey(`the browser does not keep keys: ${cause instanceof Error ? cause.message : cause}`);
  } finally {
    database.close();
  }
}

/**
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<unknown>}
 */
async function read(ask) {
  const database = await openDatabase();
  try {
    return await answered(ask(database.transaction(STORE, "readonly").objectStore(STORE)));
  } finally {
    database.close();
  }
}

/**
 * Open the database; WebKit may lose its connection to it, so it is tried again.
 * @param {number} [tries]
 * @returns {Promise<IDBDatabase>}
 */
async function openDatabase(tries = OPEN_TRIES) {
  try {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "kid" });
    return await answered(request);
  } catch (error) {
    if (tries <= 1) throw error;
    return openDatabase(tries - 1);
  }
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
