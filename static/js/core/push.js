// @ts-check
// Records on their way, as pure steps: a batch that grows while it goes well and shrinks when it is cut. A record that
// fails by itself is from then on sent alone, at its own pace, so that it never holds another.

import { ITEM, SLOW, delayMs } from "./retry.js";
import { grow, shrink } from "./size.js";
import { later } from "./turn.js";

/** @import { Failure, Outcome, State } from "./schedule.js" */
/** @import { Turn } from "./turn.js" */

export const BATCH_LIMIT_BYTES = 2 * 1024 * 1024;
export const BATCH_FLOOR_BYTES = 16 * 1024;
const BATCH_LIMIT_LINES = 200;
/** Refusals that pass when somebody at the desk acts; the others stay, and are asked again at the slowest pace only. */
const PASSING_REFUSAL = ["unknown-key", "quarantine-full", "stream-damaged"];
const SLOWEST_TRIES = 20;

/** @typedef {Turn & {hash: string, size_bytes: number, is_alone: boolean}} Outgoing `is_alone`: never again in one batch with others */
/** @typedef {{do: "push", hashes: string[]}} PushStep */

/**
 * Choose the next batch.
 * @param {State} state
 * @param {number} now
 * @returns {PushStep | null}
 */
export function nextPush(state, now) {
  const due = state.records.filter((record) => record.due_at <= now);
  const together = due.filter((record) => !record.is_alone);
  if (together.length === 0) return due[0] === undefined ? null : { do: "push", hashes: [due[0].hash] };
  let size_bytes = 0;
  const batch = together.slice(0, state.batch_lines).filter((record, at) => {
    size_bytes += record.size_bytes + 1;
    return at === 0 || size_bytes <= state.batch.bytes;
  });
  return { do: "push", hashes: batch.map(({ hash }) => hash) };
}

/**
 * Take the verdicts. What has none, or was refused, stays and gets its next turn.
 * @param {State} state
 * @param {PushStep} step
 * @param {Outcome} outcome
 * @param {number} random
 * @param {number} now
 */
export function afterPush(state, { hashes }, { verdicts = [] }, random, now) {
  const byHash = new Map(verdicts.map((verdict) => [verdict.hash, verdict]));
  const sent = new Set(hashes);
  state.records = state.records.filter((record) => {
    if (!sent.has(record.hash)) return true;
    const found = byHash.get(record.hash);
    if (found !== undefined && found.verdict !== "refused") return false;
    record.tries += 1;
    record.is_alone ||= found === undefined;
    record.due_at = now + refusedMs(found?.reason, record.tries, random);
    return true;
  });
  grow(state.batch, now);
  state.batch_lines = Math.min(BATCH_LIMIT_LINES, state.batch_lines * 2);
  state.load.is_wanted = true;
}

/**
 * Take the failure of a whole batch: make it smaller until the record at fault stands alone.
 * @param {State} state
 * @param {PushStep} step
 * @param {Failure} failure
 * @param {boolean} isDown whether the way to the archive rests anyway
 * @param {number} random
 * @param {number} now
 */
export function afterPushFailure(state, { hashes }, failure, isDown, random, now) {
  const is_cut = failure.kind === "unreachable" || failure.status === 413;
  if (is_cut) shrink(state.batch, sizeOf(state, hashes), failure.status === 413, now);
  const is_asked = failure.status === 429 || failure.status === 503 || typeof failure.retry_after_ms === "number";
  if (isDown && (failure.kind !== "problem" || is_asked)) return;
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
 * @param {string[]} hashes
 */
function sizeOf({ records }, hashes) {
  return records.filter(({ hash }) => hashes.includes(hash)).reduce((sum, { size_bytes }) => sum + size_bytes + 1, 0);
}

/**
 * @param {string | null | undefined} reason undefined: the answer held no verdict
 * @param {number} tries
 * @param {number} random
 */
function refusedMs(reason, tries, random) {
  if (reason === undefined) return delayMs(ITEM, tries, random);
  return delayMs(SLOW, PASSING_REFUSAL.includes(reason ?? "") ? tries : SLOWEST_TRIES, random);
}
