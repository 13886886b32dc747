// @ts-check
// A phone's schedule in a simulated world: one archive, one outbox, a hostile network, a clock that jumps from event to
// event. Everything is drawn from one seed, so a failing run can be repeated. The reducer under test is the product's.
import { begin, reduce, summary } from "../../../static/js/core/schedule.js";

/** @typedef {import("../../../static/js/core/schedule.js").Effect} Effect */
/** @typedef {import("../../../static/js/core/schedule.js").Event} Event */
/** @typedef {import("../../../static/js/core/schedule.js").Failure} Failure */
/** @typedef {import("../../../static/js/core/schedule.js").Outcome} Outcome */
/** @typedef {import("../../../static/js/core/schedule.js").Request} Request */
/** @typedef {Request & {serial: number}} Sent */
/** @typedef {{outcome: Outcome} | {failure: Failure}} Answer */
/** @typedef {{hash: string, sealed_at: number, size_bytes: number, state: "unsent" | "received" | "safe"}} Row */
/** @typedef {{record: string, sha256: string, size_bytes: number, part: "view" | "original", upload: string | null, is_sent: boolean}} Bytes */

/**
 * @typedef {object} Options
 * @property {number} seed
 * @property {number} [records]
 * @property {number} [photos] each with a view and an original
 * @property {number} [faults_until_ms] from then on the network is kind
 * @property {number} [limit_bytes] what a proxy on the way lets through in one body, for ever
 * @property {string} [large] a record of 200 KB
 * @property {boolean} [is_archive_limit] the limit is the archive's own, not a proxy's
 * @property {string[]} [poison] records that make the server fail, for ever
 * @property {(Failure | null)[]} [script] the first answers to requests, null where the world answers; then it is itself again
 * @property {boolean} [is_logged_in]
 * @property {number} [until_ms]
 * @property {number} [every_ms] records are sealed one after another, not all at once
 * @property {number} [earlier] small pictures of earlier photos that are wanted
 * @property {boolean} [is_full] the phone has no room for them
 * @property {string[]} [refused] reasons by number of the record: `["3 bad-signature"]`
 */

const HOUR_MS = 3_600_000;
const LATE_MS = 150_000;

class World {
  /** @param {Options} options */
  constructor(options) {
    this.options = { records: 20, photos: 3, faults_until_ms: 0, limit_bytes: Infinity, until_ms: 48 * HOUR_MS, ...options };
    this.seed = options.seed >>> 0;
    this.now = 1000;
    this.script = [...(options.script ?? [])];
    this.state = begin();
    /** @type {{at: number, event: Event, apply: () => void}[]} */
    this.answers = [];
    this.wake_at = Infinity;
    /** @type {{at: number, do: string, step: string | null, hashes: string[], sizes: number[], bytes: number}[]} */
    this.requests = [];
    /** @type {string[]} */
    this.broken = [];
    this.drained_at = /** @type {number | null} */ (null);
    const { records, photos } = this.options;
    /** @type {Row[]} */
    this.rows = Array.from({ length: records }, (_, at) => ({
      hash: `record-${at}`,
      sealed_at: at * (options.every_ms ?? 0),
      size_bytes: options.large === `record-${at}` ? 200_000 : 800 + this.below(3000),
      state: "unsent",
    }));
    /** @type {Bytes[]} */
    this.bytes = Array.from({ length: photos * 2 }, (_, at) => ({
      record: `record-${at % Math.max(1, Math.min(photos, records))}`,
      sha256: `photo-${at}`,
      size_bytes: at < photos ? 200_000 + this.below(200_000) : 3_000_000,
      part: at < photos ? "view" : "original",
      upload: null,
      is_sent: false,
    }));
    /** @type {string[]} */
    this.pictures = Array.from({ length: options.earlier ?? 0 }, (_, at) => `picture-${at}`);
    /** @type {Set<string>} */
    this.coming = new Set();
    /** @type {{records: Set<string>, photos: Set<string>, uploads: Map<string | null, number>, next: number}} */
    this.archive = { records: new Set(), photos: new Set(), uploads: new Map(), next: 1 };
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

  run() {
    this.take({ type: "poke", why: "start", random: this.draw() });
    for (const { sealed_at } of this.rows.filter((row) => row.sealed_at > 0)) {
      this.answers.push({ at: sealed_at, event: { type: "poke", why: "sealed", random: this.draw() }, apply: () => {} });
    }
    for (let step = 0; step < 50_000 && this.now < this.options.until_ms; step += 1) {
      const next = this.answers.sort((one, other) => one.at - other.at)[0];
      if (next !== undefined && next.at <= this.wake_at) {
        this.answers.shift();
        this.now = Math.max(this.now, next.at);
        next.apply();
        this.take(next.event);
      } else {
        this.now = Math.max(this.now, this.wake_at);
        this.take({ type: "tick", random: this.draw() });
      }
      if (this.drained_at === null && this.is_drained()) this.drained_at = this.now;
    }
    return this.report();
  }

  is_drained() {
    const poison = [...(this.options.poison ?? []), this.options.large ?? ""];
    const refused = (this.options.refused ?? []).map((text) => `record-${text.split(" ")[0]}`);
    return this.rows.every(({ hash, state }) => state === "safe" || poison.includes(hash) || refused.includes(hash));
  }

  report() {
    const { now, drained_at, requests, broken, state } = this;
    const idle = drained_at === null ? [] : requests.filter(({ at }) => at > drained_at + HOUR_MS);
    const idle_hours = drained_at === null ? 0 : (now - drained_at - HOUR_MS) / HOUR_MS;
    return { drained_at, broken, requests, summary: summary(state), idle_per_hour: idle.length / Math.max(1, idle_hours) };
  }

  /** @param {Event} event */
  take(event) {
    const before = JSON.stringify(this.state);
    const { state, effects } = reduce(this.state, event, this.now);
    if (JSON.stringify(this.state) !== before) this.broken.push("the reducer changed its input");
    this.state = state;
    const waits = effects.flatMap((effect) => (effect.do === "wait" ? [effect.until] : []));
    const sent = /** @type {Sent[]} */ (effects.filter((effect) => effect.do !== "wait"));
    this.wake_at = waits[0] ?? Infinity;
    if (waits.length !== 1 || !Number.isFinite(this.wake_at)) this.broken.push("nothing wakes the phone again");
    if (this.wake_at <= this.now) this.broken.push("a wait that ends before it begins");
    if (sent.length > 1) this.broken.push("two requests at once");
    for (const effect of sent) this.carry(effect);
  }

  /** @param {Sent} effect */
  carry(effect) {
    const random = this.draw();
    if (effect.do === "load") {
      const event = { type: /** @type {const} */ ("done"), serial: effect.serial, outcome: this.load(), random };
      this.answers.push({ at: this.now + 1, event, apply: () => {} });
      return;
    }
    this.note(effect);
    const { answer, delay_ms } = this.exchange(effect);
    if (answer === null) return;
    const apply = "outcome" in answer ? () => this.store(effect, answer.outcome) : () => {};
    const { serial } = effect;
    /** @type {Event} */
    const event =
      "outcome" in answer
        ? { type: "done", serial, outcome: answer.outcome, random }
        : { type: "failed", serial, failure: answer.failure, random };
    this.answers.push({ at: this.now + delay_ms, event, apply });
  }

  /** @param {Sent} effect */
  note(effect) {
    const hashes = effect.do === "push" || effect.do === "receipts" ? effect.hashes : [];
    const step = effect.do === "upload" ? effect.step : null;
    const sizes = effect.do === "whole" ? effect.photos.map(({ size_bytes }) => size_bytes) : [];
    this.requests.push({ at: this.now, do: effect.do, step, hashes, sizes, bytes: this.sizeOf(effect) });
  }

  /** @param {Request} effect */
  sizeOf(effect) {
    if (effect.do === "upload" && effect.step === "patch") return effect.to - effect.from;
    if (effect.do === "whole") return effect.photos.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
    if (effect.do !== "push") return 0;
    return this.rows.filter(({ hash }) => effect.hashes.includes(hash)).reduce((sum, row) => sum + row.size_bytes, 0);
  }

  /** @returns {Outcome} */
  load() {
    const of = (/** @type {string} */ state) => this.rows.filter((row) => row.state === state && row.sealed_at <= this.now);
    const received = new Set(of("received").map(({ hash }) => hash));
    const photos = this.bytes.filter((one) => received.has(one.record) && !one.is_sent);
    const next = this.pictures.slice(0, 20);
    const wanted = this.options.earlier ?? 0;
    const earlier = { wanted, here: wanted - this.pictures.length, next, updated_at: null };
    return { work: { unsent: of("unsent"), unsafe: [...received], photos, earlier, has_person: true } };
  }

  /**
   * @param {Request} effect
   * @returns {{answer: Answer | null, delay_ms: number}} null: no answer ever
   */
  exchange(effect) {
    const delay_ms = 50 + this.below(2000);
    const scripted = this.script.shift();
    if (scripted) return { answer: { failure: scripted }, delay_ms };
    if (this.sizeOf(effect) > this.options.limit_bytes) return { answer: this.tooLarge(), delay_ms };
    if (this.now >= this.options.faults_until_ms) return { answer: this.serve(effect), delay_ms };
    const draw = this.draw();
    if (draw < 0.1) return { answer: unreachable(), delay_ms: this.below(60_000) };
    if (draw < 0.25) return this.cut(effect);
    if (draw < 0.3) return { answer: { failure: { kind: "portal" } }, delay_ms };
    if (draw < 0.37) return { answer: problem(500), delay_ms };
    if (draw < 0.41) return { answer: problem(503, 60_000), delay_ms };
    if (draw < 0.43) return { answer: problem(429), delay_ms };
    if (draw < 0.46) return { answer: null, delay_ms };
    if (draw < 0.49) return { answer: this.serve(effect), delay_ms: LATE_MS };
    if (draw < 0.52) this.archive.uploads.clear();
    if (draw < 0.54) return { answer: { failure: { kind: "local" } }, delay_ms };
    return { answer: this.serve(effect), delay_ms };
  }

  /** A proxy answers for itself, without the archive's headers. @returns {Answer} */
  tooLarge() {
    return { failure: { kind: this.options.is_archive_limit ? "problem" : "portal", status: 413 } };
  }

  /**
   * The archive does its part, or half of it, and the answer is lost.
   * @param {Request} effect
   */
  cut(effect) {
    const is_patch = effect.do === "upload" && effect.step === "patch";
    if (is_patch) this.serve({ ...effect, to: effect.from + this.below(effect.to - effect.from + 1) });
    else if (effect.do === "whole") this.serve({ ...effect, photos: effect.photos.slice(0, this.below(effect.photos.length + 1)) });
    else this.serve(effect);
    return { answer: unreachable(), delay_ms: this.below(60_000) };
  }

  /**
   * @param {Request} effect
   * @returns {Answer}
   */
  serve(effect) {
    if (effect.do === "push") return this.servePush(effect.hashes);
    if (effect.do === "upload") return this.serveUpload(effect);
    if (effect.do === "whole") return this.serveWhole(effect.photos);
    if (effect.do === "earlier") return this.serveEarlier(effect.sha256);
    if (effect.do === "streams") return this.options.is_logged_in === false ? problem(401) : { outcome: { behind: [] } };
    return { outcome: {} };
  }

  /**
   * Every third picture has to be made first.
   * @param {string} sha256
   * @returns {Answer}
   */
  serveEarlier(sha256) {
    if (this.options.is_full) return { outcome: { is_full: true } };
    const is_made = this.coming.has(sha256) || Number(sha256.split("-")[1]) % 3 > 0;
    this.coming.add(sha256);
    return { outcome: is_made ? {} : { is_coming: true, retry_after_ms: 2000 } };
  }

  /**
   * @param {string[]} hashes
   * @returns {Answer}
   */
  servePush(hashes) {
    if (hashes.some((hash) => this.options.poison?.includes(hash))) return problem(500);
    const refused = new Map((this.options.refused ?? []).map((text) => [`record-${text.split(" ")[0]}`, text.split(" ")[1] ?? ""]));
    const verdicts = hashes.map((hash) => {
      const reason = refused.get(hash) ?? null;
      if (reason !== null) return { hash, verdict: "refused", reason };
      const verdict = this.archive.records.has(hash) ? "known" : "appended";
      this.archive.records.add(hash);
      return { hash, verdict, reason };
    });
    return { outcome: { verdicts } };
  }

  /**
   * @param {Extract<Request, {do: "upload"}>} effect
   * @returns {Answer}
   */
  serveUpload({ step, record, sha256, size_bytes, upload, from, to }) {
    const { uploads, records, photos } = this.archive;
    if (step === "create") {
      if (!records.has(record)) return problem(404);
      const made = `/upload/${this.archive.next++}`;
      uploads.set(made, 0);
      return { outcome: { upload: made } };
    }
    if (!uploads.has(upload)) return problem(404);
    if (step === "patch" && uploads.get(upload) !== from) return problem(409);
    if (step === "patch") uploads.set(upload, to);
    const offset = uploads.get(upload) ?? 0;
    if (offset === size_bytes) {
      uploads.delete(upload);
      photos.add(`${record} ${sha256}`);
    }
    return { outcome: { offset } };
  }

  /**
   * @param {import("../../../static/js/core/whole.js").Named[]} named
   * @returns {Answer}
   */
  serveWhole(named) {
    const { records, photos } = this.archive;
    const counted = named.filter(({ record }) => records.has(record));
    for (const { record, sha256 } of counted) photos.add(`${record} ${sha256}`);
    return { outcome: { counted } };
  }

  /**
   * What the runner writes to the store before it tells the reducer.
   * @param {Request} effect
   * @param {Outcome} outcome
   */
  store(effect, outcome) {
    for (const { hash, verdict } of outcome.verdicts ?? []) {
      if (verdict !== "refused") this.settle(hash);
    }
    if (effect.do === "receipts") effect.hashes.forEach((hash) => this.settle(hash));
    if (effect.do === "earlier" && !outcome.is_coming && !outcome.is_full) this.pictures = this.pictures.filter((one) => one !== effect.sha256);
    if (effect.do === "whole") for (const { record } of effect.photos) this.settle(record);
    if (effect.do !== "upload") return;
    const one = this.bytes.find(({ record, sha256 }) => record === effect.record && sha256 === effect.sha256);
    if (one === undefined) return;
    if (effect.step === "create") one.upload = outcome.upload ?? null;
    if (outcome.offset === effect.size_bytes) one.is_sent = true;
  }

  /** @param {string} hash */
  settle(hash) {
    const row = this.rows.find((one) => one.hash === hash);
    if (row === undefined) return;
    const own = this.bytes.filter((one) => one.record === hash);
    const held = (/** @type {Bytes} */ one) => this.archive.photos.has(`${one.record} ${one.sha256}`);
    row.state = own.every(held) ? "safe" : "received";
    for (const one of own) one.is_sent = held(one);
  }
}

/** @returns {Answer} */
function unreachable() {
  return { failure: { kind: "unreachable" } };
}

/**
 * @param {number} status
 * @param {number | null} [retry_after_ms]
 * @returns {Answer}
 */
function problem(status, retry_after_ms = null) {
  return { failure: { kind: "problem", status, retry_after_ms } };
}

Object.assign(globalThis, { simulate: (/** @type {Options} */ options) => new World(options).run() });
