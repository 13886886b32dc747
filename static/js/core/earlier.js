// @ts-check
// Fetching small pictures of earlier photos, as pure steps: the last of all work, and only while nothing is about to be sent or read.

import { ITEM, MINUTE_MS, SLOW, obeyedMs } from "./retry.js";
import { later } from "./turn.js";

/** @import { Failure, Outcome, State } from "./schedule.js" */
/** @import { Turn } from "./turn.js" */

/** Work that is due sooner is waited for. */
const QUIET_MS = MINUTE_MS;

/** @typedef {Turn & {sha256: string}} Picture */
/** @typedef {{pictures: Picture[], wanted: number, here: number, updated_at: string | null}} Gallery `pictures`: the next to fetch, most needed first */
/** @typedef {{do: "earlier", sha256: string}} EarlierStep */
/** @typedef {{wanted: number, here: number, next: string[], updated_at: string | null}} EarlierWork */

/**
 * Learn what is wanted. A picture that failed keeps its turn.
 * @param {State} state
 * @param {EarlierWork | null} work null: nobody is there
 * @param {number} now
 */
export function learnEarlier(state, work, now) {
  const known = new Map(state.earlier.pictures.map((picture) => [picture.sha256, picture]));
  const { wanted, here, next, updated_at } = work ?? { wanted: 0, here: 0, next: [], updated_at: null };
  const pictures = next.map((sha256) => known.get(sha256) ?? { sha256, due_at: now, tries: 0 });
  state.earlier = { pictures, wanted, here, updated_at };
}

/**
 * Choose the next picture.
 * @param {State} state
 * @param {number} now
 * @returns {EarlierStep | null}
 */
export function nextEarlier(state, now) {
  if (!isQuiet(state, now)) return null;
  const picture = state.earlier.pictures.find(({ due_at }) => due_at <= now);
  return picture === undefined ? null : { do: "earlier", sha256: picture.sha256 };
}

/**
 * Return the turns to wake up for. While other work is near there are none: that work's own turns come first.
 * @param {State} state
 * @param {number} now
 * @returns {Turn[]}
 */
export function earlierTurns(state, now) {
  return isQuiet(state, now) ? state.earlier.pictures : [];
}

/**
 * Take the answer: the picture is here, or cannot be had, or is still being made.
 * @param {State} state
 * @param {EarlierStep} step
 * @param {Outcome} outcome
 * @param {number} random
 * @param {number} now
 */
export function afterEarlier(state, { sha256 }, outcome, random, now) {
  const { earlier } = state;
  if (outcome.is_full) return afterEarlierFailure(state, { do: "earlier", sha256 }, { kind: "local" }, random, now);
  const picture = earlier.pictures.find((one) => one.sha256 === sha256);
  const { is_coming, retry_after_ms } = outcome;
  if (picture !== undefined && is_coming) {
    later(picture, ITEM, random, now);
    if (picture.tries <= 3 && typeof retry_after_ms === "number") picture.due_at = now + obeyedMs(retry_after_ms, random);
    return;
  }
  earlier.pictures = earlier.pictures.filter((one) => one.sha256 !== sha256);
  state.load.is_wanted = true;
}

/**
 * Take a failure that is not the link's. Without a login, where this phone has no room, and while the archive asks for patience, none
 * of the others would fare better.
 * @param {State} state
 * @param {EarlierStep} step
 * @param {Failure} failure
 * @param {number} random
 * @param {number} now
 */
export function afterEarlierFailure(state, { sha256 }, failure, random, now) {
  const { pictures } = state.earlier;
  const is_of_all = failure.kind === "local" || [401, 429, 503].includes(failure.status ?? 0);
  const asked_ms = typeof failure.retry_after_ms === "number" ? obeyedMs(failure.retry_after_ms, random) : 0;
  for (const picture of pictures.filter((one) => is_of_all || one.sha256 === sha256)) {
    later(picture, is_of_all ? SLOW : ITEM, random, now);
    picture.due_at = Math.max(picture.due_at, now + asked_ms);
  }
}

/**
 * Say whether nothing is to be sent or read soon.
 * @param {State} state
 * @param {number} now
 */
function isQuiet({ records, photos, pull }, now) {
  if (pull.is_login_needed || pull.due_at <= now) return false;
  return [...records, ...photos, ...Object.values(pull.streams)].every(({ due_at }) => due_at > now + QUIET_MS);
}
