// @ts-check
// Instants as text (PROTOCOL 1). No clock: milliseconds and offset are passed in.

import { Refusal } from "./refusal.js";

const FORM = /^(20[0-9]{2})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})([+-])([0-9]{2}):([0-9]{2})$/;
const OFFSET_LIMIT_MIN = 14 * 60;

/** @typedef {{ms: number, offset_min: number}} Instant milliseconds since 1970 UTC; minutes east of UTC */

/**
 * Write an instant in local time with its offset.
 * @param {number} ms since 1970 UTC
 * @param {number} offsetMin minutes east of UTC (the opposite sign of `getTimezoneOffset`)
 */
export function formatInstant(ms, offsetMin) {
  const local = new Date(Math.trunc(ms) + offsetMin * 60_000).toISOString().slice(0, 23);
  const size = Math.abs(offsetMin);
  const text = `${local}${offsetMin < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  parseInstant(text);
  return text;
}

/**
 * Read an instant.
 * @param {unknown} text
 * @returns {Instant}
 */
export function parseInstant(text) {
  const match = typeof text === "string" ? FORM.exec(text) : null;
  if (match === null) throw new Refusal("not-an-instant", "not YYYY-MM-DDThh:mm:ss.sss±hh:mm");
  const [year, month, day, hour, minute, second, fraction] = match.slice(1, 8).map(Number);
  const sign = match[8] === "-" ? -1 : 1;
  const [offsetHour, offsetMinute] = [Number(match[9]), Number(match[10])];
  const ms = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second, fraction);
  const written = new Date(ms).toISOString().slice(0, 23);
  const offset_min = sign * (offsetHour * 60 + offsetMinute) || 0;
  if (written !== match[0].slice(0, 23)) throw new Refusal("not-an-instant", "no such date or time");
  if (offsetMinute > 59 || Math.abs(offset_min) > OFFSET_LIMIT_MIN || match[0].endsWith("-00:00")) {
    throw new Refusal("not-an-instant", "no such offset");
  }
  return { ms: ms - offset_min * 60_000, offset_min };
}

/**
 * Say whether a value is an instant.
 * @param {unknown} value
 * @returns {value is string}
 */
export function isInstant(value) {
  try {
    parseInstant(value);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/**
 * Write the UTC text tables keep and sort by, `YYYY-MM-DDThh:mm:ss.sssZ`.
 * @param {number} ms since 1970 UTC
 */
export function utcText(ms) {
  return new Date(ms).toISOString();
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, "0");
}
