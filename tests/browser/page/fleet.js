// @ts-check
// Several phones, a station and an archive in a simulated world that is as hostile as can be until an hour, and kind from then on.
// Everything is drawn from one seed. What decides on each phone is the product's own reducer.

import { begin, reduce } from "../../../static/js/core/schedule.js";
import { Archive } from "./fleet_archive.js";
import { Crashed, Full, Store } from "./fleet_store.js";

/** @import { Effect, Event, Failure, Outcome, Request } from "../../../static/js/core/schedule.js" */
/** @import { Fact, Item } from "./fleet_archive.js" */
/** @typedef {{outcome: Outcome, facts: Fact[], asked: string[], epoch: number, spoke_at: number} | {failure: Failure}} Answer */
/** @typedef {{at: number, run: () => void}} Entry */
/** @typedef {{seed: number, phones: number, records: number, faults_until_ms: number, until_ms: number, is_kind?: boolean, photo_every?: number}} Options */

const HOUR_MS = 3_600_000;
/** A backup is restored within this time; a phone keeps what is safe for longer than that. */
const BACKUP_AGE_MS = 2 * HOUR_MS;
const KEEP_MS = 2 * HOUR_MS + 1;
/** @type {Answer} */
const LOST = { failure: { kind: "unreachable" } };

class Phone {
  /**
   * @param {World} world
   * @param {number} number
   */
  constructor(world, number) {
    this.world = world;
    this.number = number;
    this.stores = [new Store(`p${number}`), new Store(`q${number}`)];
    this.user = 0;
    /** Counts the starts: what an earlier run left in flight is not taken for this one's. */
    this.run = 0;
    this.booted_at = 0;
    this.state = begin();
    this.wake = 0;
  }

  get store() {
    return /** @type {Store} */ (this.stores[this.user]);
  }

  /** Begin, after a crash or for another user: nothing is left but the store. */
  start() {
    this.run += 1;
    this.booted_at = this.world.now;
    this.state = begin();
    this.take({ type: "poke", why: "start", random: this.world.draw() });
  }

  /** @param {Event} event */
  take(event) {
    const { state, effects } = reduce(this.state, event, this.world.now - this.booted_at);
    this.state = state;
    const waits = effects.flatMap((effect) => (effect.do === "wait" ? [effect.until] : []));
    if (waits.length !== 1 || !Number.isFinite(waits[0])) this.world.broken.push("nothing wakes the phone again");
    const serial = (this.wake += 1);
    // Whole milliseconds, so that it is never woken a rounding error too early.
    this.world.at(Math.ceil(this.booted_at + Number(waits[0])), () => {
      if (serial === this.wake) this.take({ type: "tick", random: this.world.draw() });
    });
    for (const effect of effects) if (effect.do !== "wait") this.perform(effect, effect.serial);
  }

  /**
   * @param {Request} effect
   * @param {number} serial
   */
  perform(effect, serial) {
    const { world, run } = this;
    if (effect.do === "load") {
      world.at(world.now + 1, () => this.finish(run, serial, { outcome: { work: this.store.work() } }));
      return;
    }
    world.exchange(this, effect, (answer) => this.answered(run, serial, effect, answer));
  }

  /**
   * The store is changed before the reducer hears of an answer, and whoever uses the phone by then owns the store that is asked.
   * @param {number} run
   * @param {number} serial
   * @param {Request} effect
   * @param {Answer} answer
   */
  answered(run, serial, effect, answer) {
    if (this.world.is_hostile() && this.world.draw() < 0.03) this.store.faults.push(this.world.draw() < 0.5 ? "crash" : "full");
    try {
      if ("outcome" in answer) this.keep(effect, answer);
      this.finish(run, serial, "outcome" in answer ? { outcome: answer.outcome } : answer);
    } catch (error) {
      if (error instanceof Crashed) this.start();
      else if (error instanceof Full) this.finish(run, serial, { failure: { kind: "local" } });
      else throw error;
    }
  }

  /**
   * @param {Request} effect
   * @param {Extract<Answer, {outcome: Outcome}>} answer
   */
  keep(effect, { outcome, facts, asked, epoch, spoke_at }) {
    this.store.believe(facts, asked, spoke_at);
    if (effect.do === "upload") {
      const { record, sha256, size_bytes } = effect;
      if (effect.step === "create") this.store.note(record, sha256, { upload: outcome.upload ?? null });
      if (outcome.offset === size_bytes) this.store.note(record, sha256, { is_sent: true });
    }
    for (const { record, sha256 } of outcome.counted ?? []) this.store.note(record, sha256, { is_sent: true });
    this.store.hear(epoch, spoke_at);
  }

  /**
   * @param {number} run
   * @param {number} serial
   * @param {{outcome: Outcome} | {failure: Failure}} result
   */
  finish(run, serial, result) {
    if (run !== this.run) return;
    const random = this.world.draw();
    this.take("outcome" in result ? { type: "done", serial, random, ...result } : { type: "failed", serial, random, ...result });
  }
}

class World {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.seed = options.seed >>> 0;
    this.now = 0;
    /** @type {Entry[]} */
    this.queue = [];
    /** @type {string[]} */
    this.broken = [];
    this.archive = new Archive();
    /** @type {{item: import("./fleet_archive.js").Item, photos: string[]}[]} */
    this.station = [];
    this.phones = Array.from({ length: options.phones }, (_, number) => new Phone(this, number));
    /** @type {Map<string, Store>} */
    this.sealed = new Map();
    this.exchanges = 0;
    /** @type {number | null} */
    this.drained_at = null;
  }

  draw() {
    this.seed = (this.seed + 0x6d2b79f5) >>> 0;
    let t = this.seed;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @param {number} limit */
  below(limit) {
    return Math.floor(this.draw() * limit);
  }

  /**
   * @param {number} at
   * @param {() => void} run
   */
  at(at, run) {
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {Entry} */ (this.queue[middle]).at < at) high = middle;
      else low = middle + 1;
    }
    this.queue.splice(low, 0, { at, run });
  }

  is_hostile() {
    return this.options.is_kind !== true && this.now < this.options.faults_until_ms;
  }

  run() {
    for (const phone of this.phones) phone.start();
    const { records, faults_until_ms, phones } = this.options;
    for (let number = 0; number < records; number += 1) {
      const phone = /** @type {Phone} */ (this.phones[number % phones]);
      this.at(this.below(faults_until_ms), () => this.seal(phone, `record-${number}`));
    }
    if (this.options.is_kind !== true) for (let count = 0; count < 40; count += 1) this.at(this.below(faults_until_ms), () => this.happen());
    while (this.now < this.options.until_ms && this.drained_at === null && this.broken.length === 0) {
      const next = this.queue.pop();
      if (next === undefined) break;
      this.now = Math.max(this.now, next.at);
      next.run();
      if (this.below(20) === 0 || this.options.records < 100) this.check();
      if (this.now > faults_until_ms && this.is_drained()) this.drained_at = this.now;
    }
    return { broken: this.broken, drained_at: this.drained_at, exchanges: this.exchanges, epoch: this.archive.epoch };
  }

  /**
   * @param {Phone} phone
   * @param {string} hash
   */
  seal(phone, hash) {
    /** @type {import("./fleet_store.js").Row} */
    const row = { hash, size_bytes: 500 + this.below(3000), state: "unsent", is_here: true, safe_at: 0, photos: {} };
    if (this.below(this.options.photo_every ?? 3) === 0) {
      const photo = { upload: null, is_sent: false, is_held: false, is_here: true };
      row.photos[`${hash}-view`] = { ...photo, size_bytes: 200_000 + this.below(200_000), part: "view" };
      row.photos[`${hash}-original`] = { ...photo, size_bytes: 1_000_000, part: "original" };
    }
    phone.store.seal(row);
    this.sealed.set(hash, phone.store);
    phone.take({ type: "poke", why: "sealed", random: this.draw() });
  }

  /** Something happens to a phone or to the archive. */
  happen() {
    const phone = /** @type {Phone} */ (this.phones[this.below(this.phones.length)]);
    const what = this.below(7);
    if (what === 0) phone.start();
    if (what === 1) {
      phone.user = 1 - phone.user;
      phone.start();
    }
    if (what === 2) this.free(phone.store);
    if (what === 3) this.handOver(phone.store);
    if (what === 4) this.forward();
    if (what === 5) {
      const backup = this.archive.backUp();
      this.at(this.now + this.below(BACKUP_AGE_MS), () => this.restore(backup));
    }
    // A clock that only runs forward may still leap: the phone slept.
    if (what === 6) phone.booted_at -= this.below(HOUR_MS);
  }

  /** @param {import("./fleet_archive.js").Backup} backup */
  restore(backup) {
    if (!this.is_hostile()) return;
    this.archive.restore(backup);
  }

  /** @param {Store} store */
  free(store) {
    store.faults.length = 0;
    store.free(KEEP_MS);
  }

  /** A station near by takes copies and frees nothing. @param {Store} store */
  handOver(store) {
    for (const { hash, state, is_here, photos } of store.rows.values()) {
      if (state === "safe" || !is_here) continue;
      const named = Object.entries(photos).map(([sha256, { size_bytes }]) => ({ sha256, size_bytes }));
      this.station.push({ item: { hash, photos: named }, photos: named.map(({ sha256 }) => sha256) });
    }
  }

  forward() {
    for (const { item, photos } of this.station.splice(0, 5)) {
      this.archive.push([item]);
      for (const sha256 of photos) this.archive.held.add(`${item.hash} ${sha256}`);
    }
  }

  // -- the network ---------------------------------------------------------------------------------------------------------

  /**
   * @param {Phone} phone
   * @param {Request} effect
   * @param {(answer: Answer) => void} give
   */
  exchange(phone, effect, give) {
    this.exchanges += 1;
    const delay_ms = 50 + this.below(2000);
    const soon = (/** @type {Answer} */ answer) => this.at(this.now + delay_ms, () => give(answer));
    const items = this.itemsOf(phone.store, effect);
    if (!this.is_hostile()) return soon(this.serve(effect, items));
    const draw = this.draw();
    if (draw < 0.08) return soon(LOST);
    if (draw < 0.2) return this.dropped(effect, items, soon);
    if (draw < 0.25) return soon({ failure: { kind: "portal" } });
    if (draw < 0.28) return soon({ failure: { kind: "portal", status: 413 } });
    if (draw < 0.33) return soon({ failure: { kind: "problem", status: 500 } });
    if (draw < 0.36) return soon({ failure: { kind: "problem", status: 503, retry_after_ms: 60_000 } });
    // Answered, but days later: the phone has given up by then.
    if (draw < 0.42) return this.at(this.now + this.below(72 * HOUR_MS), () => give(this.serve(effect, items)));
    if (draw < 0.46) return void this.late(effect, items, give);
    if (draw < 0.5) this.serve(effect, items);
    if (draw < 0.51) this.archive.uploads.clear();
    soon(this.serve(effect, items));
  }

  /** The archive does its part, or half of it, and the answer is lost. @param {Request} effect @param {Item[]} items @param {(answer: Answer) => void} soon */
  dropped(effect, items, soon) {
    this.serve(this.half(effect), items);
    soon(LOST);
  }

  /** What of a request arrives when it is cut. @param {Request} effect @returns {Request} */
  half(effect) {
    if (effect.do === "whole") return { ...effect, photos: effect.photos.slice(0, this.below(effect.photos.length + 1)) };
    if (effect.do !== "upload" || effect.step !== "patch") return effect;
    return { ...effect, to: effect.from + this.below(effect.to - effect.from + 1) };
  }

  /**
   * The answer of this moment comes hours later, when the phone has gone on.
   * @param {Request} effect
   * @param {Item[]} items
   * @param {(answer: Answer) => void} give
   */
  late(effect, items, give) {
    const answer = this.serve(effect, items);
    this.at(this.now + this.below(5 * HOUR_MS), () => give(answer));
  }

  /**
   * What a push carries is read from the store of whoever uses the phone.
   * @param {Store} store
   * @param {Request} effect
   */
  itemsOf(store, effect) {
    if (effect.do !== "push") return [];
    return effect.hashes.flatMap((hash) => {
      const row = store.rows.get(hash);
      if (row === undefined || !row.is_here) return [];
      if (this.sealed.get(hash) !== store) this.broken.push(`${hash} was sent by somebody else`);
      return [{ hash, photos: Object.entries(row.photos).map(([sha256, { size_bytes }]) => ({ sha256, size_bytes })) }];
    });
  }

  /**
   * @param {Request} effect
   * @param {Item[]} items
   * @returns {Answer}
   */
  serve(effect, items) {
    const { archive } = this;
    const told = { facts: /** @type {Fact[]} */ ([]), asked: /** @type {string[]} */ ([]), epoch: archive.epoch, spoke_at: this.now };
    if (effect.do === "push") {
      const { verdicts, facts } = archive.push(items);
      return { ...told, outcome: { verdicts }, facts };
    }
    if (effect.do === "receipts") return { ...told, outcome: {}, facts: archive.facts(effect.hashes), asked: effect.hashes };
    if (effect.do === "streams") return { ...told, outcome: { behind: [] } };
    if (effect.do === "whole") return { ...told, ...archive.takeAll(effect.photos) };
    if (effect.do !== "upload") return { ...told, outcome: {} };
    if (effect.step === "create") {
      const upload = archive.create(effect.record, effect);
      return upload === null ? refused(404) : { ...told, outcome: { upload, offset: archive.uploads.get(upload)?.offset ?? 0 } };
    }
    const found = archive.uploads.get(effect.upload ?? "");
    if (found === undefined) return refused(404);
    if (effect.step === "head") return { ...told, outcome: { offset: found.offset } };
    const reached = archive.patch(effect.upload, effect.from, effect.to);
    return typeof reached === "number" ? { ...told, outcome: { offset: reached } } : refused(reached === "gone" ? 404 : 409);
  }

  // -- judging -------------------------------------------------------------------------------------------------------------
  check() {
    for (const [hash, store] of this.sealed) {
      if (this.isOnPhone(store, hash) || this.isInArchive(hash)) continue;
      this.broken.push(`${hash} is lost at ${this.now}`);
      return;
    }
    const positions = [...this.archive.records.values()].map(({ position }) => position);
    if (positions.some((position, at) => position !== at + 1)) this.broken.push("positions with gaps");
  }

  /**
   * @param {Store} store
   * @param {string} hash
   */
  isOnPhone(store, hash) {
    const row = store.rows.get(hash);
    if (row === undefined || !row.is_here) return false;
    return Object.entries(row.photos).every(([sha256, { is_here }]) => is_here || this.archive.held.has(`${hash} ${sha256}`));
  }

  /** @param {string} hash */
  isInArchive(hash) {
    return this.archive.fact(hash)?.is_complete === true;
  }

  /** Whoever uses a phone just now has nothing left that is not safe; what was freed was safe. */
  is_drained() {
    const rows = this.phones.flatMap(({ store }) => [...store.rows.values()]);
    const waiting = rows.filter(({ is_here }) => is_here);
    return waiting.every(({ hash, state }) => state === "safe" && this.isInArchive(hash));
  }
}

/**
 * @param {number} status
 * @returns {Answer}
 */
function refused(status) {
  return { failure: { kind: "problem", status } };
}

Object.assign(globalThis, { simulate: (/** @type {Options} */ options) => new World(options).run() });
