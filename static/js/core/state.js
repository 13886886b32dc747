// @ts-check
/**
 * The state of a thing on the phone, as the inspector reads it. A word is never ahead of what is proven: "safe" needs a checked
 * receipt with a completion. Pure: no storage, clock or words of any language.
 */

/** @typedef {"draft" | "saved" | "handed" | "sent" | "safe" | "held" | "refused" | "erased"} State */

/**
 * @typedef {object} Proof What is known of one thing. Instants are text or null; `verdict` is the last one heard (PROTOCOL 4) or null.
 * @property {boolean} is_sealed
 * @property {string | null} verdict
 * @property {string | null} received_at when the archive appended it, by a checked receipt
 * @property {string | null} completed_at when no required photo was missing any more, by a checked receipt
 * @property {string | null} handed_at since when a station keeps it, required photos included; it is in no archive by that
 */

/** Order of the states, worst news first: what a whole visit is called is the first of these that any part of it has. */
export const STATES = /** @type {const} */ (["refused", "held", "draft", "saved", "handed", "sent", "safe", "erased"]);

/**
 * Tell the state of one record or draft. A receipt outweighs every verdict: what was appended stays appended.
 * @param {Proof} proof
 * @returns {State}
 */
export function stateOf(proof) {
  if (!proof.is_sealed) return "draft";
  if (proof.completed_at !== null) return "safe";
  if (proof.received_at !== null) return "sent";
  if (proof.verdict === "refused") return "refused";
  if (proof.verdict === "quarantined" || proof.verdict === "held") return "held";
  return proof.handed_at === null ? "saved" : "handed";
}

/**
 * Tell the state of a whole from the states of its parts; a whole of nothing is a draft.
 * @param {Iterable<State>} parts
 * @returns {State}
 */
export function stateOfAll(parts) {
  const present = new Set(parts);
  return STATES.find((state) => present.has(state)) ?? "draft";
}
