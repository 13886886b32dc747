// @ts-check
// Runs what core/schedule.js decides, inside the storage worker. Holds no state that matters: the store is the truth,
// and everything here may be forgotten at any moment.

import { isObject } from "../core/ijson.js";
import { fromPlain } from "../core/problem.js";
import { Refusal } from "../core/refusal.js";
import { begin, reduce, summary } from "../core/schedule.js";
import { readTime } from "../core/statement.js";
import { disagree, objectsOf, textsOf } from "./answer.js";
import { failureOf } from "./failure.js";
import { Rejected, Unreachable } from "./net.js";

/** @import { Bytes, CryptoPort, Json, JsonObject, Jwk } from "../core/port.js" */
/** @import { Effect, Event, Outcome, Poke, Request, State } from "../core/schedule.js" */
/** @import { MissingPhoto, UploadStep } from "../core/upload.js" */
/** @import { Named } from "../core/whole.js" */
/** @import { Place } from "./answer.js" */
/** @import { ClockPort } from "./clock.js" */
/** @import { Contact, Net } from "./net.js" */

const TIME_EVERY_MS = 30_000;

/** @typedef {{person: string, kid: string, archive: string, epoch: number, archive_keys: Record<string, Jwk>}} SyncIdentity */
/** @typedef {{stream: string, position: number, head: string}} StreamHead */

/**
 * What the runner asks of the store. Every call is one turn of the worker's queue and answers from committed state.
 * @typedef {object} StorePort
 * @property {() => Promise<SyncIdentity | null>} identity null: nobody is open, synchronising rests
 * @property {() => Promise<{hash: string, size_bytes: number}[]>} unsent every own record the archive has not received, by counter, refused ones too
 * @property {(hashes: string[]) => Promise<{hash: string, jws: string}[]>} records
 * @property {(verdicts: JsonObject[]) => Promise<unknown>} applyVerdicts PROTOCOL 9
 * @property {(receipts: string[], missing: Record<string, string[]>, asked: string[]) => Promise<unknown>} applyReceipts
 *   checks each receipt; a hash asked for that is in no fact and not in `missing` is unsent again
 * @property {() => Promise<string[]>} unsafe received, set aside or held, and not safe
 * @property {() => Promise<MissingPhoto[]>} missingPhotos of received records, views first
 * @property {(sha256: string, from: number, to: number) => Promise<Bytes>} readPhoto
 * @property {(record: string, sha256: string, upload: string | null) => Promise<unknown>} saveUpload
 * @property {(record: string, sha256: string) => Promise<unknown>} photoSent all bytes are over
 * @property {() => Promise<StreamHead[]>} streams what was pulled so far
 * @property {(stream: string, lines: Json[]) => Promise<{position: number}>} applyPage
 * @property {(stream: string) => Promise<unknown>} dropStream access ended; own records stay
 * @property {(contact: {token: string, received_at_ms: number, round_trip_ms: number}) => Promise<{is_doubtful: boolean}>} saveTime a verified token
 * @property {(epoch: number) => Promise<unknown>} newEpoch
 * @property {(isSparing: boolean) => Promise<{wanted: number, here: number, next: string[], updated_at: string | null}>} earlier small pictures of earlier photos
 * @property {<T extends Place>(places: [string, T][]) => Promise<[string, T][]>} named the archive said where its streams end; they come back in the order to be read
 * @property {(sha256: string, bytes: Bytes) => Promise<unknown>} keepEarlier
 * @property {(sha256: string) => Promise<unknown>} missEarlier the archive cannot give it
 * @property {() => Promise<string | null>} toPresent the receipt to show the archive now, which proves a rollback if there was one
 * @property {() => Promise<unknown>} presented it has looked at it
 * @property {(stream: string, what: string) => Promise<boolean>} doubt what it says of a stream does not fit; whether that is new
 * @property {() => Promise<unknown>} readAll every stream was read to its end
 */

/** @typedef {ReturnType<typeof summary>} SyncState */

export class Sync {
  /**
   * @param {object} ports
   * @param {StorePort} ports.store
   * @param {Net} ports.net
   * @param {Pick<CryptoPort, "verify" | "random">} ports.crypto
   * @param {Pick<ClockPort, "monotonicMs">} ports.clock
   * @param {() => boolean} [ports.isSparing] whether the person wants to spare the network: then nothing is fetched that can wait
   * @param {(state: SyncState) => void} [ports.onState] after every change, for the screen
   * @param {(error: unknown) => void} [ports.onError] failures of this phone itself: show them, they are not the network's
   */
  constructor({ store, net, crypto, clock, isSparing = () => false, onState = () => {}, onError = () => {} }) {
    this.store = store;
    this.net = net;
    this.crypto = crypto;
    this.clock = clock;
    this.isSparing = isSparing;
    this.onState = onState;
    this.onError = onError;
    this.is_running = false;
    /** Counts the starts, so that what an earlier run left in flight is not taken for this one's. */
    this.run_number = 0;
    this.state = begin();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Contact | null} */
    this.contact = null;
    this.time_saved_at = -Infinity;
    /** @type {string | null} */
    this.person = null;
    /** @type {{etag: string | null, places: Map<string, Place>} | null} */
    this.listing = null;
    net.onContact = (contact) => {
      this.contact = contact;
    };
  }

  /** Begin, or begin anew for another person. */
  start() {
    this.stop();
    this.is_running = true;
    this.run_number += 1;
    this.state = begin();
    this.listing = null;
    this.poke("start");
  }

  /** Rest: nothing more is asked or stored until `start`. */
  stop() {
    this.is_running = false;
    clearTimeout(this.timer);
    this.net.abort();
  }

  /**
   * Say that something happened which may give work.
   * @param {Poke} why
   */
  poke(why) {
    if (this.is_running) this.take({ type: "poke", why, random: this.draw() });
  }

  /** @param {Event} event */
  take(event) {
    const { state, effects } = reduce(this.state, event, this.clock.monotonicMs());
    this.state = state;
    for (const effect of effects) this.run(effect);
    this.onState(summary(state));
  }

  /** @param {Effect} effect */
  run(effect) {
    if (effect.do !== "wait") {
      void this.carryOut(effect, effect.serial, this.run_number);
      return;
    }
    clearTimeout(this.timer);
    const wait_ms = Math.max(0, effect.until - this.clock.monotonicMs());
    this.timer = setTimeout(() => this.take({ type: "tick", random: this.draw() }), wait_ms);
  }

  /**
   * @param {Request} effect
   * @param {number} serial
   * @param {number} runNumber
   */
  async carryOut(effect, serial, runNumber) {
    /** @type {Event} */
    let event;
    try {
      const outcome = await this.perform(effect);
      event = { type: "done", serial, outcome, random: this.draw() };
    } catch (error) {
      event = { type: "failed", serial, failure: this.failed(error), random: this.draw() };
    }
    const found = await this.keepTime();
    if (!this.is_running || runNumber !== this.run_number) return;
    this.take(event);
    if (found !== null) this.poke(found);
  }

  /**
   * @param {Request} effect
   * @returns {Promise<Outcome>}
   */
  async perform(effect) {
    if (effect.do === "load") return this.load();
    if (effect.do === "push") return this.push(effect.hashes);
    if (effect.do === "receipts") return this.receipts(effect.hashes, effect.is_presenting);
    if (effect.do === "streams") return this.streams();
    if (effect.do === "page") return this.page(effect.stream);
    if (effect.do === "upload") return this.upload(effect);
    if (effect.do === "whole") return this.whole(effect.photos);
    if (effect.do === "earlier") return this.earlier(effect.sha256);
    await this.net.time();
    return {};
  }

  /** @returns {Promise<Outcome>} */
  async load() {
    const { store } = this;
    const identity = await store.identity();
    this.net.archive = identity?.archive ?? null;
    this.person = identity?.person ?? null;
    if (identity === null) return { work: { unsent: [], unsafe: [], photos: [], earlier: null, has_person: false, is_presenting: false } };
    const [unsent, unsafe, photos] = [await store.unsent(), await store.unsafe(), await store.missingPhotos()];
    const earlier = await store.earlier(this.isSparing());
    const is_presenting = (await store.toPresent()) !== null;
    return { work: { unsent, unsafe, photos, earlier, has_person: true, is_presenting } };
  }

  /**
   * @param {string[]} hashes
   * @returns {Promise<Outcome>}
   */
  async push(hashes) {
    const records = await this.store.records(hashes);
    const answer = await this.net.push(records.map(({ jws }) => jws));
    const verdicts = objectsOf(answer["verdicts"]).filter(({ hash }) => hashes.includes(String(hash)));
    await this.store.applyVerdicts(verdicts);
    const missing = Object.fromEntries(verdicts.map((verdict) => [verdict["hash"], textsOf(verdict["missing"])]));
    await this.store.applyReceipts(textsOf(answer["receipts"]), missing, []);
    return {
      verdicts: verdicts.map(({ hash, verdict, reason }) => ({
        hash: String(hash),
        verdict: String(verdict),
        reason: typeof reason === "string" ? reason : null,
      })),
    };
  }

  /**
   * @param {string[]} hashes
   * @param {boolean} isPresenting
   * @returns {Promise<Outcome>}
   */
  async receipts(hashes, isPresenting) {
    const presented = isPresenting ? await this.store.toPresent() : null;
    const answer = await this.net.receipts(hashes, presented === null ? [] : [presented]);
    if (presented !== null) {
      await this.store.presented();
      // An archive that finds itself rolled back says so in the time token of this very answer.
      this.time_saved_at = -Infinity;
    }
    await this.told(answer, hashes);
    return {};
  }

  /**
   * @param {JsonObject} answer with receipts, and what is missing
   * @param {string[]} asked
   */
  async told(answer, asked) {
    const found = answer["missing"];
    const entries = found !== undefined && isObject(found) ? Object.entries(found) : [];
    const missing = Object.fromEntries(entries.map(([hash, photos]) => [hash, textsOf(photos)]));
    await this.store.applyReceipts(textsOf(answer["receipts"]), missing, asked);
  }

  /** @returns {Promise<Outcome>} */
  async streams() {
    const answer = await this.net.streams(this.listing?.etag ?? null);
    if (answer !== null) {
      const listed = this.listed(answer.body);
      const places = listed.map(({ stream, position, head }) =>
        /** @type {const} */ ([String(stream), { position: Number(position), head: String(head) }]));
      this.listing = { etag: answer.etag, places: new Map(places) };
    }
    const places = new Map(await this.store.named([...(this.listing?.places ?? [])]));
    if (this.listing !== null) this.listing.places = places;
    let is_doubtful = false;
    for (const held of await this.store.streams()) {
      const { stream } = held;
      const is_everybodys = stream === "keys" || stream === "commons";
      const place = places.get(stream);
      if (place === undefined && !is_everybodys) await this.store.dropStream(stream);
      else if (disagree(held, place)) is_doubtful = (await this.store.doubt(stream, `${stream} ${place?.position} ${place?.head}`)) || is_doubtful;
    }
    return { behind: await this.behind(), is_doubtful };
  }

  /** The streams with something to pull. When there are none, everything has been read. */
  async behind() {
    const held = new Map((await this.store.streams()).map(({ stream, position }) => [stream, position]));
    const places = [...(this.listing?.places ?? [])];
    const behind = places.filter(([stream, { position }]) => position > (held.get(stream) ?? 0)).map(([stream]) => stream);
    if (behind.length === 0) await this.store.readAll();
    return behind;
  }

  /**
   * The listing of whoever is logged in. When that is somebody else than the person whose database is open, it is as if
   * nobody were: nothing of another person may come in, nor anything be dropped for what another may not read.
   * @param {JsonObject} body
   */
  listed(body) {
    if (!Array.isArray(body["streams"])) throw new Unreachable("the answer was cut short");
    if (body["person"] !== this.person) {
      const problem = { type: "other-login", title: "Somebody else is logged in", status: 401, detail: null };
      throw new Rejected(fromPlain(problem, 401), null);
    }
    return objectsOf(body["streams"]);
  }

  /**
   * @param {string} stream
   * @returns {Promise<Outcome>}
   */
  async page(stream) {
    const held = (await this.store.streams()).find((one) => one.stream === stream);
    const lines = await this.net.page(stream, held?.position ?? 0);
    if (lines.length === 0) return { is_end: true };
    const { position } = await this.applied(stream, lines, held?.position ?? 0);
    const is_end = position >= (this.listing?.places.get(stream)?.position ?? 0);
    if (is_end) await this.behind();
    return { is_end };
  }

  /**
   * Have a page kept. One that does not prove itself may be of an archive that was rolled back: that is a doubt.
   * @param {string} stream
   * @param {Json[]} lines
   * @param {number} after
   */
  async applied(stream, lines, after) {
    try {
      return await this.store.applyPage(stream, lines);
    } catch (error) {
      if (error instanceof Error && error.name === "NotProven") await this.store.doubt(stream, `${stream} after ${after}`);
      throw error;
    }
  }

  /**
   * @param {UploadStep} step
   * @returns {Promise<Outcome>}
   */
  async upload(step) {
    const { record, sha256, size_bytes, upload, from, to } = step;
    if (upload === null) {
      const created = await this.net.createUpload({ record, sha256, size_bytes });
      await this.store.saveUpload(record, sha256, created.upload);
      if (created.offset === size_bytes) await this.store.photoSent(record, sha256);
      return created;
    }
    const offset =
      step.step === "head"
        ? await this.net.uploadOffset(upload)
        : await this.net.patchUpload(upload, from, await this.store.readPhoto(sha256, from, to));
    if (offset === size_bytes) await this.store.photoSent(record, sha256);
    return { offset };
  }

  /**
   * @param {Named[]} photos
   * @returns {Promise<Outcome>}
   */
  async whole(photos) {
    const bytes = [];
    for (const { sha256, size_bytes } of photos) bytes.push(await this.store.readPhoto(sha256, 0, size_bytes));
    const answer = await this.net.sendPhotos(photos, bytes);
    const counted = objectsOf(answer["counted"]).map(({ record, sha256 }) => ({ record: String(record), sha256: String(sha256) }));
    for (const { record, sha256 } of counted) await this.store.photoSent(record, sha256);
    await this.told(answer, [...new Set(photos.map(({ record }) => record))]);
    return { counted };
  }

  /**
   * @param {string} sha256
   * @returns {Promise<Outcome>}
   */
  async earlier(sha256) {
    try {
      const { bytes, retry_after_ms } = await this.net.smallPhoto(sha256);
      if (bytes === null) return { is_coming: true, retry_after_ms };
      await this.store.keepEarlier(sha256, bytes);
    } catch (error) {
      if (error instanceof Error && error.name === "StorageFull") return { is_full: true };
      if (!(error instanceof Rejected && error.status === 404)) throw error;
      await this.store.missEarlier(sha256);
    }
    return {};
  }

  /**
   * Keep the newest time token, verified, and learn of a new epoch, or that the archive speaks of one that was over. A token nobody can
   * vouch for is not kept.
   * @returns {Promise<"epoch" | "doubt" | null>}
   */
  async keepTime() {
    const contact = this.contact;
    const now = this.clock.monotonicMs();
    if (contact === null || now - this.time_saved_at < TIME_EVERY_MS) return null;
    this.contact = null;
    try {
      const identity = await this.store.identity();
      if (identity === null) return null;
      const { archive, archive_keys: keys, epoch } = identity;
      const token = await readTime(contact.token, { archive, keys }, this.crypto);
      if (token.epoch > epoch) await this.store.newEpoch(token.epoch);
      const { received_at_ms, round_trip_ms } = contact;
      const { is_doubtful } = await this.store.saveTime({ token: contact.token, received_at_ms, round_trip_ms });
      this.time_saved_at = now;
      if (token.epoch > epoch) return "epoch";
      return is_doubtful ? "doubt" : null;
    } catch (error) {
      if (!(error instanceof Refusal)) this.onError(error);
      return null;
    }
  }

  /** @param {unknown} error */
  failed(error) {
    const failure = failureOf(error);
    if (failure.kind === "local") this.onError(error);
    return failure;
  }

  draw() {
    return new DataView(this.crypto.random(4).buffer).getUint32(0) / 2 ** 32;
  }
}
