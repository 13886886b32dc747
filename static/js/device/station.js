// @ts-check
/**
 * Handing what is not safe to a station near by (PROTOCOL 12). Its verdict is only `held`: that a station keeps a record is noted for the
 * person to see, and everything stays unsent towards the archive. What counts are the archive's receipts it may bring, checked like any other.
 */

import { webCrypto } from "./crypto.js";
import { Net, NotTheArchive, Rejected } from "./net.js";
import { StoreError } from "./store/error.js";
import { handed, records, unhanded } from "./store/outbox.js";
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
 * Hand over everything that is not safe, or of it only what no station keeps yet, and collect receipts for all of it.
 * @param {Session} session
 * @param {TakeTurn} turn
 * @param {Pick<ClockPort, "wallMs" | "monotonicMs">} clock
 * @param {{url: string, is_new?: boolean}} station its origin; `is_new`: only what no station keeps yet
 * @returns {Promise<Handed>}
 */
export async function handOver(session, turn, clock, { url, is_new = false }) {
  const { archive, person, items, open } = await turn(() => begin(session, is_new));
  const net = new Net({ clock, base: `${new URL(url).origin}/sync/1`, isStation: true });
  net.archive = archive;
  const handing = new Handing(session, turn, net, person);
  for (let at = 0; at < open.length; at += BATCH) await handing.push(open.slice(at, at + BATCH));
  for (const item of open) await handing.complete(item);
  for (let at = 0; at < items.length; at += BATCH) await handing.collect(items.slice(at, at + BATCH));
  return handing.done;
}

/**
 * @param {Session} session
 * @param {boolean} isNew
 */
function begin(session, isNew) {
  const { db, ring } = session.desk;
  const items = unsafeItems(db);
  const wanted = isNew ? unhanded(db, items.map(({ hash }) => hash)) : null;
  return { archive: ring.archive, person: db.person, items, open: items.filter(({ hash }) => wanted?.has(hash) ?? true) };
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
   * @param {string} person whose things they are
   */
  constructor(session, turn, net, person) {
    this.session = session;
    this.net = net;
    /** Somebody else may work here by the next turn. @type {TakeTurn} */
    this.turn = (act) => turn(() => {
      if (session.desk.db.person !== person) throw new StoreError("UnknownPerson", `${person} is not open any more`);
      return act();
    });
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

  /** Bring a record's photos after it; with them the station keeps all of it. @param {Item} item */
  async complete({ hash, photos }) {
    if (!this.#kept.has(hash)) return;
    for (const photo of photos) await this.photo(hash, photo);
    await this.turn(() => handed(this.session.desk.db, hash));
  }

  /**
   * @param {string} record
   * @param {{sha256: string, size_bytes: number}} photo
   */
  async photo(record, { sha256, size_bytes }) {
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
