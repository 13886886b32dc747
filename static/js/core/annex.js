// @ts-check
// Who a confidential annex is written to. A phone remembers the keys it has used (its pins): another key for a person it knows, a person it does not
// know, another recovery key are told, and used only after somebody confirmed them. Without a recovery key nothing is sealed.

import { decode } from "./base64url.js";
import { toHex } from "./hex.js";

/** @typedef {import("./port.js").Jwk} Jwk */
/** @typedef {{kid: string, jwk: Jwk}} Key */
/** @typedef {Key & {person: string}} ReaderKey */
/** @typedef {{recovery: string | null, readers: Record<string, string>}} Pins kids by person; none yet: null */
/** @typedef {"known" | "new" | "changed"} Trust */
/**
 * @template {ReaderKey} R
 * @typedef {{recovery: (Key & {trust: Trust}) | null, readers: (R & {trust: Trust})[]}} Circle who annexes may be written to, as far as this phone knows
 */

/**
 * Judge the keys the archive names against those this phone has used. What it meets first it takes.
 * @template {ReaderKey} R
 * @param {R[]} readers
 * @param {Key | null} recovery
 * @param {Pins | null} pins
 * @returns {Circle<R>}
 */
export function circleOf(readers, recovery, pins) {
  const trustOf = (/** @type {string} */ kid, /** @type {string | null | undefined} */ pinned) =>
    /** @type {Trust} */ (pins === null || pinned === kid ? "known" : pinned === null || pinned === undefined ? "new" : "changed");
  return {
    recovery: recovery && { ...recovery, trust: trustOf(recovery.kid, pins?.recovery) },
    readers: readers.map((each) => ({ ...each, trust: trustOf(each.kid, pins?.readers[each.person]) })),
  };
}

/**
 * Return the pins after a person confirmed keys; those of people who read no more stay, so that a later key of theirs is told.
 * @param {Pins | null} pins
 * @param {Circle<ReaderKey>} circle
 * @param {ReadonlySet<string>} confirmed kids
 * @returns {Pins}
 */
export function pinned(pins, { recovery, readers }, confirmed) {
  const fresh = readers.filter(({ kid }) => confirmed.has(kid)).map(({ person, kid }) => [person, kid]);
  const isConfirmed = recovery !== null && confirmed.has(recovery.kid);
  return { recovery: isConfirmed ? recovery.kid : pins?.recovery ?? null, readers: { ...pins?.readers, ...Object.fromEntries(fresh) } };
}

/**
 * Choose whom an annex is written to, or say why it cannot be sealed.
 * @template {ReaderKey} R
 * @param {Circle<R>} circle
 * @param {readonly string[]} without persons left out
 * @returns {{why: null, readers: R[], recovery: Key} | {why: "no-recovery" | "recovery-unconfirmed"}}
 */
export function recipientsOf({ recovery, readers }, without) {
  if (recovery === null) return { why: "no-recovery" };
  if (recovery.trust !== "known") return { why: "recovery-unconfirmed" };
  return { why: null, readers: readers.filter(({ person, trust }) => trust === "known" && !without.includes(person)), recovery };
}

/**
 * Return the number two people compare to know that they speak of the same key.
 * @param {string} kid
 */
export function checkNumber(kid) {
  return toHex(decode(kid).subarray(0, 8)).toUpperCase().replace(/(.{4})(?=.)/g, "$1 ");
}
