// @ts-check
// Our own position samples. They run only while a screen asks for them, are kept in memory only, and become part of a
// photo when it is taken; nobody's way is recorded.

import { signal } from "../../vendor/signals-core/signals-core.mjs";

/** @typedef {{lat_e7: number, lon_e7: number, accuracy_m: number, age_ms: number}} Fix as in the body of a photo */
/** @typedef {{lat_e7: number, lon_e7: number, accuracy_m: number, at_ms: number}} Sample WGS-84, `at_ms` since 1970 UTC */
/** @typedef {"denied" | "unavailable" | "timeout" | "too_old"} NoFix */

const KEPT = 60;
const TOO_OLD_MS = 120_000;
const PATIENCE_MS = 30_000;
const REASONS = /** @type {Record<number, NoFix>} */ ({ 1: "denied", 2: "unavailable", 3: "timeout" });

/** The newest sample, or null; screens may show the distance by it. */
const latest = signal(/** @type {Sample | null} */ (null));
/** Why there is none. */
const trouble = signal(/** @type {NoFix | null} */ (null));
/** @type {Sample[]} */
let samples = [];
let users = 0;
/** @type {number | null} */
let watch = null;

/** Begin to sample; each call is answered by one of `stop()`. */
function start() {
  users += 1;
  if (watch !== null) return;
  trouble.value = null;
  if (!("geolocation" in navigator)) {
    trouble.value = "unavailable";
    return;
  }
  watch = navigator.geolocation.watchPosition(take, refuse, { enableHighAccuracy: true, maximumAge: 10_000, timeout: PATIENCE_MS });
}

/** End sampling when nobody asks for it any more. What was sampled is forgotten. */
function stop() {
  users = Math.max(0, users - 1);
  if (users > 0) return;
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
  samples = [];
}

/** @param {GeolocationPosition} position */
function take({ coords, timestamp }) {
  const sample = {
    lat_e7: Math.round(coords.latitude * 1e7),
    lon_e7: Math.round(coords.longitude * 1e7),
    accuracy_m: Math.min(100_000, Math.round(coords.accuracy)),
    at_ms: Math.round(timestamp),
  };
  samples = [...samples, sample].slice(-KEPT);
  latest.value = sample;
  trouble.value = null;
}

/** @param {GeolocationPositionError} error */
function refuse(error) {
  trouble.value = REASONS[error.code] ?? "unavailable";
}

/**
 * Return the sample nearest in time to a moment as a photo's body names it, or why there is none.
 * @param {number} [at_ms] since 1970 UTC; now when left out
 * @returns {{fix: Fix, no_fix: null} | {fix: null, no_fix: NoFix}}
 */
function near(at_ms = Date.now()) {
  const [best] = samples.map((sample) => ({ sample, age_ms: Math.abs(at_ms - sample.at_ms) })).sort((a, b) => a.age_ms - b.age_ms);
  if (best === undefined) return { fix: null, no_fix: trouble.value ?? "timeout" };
  if (best.age_ms > TOO_OLD_MS) return { fix: null, no_fix: trouble.value ?? "too_old" };
  const { at_ms: _, ...place } = best.sample;
  return { fix: { ...place, age_ms: best.age_ms }, no_fix: null };
}

/**
 * Ask once for a position without prompting: only when the person has allowed it before. For sorting by distance.
 * @returns {Promise<void>}
 */
async function peek() {
  if (!("geolocation" in navigator) || !navigator.permissions) return;
  const { state } = await navigator.permissions.query({ name: "geolocation" });
  if (state === "granted") navigator.geolocation.getCurrentPosition(take, refuse, { maximumAge: 300_000, timeout: PATIENCE_MS });
}

export const position = { start, stop, near, peek, latest, trouble };
