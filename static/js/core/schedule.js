// @ts-check
// The phone's side of synchronising as a pure reducer: (state, event, now) → state and effects. It touches no network,
// clock, randomness or store; `now` is milliseconds of a clock that only runs forward, randomness lies in the events.
//
// One request is in flight at a time: the next is chosen anew after each, so text never waits behind a photo, and not even for the
// rest of a picture that is only looked at.
// After every event there is either a request with a deadline or a `wait` with an end: nothing can fall asleep for good.

import { afterEarlier, afterEarlierFailure, earlierTurns, learnEarlier, nextEarlier } from "./earlier.js";
import { afterReceipts, afterReceiptsFailure, askAtOnce, learnPresenting, learnUnsafe, nextPresenting, nextReceipts } from "./inquiry.js";
import { afterPage, afterPullFailure, afterStreams, nextPull } from "./pull.js";
import { BATCH_FLOOR_BYTES, BATCH_LIMIT_BYTES, afterPush, afterPushFailure, nextPush } from "./push.js";
import { HOUR_MS, LINK, MINUTE_MS, SECOND_MS, SLOW, delayMs, obeyedMs } from "./retry.js";
import { sized } from "./size.js";
import { later } from "./turn.js";
import { CHUNK_FLOOR_BYTES, CHUNK_LIMIT_BYTES, afterUpload, afterUploadFailure, learnPhotos, nextUpload } from "./upload.js";
import { afterWhole, afterWholeFailure, nextWhole } from "./whole.js";

/** @import { EarlierStep, EarlierWork, Gallery } from "./earlier.js" */
/** @import { Inquiry, ReceiptStep } from "./inquiry.js" */
/** @import { Pull, PullStep } from "./pull.js" */
/** @import { Outgoing, PushStep } from "./push.js" */
/** @import { Size } from "./size.js" */
/** @import { Turn } from "./turn.js" */
/** @import { MissingPhoto, Photo, UploadStep } from "./upload.js" */
/** @import { Named, WholeStep } from "./whole.js" */

const IN_FLIGHT_LIMIT_MS = 100 * SECOND_MS;
const CONTACT_EVERY_MS = 6 * HOUR_MS;
const LOOK_EVERY_MS = 10 * MINUTE_MS;
const LOOK_AGAIN_MS = 20 * SECOND_MS;
const STRIKE_LIMIT = 3;

/** @typedef {"network" | "portal" | "archive"} Trouble why the way is down: no answer; a strange one; the archive, or what stands before it, answered with an error */
/** @typedef {{failures: number, strikes: number, due_at: number, is_doubtful: boolean, trouble: Trouble | null}} Link */
/** @typedef {{serial: number, effect: Request, deadline_at: number}} InFlight */

/**
 * @typedef {object} State plain data
 * @property {number} serial
 * @property {boolean} has_person
 * @property {InFlight | null} in_flight
 * @property {Turn & {is_wanted: boolean}} load
 * @property {Link} link
 * @property {Size} batch
 * @property {number} batch_lines
 * @property {Size} chunk
 * @property {Outgoing[]} records in the order they were sealed
 * @property {Photo[]} photos views before originals
 * @property {Record<string, number>} sent how often the bytes of a photo went over whole
 * @property {Inquiry} receipts
 * @property {Pull} pull
 * @property {Gallery} earlier
 * @property {Turn} time
 */

/** @typedef {{do: "load"} | {do: "time"} | PushStep | ReceiptStep | PullStep | UploadStep | WholeStep | EarlierStep} Request */
/** @typedef {(Request & {serial: number}) | {do: "wait", until: number}} Effect */

/**
 * @typedef {object} Failure
 * @property {"unreachable" | "portal" | "problem" | "local"} kind `portal`: an answer, but not the archive's; `local`: the phone itself failed
 * @property {number} [status] of a problem; also of a proxy that finds the body too large (413) or the archive behind it gone
 * @property {number | null} [retry_after_ms]
 */
/** @typedef {"start" | "sealed" | "now" | "online" | "visible" | "look" | "login" | "epoch" | "doubt"} Poke
 * `epoch`: the archive was restored, everything begins anew; `doubt`: there is something to show it */
/**
 * @typedef {object} Outcome of a request that succeeded; which members are there depends on it
 * @property {{unsent: {hash: string, size_bytes: number}[], unsafe: string[], photos: MissingPhoto[],
 *   earlier: EarlierWork | null, has_person: boolean, is_presenting?: boolean}} [work] load; `is_presenting`: a receipt is due to be shown to the archive
 * @property {{hash: string, verdict: string, reason: string | null}[]} [verdicts] push
 * @property {string[]} [behind] streams: those with something to pull
 * @property {boolean} [is_doubtful] streams: one does not fit what was pulled, and the receipt against it is to be shown at once
 * @property {boolean} [is_end] page
 * @property {string} [upload] create
 * @property {number} [offset] create, head, patch
 * @property {Omit<Named, "size_bytes">[]} [counted] whole
 * @property {boolean} [is_coming] earlier: the archive still makes it
 * @property {number | null} [retry_after_ms] earlier
 * @property {boolean} [is_full] earlier: no room on this phone
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
    link: { failures: 0, strikes: 0, due_at: 0, is_doubtful: false, trouble: null },
    batch: sized(256 * 1024, BATCH_FLOOR_BYTES, BATCH_LIMIT_BYTES),
    batch_lines: 200,
    chunk: sized(512 * 1024, CHUNK_FLOOR_BYTES, CHUNK_LIMIT_BYTES),
    records: [],
    photos: [],
    sent: {},
    receipts: { due_at: 0, tries: 0, unsafe: [], queue: [], presenting: null },
    pull: { due_at: 0, tries: 0, is_login_needed: false, asked_at: null, streams: {} },
    earlier: { pictures: [], wanted: 0, here: 0, updated_at: null },
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
  const { link, pull, in_flight, earlier } = state;
  return {
    doing: in_flight === null ? null : in_flight.effect.do,
    is_reachable: link.failures === 0,
    trouble: link.failures === 0 ? null : link.trouble,
    is_login_needed: pull.is_login_needed,
    next_try_at: link.failures === 0 ? null : link.due_at,
    waiting: { records: state.records.length, photos: state.photos.length, receipts: state.receipts.unsafe.length },
    earlier: { wanted: earlier.wanted, here: earlier.here, updated_at: earlier.updated_at },
  };
}

/**
 * @param {State} state
 * @param {Poke} why
 * @param {number} now
 */
function poke(state, why, now) {
  if (why === "look") return look(state, now);
  state.load = { due_at: now, tries: 0, is_wanted: true };
  // A picture makes way for what is to be sent: its answer is kept by the store whenever it comes.
  if (state.in_flight?.effect.do === "earlier" && (why === "sealed" || why === "now")) state.in_flight = null;
  if (why === "sealed" || why === "start" || why === "doubt") return;
  state.link.due_at = now;
  if (why === "epoch") state.sent = {};
  if (why === "login" || why === "now" || why === "epoch") {
    state.pull = { ...state.pull, due_at: now, tries: 0, is_login_needed: false };
  }
  if (why !== "now" && why !== "epoch") return;
  const turns = [...state.records, ...state.photos, ...Object.values(state.pull.streams), ...state.earlier.pictures];
  for (const turn of turns) turn.due_at = now;
  askAtOnce(state, now);
}

/** A person looks at what others may have sent: ask, unless that was just done. @param {State} state @param {number} now */
function look(state, now) {
  const { pull } = state;
  if (pull.is_login_needed || (pull.asked_at !== null && now - pull.asked_at < LOOK_AGAIN_MS)) return;
  pull.due_at = Math.min(pull.due_at, now);
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
  if (effect.do === "load") return loaded(state, event.outcome, event.random, now);
  contacted(state, effect.do !== "time", now);
  advance(state, effect, event.outcome, event.random, now);
}

/**
 * @param {State} state
 * @param {Request} effect
 * @param {Outcome} outcome
 * @param {number} random
 * @param {number} now
 */
function advance(state, effect, outcome, random, now) {
  if (effect.do === "push") afterPush(state, effect, outcome, random, now);
  if (effect.do === "receipts") afterReceipts(state, effect, random, now);
  if (effect.do === "streams") afterStreams(state, outcome.behind ?? [], random, now);
  if (outcome.is_doubtful) state.load.is_wanted = true;
  if (effect.do === "page") afterPage(state, effect.stream, outcome.is_end === true, now);
  if (effect.do === "earlier") afterEarlier(state, effect, outcome, random, now);
  if (effect.do === "whole") afterWhole(state, effect, outcome, random, now);
  if (effect.do !== "upload" || !afterUpload(state, effect, outcome, random, now)) return;
  askAtOnce(state, now);
  state.load.is_wanted = true;
}

/**
 * The archive answered. After a lookup of the time only the doubt is gone; that bodies get through shows with a body.
 * @param {State} state
 * @param {boolean} hasWorked whether more than a lookup of the time got through
 * @param {number} now
 */
function contacted(state, hasWorked, now) {
  const failures = hasWorked ? 0 : state.link.failures;
  state.link = { failures, strikes: 0, due_at: now, is_doubtful: false, trouble: failures === 0 ? null : state.link.trouble };
  state.time = { due_at: now + CONTACT_EVERY_MS, tries: 0 };
}

/**
 * @param {State} state
 * @param {Outcome} outcome
 * @param {number} random
 * @param {number} now
 */
function loaded(state, { work }, random, now) {
  state.load = { due_at: now, tries: 0, is_wanted: false };
  if (work === undefined) return;
  state.has_person = work.has_person;
  const known = new Map(state.records.map((record) => [record.hash, record]));
  state.records = work.unsent.map(
    ({ hash, size_bytes }) => known.get(hash) ?? { hash, size_bytes, due_at: now, tries: 0, is_alone: false },
  );
  learnPhotos(state, work.photos, random, now);
  learnUnsafe(state, work.unsafe, random, now);
  learnPresenting(state, work.is_presenting ?? false, now);
  learnEarlier(state, work.earlier, now);
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
  if (effect.do === "load") return later(state.load, LINK, random, now);
  // Of a picture that is only looked at, an error of the archive says nothing about the way for everything else.
  const is_down = !(effect.do === "earlier" && failure.kind === "problem") && linkFailed(state, failure, random, now);
  if (effect.do === "push") afterPushFailure(state, effect, failure, is_down, random, now);
  if (effect.do === "upload") {
    const is_gone = afterUploadFailure(state, effect, failure, is_down, random, now);
    if (is_gone) askAtOnce(state, now);
  }
  if (effect.do === "whole" && afterWholeFailure(state, effect, failure, random, now)) askAtOnce(state, now);
  if (is_down) return;
  if (effect.do === "receipts") afterReceiptsFailure(state, effect, random, now);
  // A page that does not prove itself may have raised a doubt.
  if (effect.do === "page" && failure.kind === "local") state.load.is_wanted = true;
  if (effect.do === "streams" || effect.do === "page") afterPullFailure(state, effect, failure, random, now);
  if (effect.do === "earlier") afterEarlierFailure(state, effect, failure, random, now);
  if (effect.do === "time") later(state.time, SLOW, random, now);
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
  if (failure.kind === "local" || status === 413) return false;
  if (is_answer && status < 500 && status !== 429) {
    contacted(state, true, now);
    return false;
  }
  link.strikes += 1;
  const is_asked = typeof failure.retry_after_ms === "number";
  if (is_answer && !is_asked && status !== 429 && status !== 503 && link.strikes < STRIKE_LIMIT) return false;
  link.failures += 1;
  link.trouble = troubleOf(failure);
  link.is_doubtful = true;
  const wait_ms = is_asked ? obeyedMs(failure.retry_after_ms ?? 0, random) : delayMs(LINK, link.failures, random);
  link.due_at = now + wait_ms;
  return true;
}

/** @param {Failure} failure @returns {Trouble} */
function troubleOf({ kind, status = 0 }) {
  if (kind === "portal") return "portal";
  return kind === "problem" || status >= 500 || status === 429 ? "archive" : "network";
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
 * Text first, then what it needs to be safe, then views, then what there is to read, then originals, then what is only looked at.
 * @param {State} state
 * @param {number} now
 * @returns {Request | null}
 */
function choose(state, now) {
  if (state.load.is_wanted && state.load.due_at <= now) return { do: "load" };
  if (!state.has_person || state.link.due_at > now) return null;
  if (state.link.is_doubtful) return { do: "time" };
  return (
    nextPresenting(state, now) ??
    nextPush(state, now) ??
    nextReceipts(state, now) ??
    nextWhole(state, "view", now) ??
    nextUpload(state, "view", now) ??
    nextPull(state, now) ??
    nextWhole(state, "original", now) ??
    nextUpload(state, "original", now) ??
    nextEarlier(state, now) ??
    (state.time.due_at <= now ? { do: "time" } : null)
  );
}

/**
 * @param {State} state
 * @param {number} now
 */
function nextDueAt(state, now) {
  const { load, link, records, photos, receipts, pull, time } = state;
  const turns = [...records, ...photos, ...Object.values(pull.streams), ...earlierTurns(state, now), pull, time];
  if (receipts.unsafe.length > 0) turns.push(receipts);
  if (receipts.presenting !== null) turns.push(receipts.presenting);
  const remote = Math.max(link.due_at, turns.reduce((soonest, { due_at }) => Math.min(soonest, due_at), Infinity));
  const local = load.is_wanted ? load.due_at : Infinity;
  const soonest = Math.min(local, state.has_person ? remote : Infinity, now + LOOK_EVERY_MS);
  return Math.max(soonest, now + 1);
}
