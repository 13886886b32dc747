// @ts-check
/**
 * Handing what is not safe to a station near by (PROTOCOL 12). Its verdict is only `held`: nothing is noted of it, everything stays unsent
 * towards the archive. What counts are the archive's receipts it may bring, checked like any other.
 */

import { webCrypto } from "./crypto.js";
import { Net, NotTheArchive, Rejected } from "./net.js";
import { records } from "./store/outbox.js";
import { unsafeItems } from "./store/package.js";
import { readPhoto } from "./store/photo.js";
import { applyReceipts } from "./store/receipt.js";

/** @import { ClockPort } from "./clock.js" */
/** @import { Item } from "../core/package.js" */
/** @typedef {import("./store/session.js").Session} Session */
/** @typedef {<T>(turn: () => T | Promise<T>) => Promise<T>} TakeTurn */
/** @typedef {{records: number, photos: number, safe: number}} Handed `records` and `photos` the station has now; `safe`: facts of the archive it brought */

const BATCH = 100;
const FIRST_PIECE_BYTES = 512 * 1024;
const LEAST_PIECE_BYTES = 16 * 1024;
const TOO_LARGE = 413;

/**
 * Hand over everything that is not safe, and collect receipts.
 * @param {Session} session
 * @param {TakeTurn} turn
 * @param {Pick<ClockPort, "wallMs" | "monotonicMs">} clock
 * @param {{url: string}} station its origin
 * @returns {Promise<Handed>}
 */
export async function handOver(session, turn, clock, { url }) {
  const { archive, items } = await turn(() => ({ archive: session.desk.ring.archive, items: unsafeItems(session.desk.db) }));
  const net = new Net({ clock, base: `${new URL(url).origin}/sync/1`, isStation: true });
  net.archive = archive;
  const handing = new Handing(session, turn, net);
  for (let at = 0; at < items.length; at += BATCH) await handing.push(items.slice(at, at + BATCH));
  for (const item of items) for (const photo of item.photos) await handing.photo(item.hash, photo);
  for (let at = 0; at < items.length; at += BATCH) await handing.collect(items.slice(at, at + BATCH));
  return handing.done;
}

class Handing {
  /** @type {Handed} */
  done = { records: 0, photos: 0, safe: 0 };
  /** Records the station keeps. @type {Set<string>} */
  #kept = new Set();

  /**
   * @param {Session} session
   * @param {TakeTurn} turn
   * @param {Net} net
   */
  constructor(session, turn, net) {
    this.session = session;
    this.turn = turn;
    this.net = net;
  }

  /** @param {Item[]} items */
  async push(items) {
    const rows = await this.turn(() => records(this.session.desk.db, items.map(({ hash }) => hash)));
    const answer = await this.net.push(rows.map(({ jws }) => jws));
    const verdicts = /** @type {{hash: string | null, verdict: string}[]} */ (answer["verdicts"] ?? []);
    for (const { hash, verdict } of verdicts) if (hash !== null && verdict !== "refused") this.#kept.add(hash);
    this.done.records = this.#kept.size;
    await this.apply(answer);
  }

  /**
   * @param {string} record
   * @param {{sha256: string, size_bytes: number}} photo
   */
  async photo(record, { sha256, size_bytes }) {
    if (!this.#kept.has(record)) return;
    const { upload, offset } = await this.net.createUpload({ record, sha256, size_bytes });
    let piece_bytes = FIRST_PIECE_BYTES;
    let at = offset;
    while (at < size_bytes) {
      const from = at;
      const bytes = await this.turn(() => readPhoto(this.session.desk.db, sha256, from, from + piece_bytes));
      try {
        at = await this.net.patchUpload(upload, from, bytes);
      } catch (error) {
        if (!isTooLarge(error) || piece_bytes <= LEAST_PIECE_BYTES) throw error;
        piece_bytes = Math.max(LEAST_PIECE_BYTES, piece_bytes / 2);
      }
    }
    this.done.photos += 1;
  }

  /** @param {Item[]} items */
  async collect(items) {
    await this.apply(await this.net.receipts(items.map(({ hash }) => hash)));
  }

  /** Only receipts count. @param {import("../core/port.js").JsonObject} answer */
  async apply(answer) {
    const receipts = /** @type {string[]} */ (answer["receipts"] ?? []);
    if (receipts.length === 0) return;
    const { db, ring } = this.session.desk;
    const { applied } = await this.turn(() => applyReceipts(db, ring, webCrypto, receipts));
    this.done.safe += applied;
  }
}

/** @param {unknown} error */
function isTooLarge(error) {
  return (error instanceof Rejected || error instanceof NotTheArchive) && error.status === TOO_LARGE;
}
