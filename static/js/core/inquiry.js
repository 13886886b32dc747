// @ts-check
// Asking for receipts, as pure steps: in rounds over everything received and not yet safe, at a falling pace, and at
// once when the last byte of a photo is over.

import { RECEIPT, delayMs } from "./retry.js";
import { later } from "./turn.js";

/** @import { State } from "./schedule.js" */
/** @import { Turn } from "./turn.js" */

const LIMIT_HASHES = 1000;

/** @typedef {Turn & {unsafe: string[], queue: string[]}} Inquiry `queue`: what this round has still to ask for */
/** @typedef {{do: "receipts", hashes: string[]}} ReceiptStep */

/**
 * Choose whom to ask for next.
 * @param {State} state
 * @param {number} now
 * @returns {ReceiptStep | null}
 */
export function nextReceipts(state, now) {
  const { receipts } = state;
  if (receipts.unsafe.length === 0 || receipts.due_at > now) return null;
  const unsafe = new Set(receipts.unsafe);
  receipts.queue = receipts.queue.filter((hash) => unsafe.has(hash));
  if (receipts.queue.length === 0) receipts.queue = receipts.unsafe;
  return { do: "receipts", hashes: receipts.queue.slice(0, LIMIT_HASHES) };
}

/**
 * Take an answer; the round goes on until everything has been asked for.
 * @param {State} state
 * @param {ReceiptStep} step
 * @param {number} random
 * @param {number} now
 */
export function afterReceipts(state, { hashes }, random, now) {
  const asked = new Set(hashes);
  state.receipts.queue = state.receipts.queue.filter((hash) => !asked.has(hash));
  state.load.is_wanted = true;
  if (state.receipts.queue.length === 0) later(state.receipts, RECEIPT, random, now);
}

/**
 * Start a round at once.
 * @param {State} state
 * @param {number} now
 */
export function askAtOnce(state, now) {
  state.receipts = { ...state.receipts, due_at: now, tries: 0, queue: [] };
}

/**
 * Learn what is received and not safe. What is new is asked for soon, but at the pace the last rounds have come to.
 * @param {State} state
 * @param {string[]} unsafe
 * @param {number} random
 * @param {number} now
 */
export function learnUnsafe(state, unsafe, random, now) {
  const { receipts } = state;
  const known = new Set(receipts.unsafe);
  const has_new = unsafe.some((hash) => !known.has(hash));
  receipts.unsafe = unsafe;
  const soon_at = now + delayMs(RECEIPT, Math.max(1, receipts.tries), random);
  if (has_new) receipts.due_at = receipts.due_at > now ? Math.min(receipts.due_at, soon_at) : soon_at;
}
