// @ts-check
// One photo on its way (tus 1.0, PROTOCOL 8) as pure steps: create, ask where the archive stands, send a piece. Small ones go whole at first
// (whole.js).
// The archive's word on the offset always wins; a step that brings nothing forward waits before it is repeated.

import { ITEM, delayMs } from "./retry.js";
import { grow, shrink } from "./size.js";

/** @import { Failure, Outcome, State } from "./schedule.js" */
/** @import { Turn } from "./turn.js" */

export const CHUNK_LIMIT_BYTES = 1024 * 1024;
/** Below the usual 256 KB only where a proxy or a very weak network forces it. */
export const CHUNK_FLOOR_BYTES = 16 * 1024;
const QUICK_TRIES = 2;

/**
 * @typedef {object} MissingPhoto
 * @property {string} record hash of the record that names the bytes
 * @property {string} sha256
 * @property {number} size_bytes
 * @property {"view" | "original"} part
 * @property {string | null} upload where the archive takes the bytes
 */
/**
 * @typedef {Turn & MissingPhoto & {offset: number | null, is_alone: boolean}} Photo `offset` null: ask; `tries`: steps in a row that brought
 *   nothing forward; `is_alone`: it failed to go over with others
 */

/**
 * @typedef {{do: "upload", step: "create" | "head" | "patch", record: string, sha256: string, size_bytes: number,
 *   upload: string | null, from: number, to: number}} UploadStep
 */

/**
 * Learn which photos are missing. Bytes that were sent whole and are missing again have a fault that sending does not
 * cure, so they wait longer every time.
 * @param {State} state
 * @param {MissingPhoto[]} missing
 * @param {number} random
 * @param {number} now
 */
export function learnPhotos(state, missing, random, now) {
  const known = new Map(state.photos.map((photo) => [nameOf(photo), photo]));
  state.photos = missing.map(({ record, sha256, size_bytes, part, upload }) => {
    const tries = state.sent[nameOf({ record, sha256 })] ?? 0;
    const due_at = tries === 0 ? now : now + delayMs(ITEM, tries, random);
    const fresh = { record, sha256, size_bytes, part, upload, offset: null, due_at, tries, is_alone: tries > 0 };
    return known.get(nameOf(fresh)) ?? fresh;
  });
}

/**
 * Choose the next step for the photos of one part.
 * @param {State} state
 * @param {"view" | "original"} part
 * @param {number} now
 * @returns {UploadStep | null}
 */
export function nextUpload(state, part, now) {
  const photo = state.photos.find((one) => one.part === part && one.due_at <= now);
  if (photo === undefined) return null;
  const { record, sha256, size_bytes, upload } = photo;
  const from = photo.offset ?? 0;
  const to = Math.min(size_bytes, from + state.chunk.bytes);
  const step = upload === null ? "create" : photo.offset === null ? "head" : "patch";
  return { do: "upload", step, record, sha256, size_bytes, upload, from, to };
}

/**
 * Take the archive's answer to a step. True when all bytes are over.
 * @param {State} state
 * @param {UploadStep} step
 * @param {Outcome} outcome
 * @param {number} random
 * @param {number} now
 */
export function afterUpload(state, step, outcome, random, now) {
  const photo = photoOf(state, step);
  if (photo === undefined) return false;
  const before = step.step === "patch" ? step.from : -1;
  const isNew = step.step === "create";
  if (isNew) photo.upload = outcome.upload ?? null;
  photo.offset = outcome.offset ?? (isNew ? 0 : null);
  const offset = photo.offset;
  if (photo.upload === null || offset === null || offset > photo.size_bytes) return startAnew(photo, random, now);
  if (offset <= before) return stalled(photo, random, now);
  if (step.step === "patch") {
    photo.tries = 0;
    grow(state.chunk, now);
  }
  if (offset < photo.size_bytes) return false;
  carried(state, photo);
  return true;
}

/**
 * All bytes of a photo are over.
 * @param {State} state
 * @param {Photo} photo
 */
export function carried(state, photo) {
  state.photos = state.photos.filter((one) => one !== photo);
  state.sent[nameOf(photo)] = (state.sent[nameOf(photo)] ?? 0) + 1;
}

/**
 * Take the failure of a step. True when the archive no longer knows the upload: it may hold the bytes already.
 * @param {State} state
 * @param {UploadStep} step
 * @param {Failure} failure
 * @param {boolean} isDown whether the way to the archive rests anyway
 * @param {number} random
 * @param {number} now
 */
export function afterUploadFailure(state, step, failure, isDown, random, now) {
  const photo = photoOf(state, step);
  if (photo === undefined) return false;
  const is_cut = failure.kind === "unreachable" || failure.status === 413;
  if (is_cut && step.step === "patch") shrink(state.chunk, step.to - step.from, failure.status === 413, now);
  const is_smaller = is_cut && step.to - step.from > state.chunk.bytes;
  photo.offset = null;
  if (isDown) return false;
  if (failure.status === 404 || failure.status === 410 || failure.status === 460) {
    startAnew(photo, random, now);
    return failure.status !== 460;
  }
  if (!is_smaller) stalled(photo, random, now, failure.status === 409);
  return false;
}

/**
 * @param {Photo} photo
 * @param {number} random
 * @param {number} now
 */
function startAnew(photo, random, now) {
  photo.upload = null;
  return stalled(photo, random, now, true);
}

/**
 * @param {Photo} photo
 * @param {number} random
 * @param {number} now
 * @param {boolean} [isQuick] whether the first repeats may follow at once
 */
export function stalled(photo, random, now, isQuick = false) {
  photo.offset = null;
  photo.tries += 1;
  const slow_tries = photo.tries - (isQuick ? QUICK_TRIES : 0);
  photo.due_at = slow_tries <= 0 ? now : now + delayMs(ITEM, slow_tries, random);
  return false;
}

/**
 * @param {State} state
 * @param {{record: string, sha256: string}} step
 */
export function photoOf(state, step) {
  return state.photos.find((photo) => nameOf(photo) === nameOf(step));
}

/** @param {{record: string, sha256: string}} photo */
export function nameOf({ record, sha256 }) {
  return `${record} ${sha256}`;
}
