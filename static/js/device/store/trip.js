// @ts-check
/**
 * What somebody prepares a trip with: the projects chosen, where the archive said its streams end, and the ticks of self-tests that passed.
 * A choice has its effect for as long as a tick can stand; then its pictures are within the budget again.
 */

import { parseInstant } from "../../core/instant.js";
import { TICK_MS } from "../../core/trip.js";
import { wallMs } from "../clock.js";
import { StoreError } from "./error.js";
import { nowText } from "./moment.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/trip.js").Tick} Tick */
/** @typedef {{at: string, is_named: boolean}} Choice `is_named`: the archive was asked since */
/** @typedef {{chosen: Record<string, Choice>, ticks: Record<string, Tick>}} Trip by stream */
/** @typedef {{at: string, ends: Record<string, number>}} Listing what the archive named last: stream → position */

const TRIP = "trip";
const LISTING = "listing";
const FIRST = ["keys", "commons"];

/** @param {Database} db @returns {Trip} */
export function trip(db) {
  return setting(db, TRIP) ?? { chosen: {}, ticks: {} };
}

/** @param {Database} db @returns {Listing | null} */
export function listing(db) {
  return setting(db, LISTING);
}

/**
 * The projects of the trip at hand.
 * @param {Database} db
 * @returns {string[]} streams
 */
export function chosen(db) {
  const now_ms = wallMs();
  return Object.entries(trip(db).chosen).filter(([, { at }]) => Math.abs(now_ms - parseInstant(at).ms) < TICK_MS).map(([stream]) => stream);
}

/**
 * Choose projects; those chosen before stay while their choice has its effect.
 * @param {Database} db
 * @param {string[]} streams
 */
export function choose(db, streams) {
  if (!Array.isArray(streams) || !streams.every((stream) => typeof stream === "string" && stream.startsWith("project:"))) throw new StoreError("BadArgument", "projects");
  const before = trip(db);
  const current = new Set(chosen(db));
  const kept = Object.entries(before.chosen).filter(([stream]) => current.has(stream));
  const at = nowText();
  const added = streams.map((stream) => /** @type {const} */ ([stream, { at, is_named: false }]));
  set(db, TRIP, { ...before, chosen: Object.fromEntries([...kept, ...added]) });
}

/**
 * Take projects off the trip; what is here of them stays as long as there is room.
 * @param {Database} db
 * @param {string[]} streams
 */
export function unchoose(db, streams) {
  const before = trip(db);
  set(db, TRIP, { ...before, chosen: Object.fromEntries(Object.entries(before.chosen).filter(([stream]) => !streams.includes(stream))) });
}

/**
 * Keep where the archive says its streams end, and put them in the order to be read: what everything needs, then the trip's.
 * @template {{position: number}} T
 * @param {Database} db
 * @param {[string, T][]} places
 * @returns {[string, T][]}
 */
export function named(db, places) {
  const before = trip(db);
  const taken = Object.entries(before.chosen).map(([stream, choice]) => [stream, { ...choice, is_named: true }]);
  db.transaction(() => {
    set(db, LISTING, { at: nowText(), ends: Object.fromEntries(places.map(([stream, { position }]) => [stream, position])) });
    if (Object.values(before.chosen).some(({ is_named }) => !is_named)) set(db, TRIP, { ...before, chosen: Object.fromEntries(taken) });
  });
  const own = new Set(chosen(db));
  const rank = (/** @type {string} */ stream) => (FIRST.includes(stream) ? FIRST.indexOf(stream) : own.has(stream) ? 3 : stream.startsWith("project:") ? 4 : 2);
  return [...places].sort(([one], [other]) => rank(one) - rank(other));
}

/**
 * Note that the self-test passed for projects.
 * @param {Database} db
 * @param {Record<string, Tick>} ticks by stream
 */
export function tick(db, ticks) {
  const before = trip(db);
  set(db, TRIP, { ...before, ticks: { ...before.ticks, ...ticks } });
}
