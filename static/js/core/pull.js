// @ts-check
// Reading the streams, as pure steps: which are behind, then page by page. One broken stream never holds another.

import { askAtOnce } from "./inquiry.js";
import { ITEM, MINUTE_MS, SLOW } from "./retry.js";
import { later } from "./turn.js";

/** @import { Failure, State } from "./schedule.js" */
/** @import { Turn } from "./turn.js" */

const EVERY_MS = 10 * MINUTE_MS;

/** @typedef {Turn & {is_login_needed: boolean, asked_at: number | null, streams: Record<string, Turn>}} Pull `streams`: those that are behind; `asked_at`: when it was last asked which */
/** @typedef {{do: "streams"} | {do: "page", stream: string}} PullStep */

/**
 * Choose the next page, or ask what there is.
 * @param {State} state
 * @param {number} now
 * @returns {PullStep | null}
 */
export function nextPull(state, now) {
  const due = Object.entries(state.pull.streams).find(([, turn]) => turn.due_at <= now);
  if (due !== undefined) return { do: "page", stream: due[0] };
  return state.pull.due_at <= now ? { do: "streams" } : null;
}

/**
 * Learn which streams are behind.
 * @param {State} state
 * @param {string[]} behind
 * @param {number} random
 * @param {number} now
 */
export function afterStreams(state, behind, random, now) {
  const { streams } = state.pull;
  const turns = behind.map((stream) => [stream, streams[stream] ?? { due_at: now, tries: 0 }]);
  const due_at = now + EVERY_MS * (0.75 + random / 2);
  state.pull = { due_at, tries: 0, is_login_needed: false, asked_at: now, streams: Object.fromEntries(turns) };
}

/**
 * Learn that a page was taken over.
 * @param {State} state
 * @param {string} stream
 * @param {boolean} isEnd whether nothing is left there
 * @param {number} now
 */
export function afterPage(state, stream, isEnd, now) {
  // Receipts by a key that was not known before count from now on.
  if (stream === "keys") askAtOnce(state, now);
  if (isEnd) {
    delete state.pull.streams[stream];
    // What was read may name photos that are wanted.
    state.load.is_wanted ||= Object.keys(state.pull.streams).length === 0;
  } else state.pull.streams[stream] = { due_at: now, tries: 0 };
}

/**
 * Take the failure of a step that is not the link's. Without a login everything waits for one; nothing is forgotten.
 * @param {State} state
 * @param {PullStep} step
 * @param {Failure} failure
 * @param {number} random
 * @param {number} now
 */
export function afterPullFailure(state, step, failure, random, now) {
  if (failure.status === 401) {
    state.pull = { ...state.pull, is_login_needed: true, streams: {} };
    later(state.pull, SLOW, random, now);
  } else if (step.do === "page") {
    const turn = state.pull.streams[step.stream] ?? { due_at: now, tries: 0 };
    later(turn, ITEM, random, now);
    state.pull.streams[step.stream] = turn;
  } else {
    later(state.pull, failure.kind === "problem" ? SLOW : ITEM, random, now);
  }
}
