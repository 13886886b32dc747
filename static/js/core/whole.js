// @ts-check
// Small photos on their way, whole and several in one request (PROTOCOL 8), as pure steps. Of one that is cut the archive keeps nothing,
// those before it count: so only what is small against what gets through goes this way, and what failed once goes in pieces (upload.js).

import { grow, shrink } from "./size.js";
import { carried, nameOf, photoOf, stalled } from "./upload.js";

/** @import { Failure, Outcome, State } from "./schedule.js" */
/** @import { Photo } from "./upload.js" */

const PHOTO_LIMIT = 16;
/** So many times what is dared as one piece: of what is cut, most was taken already. */
const PIECES = 4;

/** @typedef {{record: string, sha256: string, size_bytes: number}} Named */
/** @typedef {{do: "whole", photos: Named[]}} WholeStep in the order their bytes go */

/**
 * Choose the photos of one part that go whole.
 * @param {State} state
 * @param {"view" | "original"} part
 * @param {number} now
 * @returns {WholeStep | null}
 */
export function nextWhole(state, part, now) {
  let room_bytes = PIECES * state.chunk.bytes;
  /** @type {Named[]} */
  const photos = [];
  for (const { record, sha256, size_bytes } of state.photos.filter((photo) => photo.part === part && isSmall(photo, state, now))) {
    room_bytes -= size_bytes;
    if (room_bytes < 0 || photos.length === PHOTO_LIMIT) break;
    photos.push({ record, sha256, size_bytes });
  }
  return photos.length === 0 ? null : { do: "whole", photos };
}

/** Twice as much is expected to get through. @param {Photo} photo @param {State} state @param {number} now */
function isSmall({ due_at, upload, is_alone, size_bytes }, { chunk }, now) {
  return due_at <= now && upload === null && !is_alone && size_bytes * 2 <= chunk.bytes;
}

/**
 * Take the archive's answer. What did not count goes alone, which tells why.
 * @param {State} state
 * @param {WholeStep} step
 * @param {Outcome} outcome
 * @param {number} random
 * @param {number} now
 */
export function afterWhole(state, { photos }, outcome, random, now) {
  const counted = new Set((outcome.counted ?? []).map(nameOf));
  for (const named of photos) {
    const photo = photoOf(state, named);
    if (photo === undefined) continue;
    if (counted.has(nameOf(named))) carried(state, photo);
    else goAlone(photo, random, now);
  }
  if (counted.size > 0) grow(state.chunk, now);
  state.load.is_wanted = true;
}

/**
 * Take the failure of the request. True when some of the photos may count all the same.
 * @param {State} state
 * @param {WholeStep} step
 * @param {Failure} failure
 * @param {number} random
 * @param {number} now
 */
export function afterWholeFailure(state, { photos }, failure, random, now) {
  const is_refused = failure.status === 413;
  const sent_bytes = photos.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  if (failure.kind === "unreachable" || is_refused) shrink(state.chunk, sent_bytes, is_refused, now);
  for (const named of photos) {
    const photo = photoOf(state, named);
    if (photo !== undefined) goAlone(photo, random, now);
  }
  return !is_refused;
}

/**
 * @param {Photo} photo
 * @param {number} random
 * @param {number} now
 */
function goAlone(photo, random, now) {
  photo.is_alone = true;
  stalled(photo, random, now, true);
}
