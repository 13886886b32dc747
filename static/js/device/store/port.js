// @ts-check
/** The store as `device/sync.js` sees it: every function is one turn of the worker's queue, none waits for the network inside it. */

import { presentKey } from "../../core/certificate.js";
import { webCrypto } from "../crypto.js";
import { earlier, keepEarlier, missEarlier, readAll } from "./earlier.js";
import { finishErasing } from "./erasure.js";
import { saveTime } from "./identity.js";
import { missingPhotos, photoSent, records, saveUpload, unsafe, unsent } from "./outbox.js";
import { readPhoto } from "./photo.js";
import { doubt, presented, toPresent } from "./presenting.js";
import { tellOtherPhones } from "./other_phone.js";
import { applyPage, dropStream, streams } from "./pulled.js";
import { applyReceipts, applyVerdicts, newEpoch } from "./receipt.js";
import { named } from "./trip.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("../sync.js").StorePort} StorePort */

/**
 * Make the port.
 * @param {Session} session
 * @param {<T>(turn: () => T | Promise<T>) => Promise<T>} turn waits for a turn with the storage open
 * @returns {StorePort}
 */
export function storePort(session, turn) {
  const db = () => session.desk.db;
  return {
    identity: () => turn(() => syncIdentity(session)),
    unsent: () => turn(() => unsent(db())),
    records: (hashes) => turn(() => records(db(), hashes)),
    applyVerdicts: (verdicts) =>
      turn(() => applyVerdicts(db(), /** @type {import("./receipt.js").Judged[]} */ (/** @type {unknown} */ (verdicts)))),
    applyReceipts: (receipts, missing, asked) =>
      turn(() => applyReceipts(db(), session.desk.ring, webCrypto, receipts, missing, asked)),
    unsafe: () => turn(() => unsafe(db())),
    missingPhotos: () => turn(() => missingPhotos(db())),
    readPhoto: (sha256, from, to) => turn(() => readPhoto(db(), sha256, from, to)),
    saveUpload: (record, sha256, upload) => turn(() => saveUpload(db(), record, sha256, upload)),
    photoSent: (record, sha256) => turn(() => photoSent(db(), record, sha256)),
    streams: () => turn(() => streams(db())),
    applyPage: (stream, lines) => turn(() => pull(session, stream, lines)),
    named: (places) => turn(() => named(db(), places)),
    dropStream: (stream) => turn(() => dropStream(db(), session.kinds, stream)),
    saveTime: (contact) => turn(() => saveTime(db(), session.desk.ring, webCrypto, contact)),
    toPresent: () => turn(() => toPresent(db())),
    presented: () => turn(() => presented(db())),
    doubt: (stream, what) => turn(() => doubt(db(), stream, what)),
    newEpoch: (epoch) => turn(() => newEpoch(db(), epoch)),
    earlier: (isSparing) => turn(() => earlier(db(), session.kinds, isSparing)),
    keepEarlier: (sha256, bytes) => turn(() => keepEarlier(db(), session.kinds, sha256, bytes)),
    missEarlier: (sha256) => turn(() => missEarlier(db(), sha256)),
    readAll: () => turn(() => readAll(db())),
  };
}

/** @param {Session} session */
function syncIdentity(session) {
  const identity = session.identity();
  if (!identity) return null;
  const { person, kid, archive, epoch } = identity;
  return { person, kid, archive, epoch, archive_keys: presentKey(session.desk.ring) };
}

/**
 * @param {Session} session
 * @param {string} stream
 * @param {import("../../core/port.js").Json[]} lines
 */
async function pull(session, stream, lines) {
  const { db, ring } = session.desk;
  const place = await applyPage(db, session.kinds, ring, webCrypto, stream, lines);
  finishErasing(db, session.storage.log);
  if (stream === "keys") {
    await session.refreshRing();
    if (tellOtherPhones(db, session.desk.ring)) session.emit({ event: "notice" });
  }
  return place;
}
