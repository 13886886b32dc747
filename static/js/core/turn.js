// @ts-check
// A turn: when something may be tried next, and how often it failed so far.

import { delayMs } from "./retry.js";

/** @import { Pace } from "./retry.js" */

/** @typedef {{due_at: number, tries: number}} Turn */

/**
 * Count a failure and put the next try off.
 * @param {Turn} turn
 * @param {Pace} pace
 * @param {number} random from 0 up to 1
 * @param {number} now
 */
export function later(turn, pace, random, now) {
  turn.tries += 1;
  turn.due_at = now + delayMs(pace, turn.tries, random);
}
