// @ts-check
/**
 * The self-test of the storage somebody works with: writes into their own database, closes every file, opens everything again and reads it
 * back; signs with the key they seal with and verifies with the certificate the archive gave for it. `probe.js` asks whether a browser can.
 */

import { toHex } from "../../core/hex.js";
import { random, verify } from "../crypto.js";
import { openKey } from "../key.js";
import { StoreError } from "./error.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{is_good: boolean, detail: string}} Tried `detail` for those who look for the cause, empty when it is good */
/** @typedef {{storage: Tried, key: Tried}} Outcome */

const NAME = "trial";

/**
 * Try the storage and the key. What fails is told, not raised.
 * @param {Session} session with a person
 * @returns {Promise<Outcome>}
 */
export async function trial(session) {
  return { storage: await tried(() => writeAndReopen(session)), key: await tried(() => signAndVerify(session)) };
}

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<Tried>}
 */
async function tried(work) {
  try {
    await work();
    return { is_good: true, detail: "" };
  } catch (error) {
    return { is_good: false, detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** @param {Session} session */
async function writeAndReopen(session) {
  const mark = toHex(random(16));
  set(session.desk.db, NAME, mark);
  try {
    await session.heal(async () => {
      session.storage.close();
      await session.storage.open();
    });
  } catch (error) {
    // The files are closed: give the storage away, so that it is opened anew and nothing is done with half of it.
    session.letGo("elsewhere");
    throw error;
  }
  if (setting(session.desk.db, NAME) !== mark) throw new StoreError("StorageDamaged", "what was written is not what is read");
}

/** @param {Session} session */
async function signAndVerify({ desk: { db, ring } }) {
  const kid = String(db.value("select kid from identity where is_current = 1"));
  const certificate = ring.certificates[kid];
  if (!certificate) throw new StoreError("NoKey", "the enrolled key has no certificate here");
  if (ring.revoked[kid] !== undefined) throw new StoreError("NoKey", "the archive has ended this key");
  const key = await openKey(kid);
  const bytes = random(32);
  if (!(await verify(certificate.jwk, bytes, await key.sign(bytes)))) throw new StoreError("NoKey", "the signature does not verify");
}
