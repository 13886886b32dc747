// @ts-check
// The phone's side of synchronising as a pure reducer: (state, event, now) → state and effects. It touches no network,
// clock, randomness or store; `now` is milliseconds of a clock that only runs forward, randomness lies in the events.
//
// One request is in flight at a time: the next is chosen anew after each, so text never waits behind a photo.
// After every event there is either a request with a deadline or a `wait` with an end: nothing can fall asleep for good.

import { HOUR_MS, LINK, MINUTE_MS, RECEIPT, SECOND_MS, SLOW, ITEM, delayMs, obeyedMs } from "./retry.js";
import { afterUpload, afterUploadFailure, nextUpload } from "./upload.js";

/** @import { Photo } from "./upload.js" */

const IN_FLIGHT_LIMIT_MS = 100 * SECOND_MS;
const BATCH_START_BYTES = 256 * 1024;
const BATCH_LIMIT_BYTES = 2 * 1024 * 1024;
const BATCH_FLOOR_BYTES = 16 * 1024;
const BATCH_LIMIT_LINES = 200;
const RECEIPT_LIMIT_HASHES = 1000;
const PULL_EVERY_MS = 10 * MINUTE_MS;
const CONTACT_EVERY_MS = 6 * HOUR_MS;
const STRIKE_LIMIT = 3;
/** Refusals that pass when somebody at the desk acts; the others stay, and are asked again at the slow pace only. */
const PASSING_REFUSAL = ["unknown-key", "quarantine-full"];

/** @typedef {{due_at: number, tries: number}} Turn */
/** @typedef {Turn & {hash: string, size_bytes: number, is_alone: boolean}} Outgoing `is_alone`: never again in one batch with others */
/** @typedef {Turn & {unsafe: string[], queue: string[]}} ReceiptTurn */
/** @typedef {Turn & {is_login_needed: boolean, streams: Record<string, Turn>}} PullTurn */
/** @typedef {{failures: number, strikes: number, due_at: number, is_doubtful: boolean, is_portal: boolean}} Link */
/** @typedef {{serial: number, effect: Request, deadline_at: number}} InFlight */

/**
 * @typedef {object} State plain data
 * @property {number} serial
 * @property {boolean} has_person
 * @property {InFlight | null} in_flight
 * @property {Turn & {is_wanted: boolean}} load
 * @property {Link} link
 * @property {number} batch_bytes
 * @property {number} batch_lines
 * @property {number} chunk_bytes
 * @property {Outgoing[]} records in the order they were sealed
 * @property {Photo[]} photos views before originals
 * @property {ReceiptTurn} receipts
 * @property {PullTurn} pull
 * @property {Turn} time
 */

/**
 * @typedef {{do: "load"} | {do: "push", hashes: string[]} | {do: "receipts", hashes: string[]} | {do: "streams"}
 *   | {do: "page", stream: string} | {do: "time"} | import("./upload.js").UploadStep} Request
 */
/** @typedef {(Request & {serial: number}) | {do: "wait", until: number}} Effect */

/**
 * @typedef {object} Failure
 * @property {"unreachable" | "portal" | "problem" | "local"} kind `portal`: an answer, but not the archive's; `local`: the phone itself failed
 * @property {number} [status] of a problem
 * @property {number | null} [retry_after_ms]
 */
/** @typedef {"start" | "sealed" | "now" | "online" | "visible" | "login"} Poke */
/**
 * @typedef {object} Outcome of a request that succeeded; which members are there depends on it
 * @property {{unsent: {hash: string, size_bytes: number}[], unsafe: string[], photos: Omit<Photo, "due_at" | "tries" | "offset">[],
 *   has_person: boolean}} [work] load
 * @property {{hash: string, verdict: string, reason: string | null}[]} [verdicts] push
 * @property {string[]} [behind] streams: those with something to pull
 * @property {boolean} [is_end] page
 * @property {string} [upload] create
 * @property {number} [offset] head, patch
 */
/**
 * @typedef {({type: "poke", why: Poke} | {type: "tick"} | {type: "done", serial: number, outcome: Outcome}
 *   | {type: "failed", serial: number, failure: Failure}) & {random: number}} Event `random` from 0 up to 1
 */

/**
 * Begin: everything is due, nothing is known of the outbox yet.
 * @returns {State}
 */
export function begin() {
  return {
    serial: 0,
    has_person: false,
    in_flight: null,
    load: { due_at: 0, tries: 0, is_wanted: true },
    link: { failures: 0, strikes: 0, due_at: 0, is_doubtful: false, is_portal: false },
    batch_bytes: BATCH_START_BYTES,
    batch_lines: BATCH_LIMIT_LINES,
    chunk_bytes: 512 * 1024,
    records: [],
    photos: [],
    receipts: { due_at: 0, tries: 0, unsafe: [], queue: [] },
    pull: { due_at: 0, tries: 0, is_login_needed: false, streams: {} },
    time: { due_at: 0, tries: 0 },
  };
}

/**
 * Take one event and say what to do next.
 * @param {State} state is not changed
 * @param {Event} event
 * @param {number} now
 * @returns {{state: State, effects: Effect[]}}
 */
export function reduce(state, event, now) {
  const next = structuredClone(state);
  if (event.type === "poke") poke(next, event.why, now);
  if (event.type === "tick") tick(next, event.random, now);
  if (event.type === "done") done(next, event, now);
  if (event.type === "failed" && next.in_flight?.serial === event.serial) fail(next, event.failure, event.random, now);
  return { state: next, effects: plan(next, now) };
}

/**
 * Say in few words how the way to the archive is, for the screen.
 * @param {State} state
 */
export function summary(state) {
  const { link, pull, in_flight } = state;
  return {
    doing: in_flight === null ? null : in_flight.effect.do,
    is_reachable: link.failures === 0,
    is_portal: link.is_portal,
    is_login_needed: pull.is_login_needed,
    next_try_at: link.failures === 0 ? null : link.due_at,
    waiting: { records: state.records.length, photos: state.photos.length, receipts: state.receipts.unsafe.length },
  };
}

/**
 * @param {State} state
 * @param {Poke} why
 * @param {number} now
 */
function poke(state, why, now) {
  state.load = { due_at: now, tries: 0, is_wanted: true };
  if (why === "sealed" || why === "start") return;
  state.link.due_at = now;
  if (why === "login" || why === "now") {
    state.pull = { due_at: now, tries: 0, is_login_needed: false, streams: state.pull.streams };
  }
  if (why !== "now") return;
  const turns = [...state.records, ...state.photos, ...Object.values(state.pull.streams)];
  for (const turn of turns) turn.due_at = now;
  askReceipts(state, now);
}

/**
 * @param {State} state
 * @param {number} random
 * @param {number} now
 */
function tick(state, random, now) {
  if (state.in_flight === null) state.load.is_wanted = true;
  else if (now >= state.in_flight.deadline_at) fail(state, { kind: "unreachable" }, random, now);
}

/**
 * @param {State} state
 * @param {Extract<Event, {type: "done"}>} event
 * @param {number} now
 */
function done(state, event, now) {
  const effect = state.in_flight?.effect;
  if (effect === undefined || state.in_flight?.serial !== event.serial) return;
  state.in_flight = null;
  if (effect.do === "load") return loaded(state, event.outcome, now);
  contacted(state, effect, now);
  if (effect.do === "push") pushed(state, effect.hashes, event.outcome, event.random, now);
  if (effect.do === "receipts") receiptsCame(state, effect.hashes, event.random, now);
  if (effect.do === "streams") streamsCame(state, event.outcome.behind ?? [], event.random, now);
  if (effect.do === "page") pageCame(state, effect.stream, event.outcome.is_end === true, now);
  if (effect.do === "upload") {
    const is_over = afterUpload(state, effect, event.outcome, event.random, now);
    if (is_over) askReceipts(state, now);
    if (is_over) state.load.is_wanted = true;
  }
}

/**
 * The archive answered. After a lookup of the time only the doubt is gone; that bodies get through shows with a body.
 * @param {State} state
 * @param {Request} effect
 * @param {number} now
 */
function contacted(state, effect, now) {
  const failures = effect.do === "time" ? state.link.failures : 0;
  state.link = { failures, strikes: 0, due_at: now, is_doubtful: false, is_portal: false };
  state.time = { due_at: now + CONTACT_EVERY_MS, tries: 0 };
}

/**
 * @param {State} state
 * @param {Outcome} outcome
 * @param {number} now
 */
function loaded(state, { work }, now) {
  state.load = { due_at: now, tries: 0, is_wanted: false };
  if (work === undefined) return;
  const records = new Map(state.records.map((record) => [record.hash, record]));
  const photos = new Map(state.photos.map((photo) => [`${photo.record} ${photo.sha256}`, photo]));
  state.has_person = work.has_person;
  state.records = work.unsent.map(
    (record) => records.get(record.hash) ?? { ...record, due_at: now, tries: 0, is_alone: false },
  );
  state.photos = work.photos.map(
    (photo) => photos.get(`${photo.record} ${photo.sha256}`) ?? { ...photo, offset: null, due_at: now, tries: 0 },
  );
  const has_new = work.unsafe.some((hash) => !state.receipts.unsafe.includes(hash));
  state.receipts.unsafe = work.unsafe;
  if (has_new) state.receipts.due_at = Math.min(state.receipts.due_at, now + RECEIPT.first_ms);
}

/**
 * @param {State} state
 * @param {string[]} hashes
 * @param {Outcome} outcome
 * @param {number} random
 * @param {number} now
 */
function pushed(state, hashes, { verdicts = [] }, random, now) {
  const byHash = new Map(verdicts.map((verdict) => [verdict.hash, verdict]));
  for (const record of state.records.filter(({ hash }) => hashes.includes(hash))) {
    const found = byHash.get(record.hash);
    if (found !== undefined && found.verdict !== "refused") continue;
    record.tries += 1;
    const is_passing = found === undefined || PASSING_REFUSAL.includes(found.reason ?? "");
    record.due_at = now + delayMs(found === undefined ? ITEM : SLOW, is_passing ? record.tries : 20, random);
    record.is_alone ||= found === undefined;
  }
  const is_kept = (/** @type {string} */ hash) => {
    const verdict = byHash.get(hash)?.verdict;
    return verdict === undefined || verdict === "refused";
  };
  state.records = state.records.filter(({ hash }) => !hashes.includes(hash) || is_kept(hash));
  state.batch_bytes = Math.min(BATCH_LIMIT_BYTES, state.batch_bytes * 2);
  state.batch_lines = Math.min(BATCH_LIMIT_LINES, state.batch_lines * 2);
  state.load.is_wanted = true;
}

/**
 * @param {State} state
 * @param {string[]} hashes asked for
 * @param {number} random
 * @param {number} now
 */
function receiptsCame(state, hashes, random, now) {
  const { receipts } = state;
  receipts.queue = receipts.queue.filter((hash) => !hashes.includes(hash));
  state.load.is_wanted = true;
  if (receipts.queue.length > 0) return;
  receipts.tries += 1;
  receipts.due_at = now + delayMs(RECEIPT, receipts.tries, random);
}

/**
 * @param {State} state
 * @param {number} now
 */
function askReceipts(state, now) {
  state.receipts = { ...state.receipts, due_at: now, tries: 0, queue: [] };
}

/**
 * @param {State} state
 * @param {string[]} behind
 * @param {number} random
 * @param {number} now
 */
function streamsCame(state, behind, random, now) {
  const { streams } = state.pull;
  const turns = behind.map((stream) => [stream, streams[stream] ?? { due_at: now, tries: 0 }]);
  const due_at = now + PULL_EVERY_MS * (0.5 + random);
  state.pull = { due_at, tries: 0, is_login_needed: false, streams: Object.fromEntries(turns) };
}

/**
 * @param {State} state
 * @param {string} stream
 * @param {boolean} isEnd
 * @param {number} now
 */
function pageCame(state, stream, isEnd, now) {
  if (isEnd) delete state.pull.streams[stream];
  else state.pull.streams[stream] = { due_at: now, tries: 0 };
}

/**
 * @param {State} state
 * @param {Failure} failure
 * @param {number} random
 * @param {number} now
 */
function fail(state, failure, random, now) {
  const effect = /** @type {InFlight} */ (state.in_flight).effect;
  state.in_flight = null;
  if (effect.do === "load") {
    state.load.tries += 1;
    state.load.due_at = now + delayMs(LINK, state.load.tries, random);
    return;
  }
  const is_down = linkFailed(state, failure, random, now);
  if (effect.do === "push") pushFailed(state, effect.hashes, failure, is_down, random, now);
  if (effect.do === "upload") {
    const is_gone = afterUploadFailure(state, effect, failure, is_down, random, now);
    if (is_gone) askReceipts(state, now);
  }
  if (effect.do === "receipts" && !is_down) later(state.receipts, RECEIPT, random, now);
  if (effect.do === "streams" && !is_down) pullFailed(state, failure, random, now);
  if (effect.do === "page" && !is_down) pageFailed(state, effect.stream, failure, random, now);
  if (effect.do === "time" && !is_down) later(state.time, SLOW, random, now);
}

/**
 * Judge whether the failure is of the way to the archive, which then rests for everything, or of this request alone.
 * A first error of the server counts for the request: one poisoned record must not stop the others.
 * @param {State} state
 * @param {Failure} failure
 * @param {number} random
 * @param {number} now
 */
function linkFailed(state, failure, random, now) {
  const { link } = state;
  const status = failure.status ?? 0;
  const is_answer = failure.kind === "problem";
  if (failure.kind === "local") return false;
  if (is_answer && status < 500 && status !== 429) {
    contacted(state, { do: "push", hashes: [] }, now);
    return false;
  }
  link.strikes += 1;
  const is_asked = typeof failure.retry_after_ms === "number";
  if (is_answer && !is_asked && status !== 429 && status !== 503 && link.strikes < STRIKE_LIMIT) return false;
  link.failures += 1;
  link.is_portal = failure.kind === "portal";
  link.is_doubtful = true;
  const wait_ms = is_asked ? obeyedMs(failure.retry_after_ms ?? 0, random) : delayMs(LINK, link.failures, random);
  link.due_at = now + wait_ms;
  return true;
}

/**
 * @param {State} state
 * @param {string[]} hashes
 * @param {Failure} failure
 * @param {boolean} isDown
 * @param {number} random
 * @param {number} now
 */
function pushFailed(state, hashes, failure, isDown, random, now) {
  const is_cut = failure.kind === "unreachable" || failure.status === 413;
  if (is_cut) state.batch_bytes = Math.max(BATCH_FLOOR_BYTES, Math.floor(state.batch_bytes / 2));
  if (isDown && failure.kind !== "problem") return;
  if (hashes.length > 1) {
    state.batch_lines = Math.max(1, Math.floor(hashes.length / (failure.status === 413 ? 2 : 8)));
    return;
  }
  for (const record of state.records.filter(({ hash }) => hashes.includes(hash))) {
    record.is_alone = true;
    later(record, ITEM, random, now);
  }
}

/**
 * @param {State} state
 * @param {Failure} failure
 * @param {number} random
 * @param {number} now
 */
function pullFailed(state, failure, random, now) {
  if (failure.status === 401) {
    state.pull.is_login_needed = true;
    state.pull.streams = {};
  }
  later(state.pull, failure.kind === "problem" ? SLOW : ITEM, random, now);
}

/**
 * @param {State} state
 * @param {string} stream
 * @param {Failure} failure
 * @param {number} random
 * @param {number} now
 */
function pageFailed(state, stream, failure, random, now) {
  if (failure.status === 401) return pullFailed(state, failure, random, now);
  const turn = state.pull.streams[stream] ?? { due_at: now, tries: 0 };
  later(turn, ITEM, random, now);
  state.pull.streams[stream] = turn;
}

/**
 * @param {Turn} turn
 * @param {import("./retry.js").Pace} pace
 * @param {number} random
 * @param {number} now
 */
function later(turn, pace, random, now) {
  turn.tries += 1;
  turn.due_at = now + delayMs(pace, turn.tries, random);
}

/**
 * @param {State} state
 * @param {number} now
 * @returns {Effect[]}
 */
function plan(state, now) {
  if (state.in_flight !== null) return [{ do: "wait", until: state.in_flight.deadline_at }];
  const effect = choose(state, now);
  if (effect === null) return [{ do: "wait", until: nextDueAt(state, now) }];
  state.serial += 1;
  state.in_flight = { serial: state.serial, effect, deadline_at: now + IN_FLIGHT_LIMIT_MS };
  return [{ ...effect, serial: state.serial }, { do: "wait", until: state.in_flight.deadline_at }];
}

/**
 * Text first, then what it needs to be safe, then views, then what there is to read, then originals.
 * @param {State} state
 * @param {number} now
 * @returns {Request | null}
 */
function choose(state, now) {
  if (state.load.is_wanted && state.load.due_at <= now) return { do: "load" };
  if (!state.has_person || state.link.due_at > now) return null;
  if (state.link.is_doubtful) return { do: "time" };
  return (
    nextPush(state, now) ??
    nextReceipts(state, now) ??
    nextUpload(state, "view", now) ??
    nextPull(state, now) ??
    nextUpload(state, "original", now) ??
    (state.time.due_at <= now ? { do: "time" } : null)
  );
}

/**
 * @param {State} state
 * @param {number} now
 * @returns {Request | null}
 */
function nextPush(state, now) {
  const due = state.records.filter((record) => record.due_at <= now);
  const together = due.filter((record) => !record.is_alone);
  if (together.length === 0) return due[0] === undefined ? null : { do: "push", hashes: [due[0].hash] };
  let size_bytes = 0;
  const batch = together.slice(0, state.batch_lines).filter((record, at) => {
    size_bytes += record.size_bytes + 1;
    return at === 0 || size_bytes <= state.batch_bytes;
  });
  return { do: "push", hashes: batch.map(({ hash }) => hash) };
}

/**
 * @param {State} state
 * @param {number} now
 * @returns {Request | null}
 */
function nextReceipts(state, now) {
  const { receipts } = state;
  if (receipts.unsafe.length === 0 || receipts.due_at > now) return null;
  receipts.queue = receipts.queue.filter((hash) => receipts.unsafe.includes(hash));
  if (receipts.queue.length === 0) receipts.queue = receipts.unsafe;
  return { do: "receipts", hashes: receipts.queue.slice(0, RECEIPT_LIMIT_HASHES) };
}

/**
 * @param {State} state
 * @param {number} now
 * @returns {Request | null}
 */
function nextPull(state, now) {
  const due = Object.entries(state.pull.streams).find(([, turn]) => turn.due_at <= now);
  if (due !== undefined) return { do: "page", stream: due[0] };
  return state.pull.due_at <= now ? { do: "streams" } : null;
}

/**
 * @param {State} state
 * @param {number} now
 */
function nextDueAt(state, now) {
  const { load, link, records, photos, receipts, pull, time } = state;
  const turns = [...records, ...photos, ...Object.values(pull.streams), pull, time];
  if (receipts.unsafe.length > 0) turns.push(receipts);
  const remote = Math.max(link.due_at, Math.min(...turns.map((turn) => turn.due_at)));
  const local = load.is_wanted ? load.due_at : Infinity;
  const soonest = Math.min(local, state.has_person ? remote : Infinity, now + PULL_EVERY_MS);
  return Math.max(soonest, now + 1);
}
