// @ts-check
// Asking for receipts, as pure steps: in rounds over everything received and not yet safe, at a falling pace, and at
// once when the last byte of a photo is over. A receipt that is due to be shown to the archive goes before anything else: nothing more
// is to be appended behind what it may have lost.

import { RECEIPT, delayMs } from "./retry.js";
import { later } from "./turn.js";

/** @import { State } from "./schedule.js" */
/** @import { Turn } from "./turn.js" */

const LIMIT_HASHES = 1000;

/** @typedef {Turn & {unsafe: string[], queue: string[], presenting: Turn | null}} Inquiry `queue`: what this round has still to ask for */
/** @typedef {{do: "receipts", hashes: string[], is_presenting: boolean}} ReceiptStep */

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
  return { do: "receipts", hashes: receipts.queue.slice(0, LIMIT_HASHES), is_presenting: false };
}

/**
 * Choose to show a receipt.
 * @param {State} state
 * @param {number} now
 * @returns {ReceiptStep | null}
 */
export function nextPresenting({ receipts: { presenting } }, now) {
  return presenting !== null && presenting.due_at <= now ? { do: "receipts", hashes: [], is_presenting: true } : null;
}

/**
 * Take an answer; the round goes on until everything has been asked for.
 * @param {State} state
 * @param {ReceiptStep} step
 * @param {number} random
 * @param {number} now
 */
export function afterReceipts(state, { hashes, is_presenting }, random, now) {
  if (is_presenting) state.receipts.presenting = null;
  const asked = new Set(hashes);
  state.receipts.queue = state.receipts.queue.filter((hash) => !asked.has(hash));
  state.load.is_wanted = true;
  if (hashes.length > 0 && state.receipts.queue.length === 0) later(state.receipts, RECEIPT, random, now);
}

/**
 * Take the failure of a step that is not the link's.
 * @param {State} state
 * @param {ReceiptStep} step
 * @param {number} random
 * @param {number} now
 */
export function afterReceiptsFailure(state, { is_presenting }, random, now) {
  const { presenting } = state.receipts;
  later(is_presenting && presenting !== null ? presenting : state.receipts, RECEIPT, random, now);
}

/**
 * Learn whether a receipt is due to be shown to the archive.
 * @param {State} state
 * @param {boolean} isDue
 * @param {number} now
 */
export function learnPresenting({ receipts }, isDue, now) {
  receipts.presenting = isDue ? receipts.presenting ?? { due_at: now, tries: 0 } : null;
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
