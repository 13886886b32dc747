// @ts-check
// The values of expressions (XPath 1.0 §3): text, numbers, booleans, and how one becomes the other. Days and times are text, and count as
// the days since 1970, so that they compare and can be counted on (XForms).

import { dayNumber } from "./day.js";

/** @typedef {string | number | boolean} Value */

/** The answer "not checked this time". */
export const UNCHECKED = "unchecked";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}.*)$/;
const TIME = /^(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(?:Z|[+-]\d{2}:\d{2})?$/;
const DAY_S = 86_400;
const DAY_MS = 86_400_000;

/** @param {Value | undefined} value */
export function isTrue(value) {
  return typeof value === "number" ? value !== 0 && !Number.isNaN(value) : Boolean(value);
}

/** @param {Value | undefined} value @returns {number} */
export function number(value) {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const plain = (value ?? "").trim();
  if (DAY.test(plain)) return dayNumber(plain);
  const moment = MOMENT.exec(plain);
  if (moment !== null) return dayNumber(moment[1] ?? "") + number(moment[2]);
  const time = TIME.exec(plain);
  if (time !== null) return (Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3] ?? 0)) / DAY_S;
  return plain === "" ? Number.NaN : Number(plain);
}

/** Numbers are written as people do: without what binary fractions add. @param {Value | undefined} value */
export function text(value) {
  return String(typeof value === "number" ? Number(value.toPrecision(15)) : value ?? "");
}

/** The names of several choices. @param {Value | undefined} value */
export function chosen(value) {
  return text(value).split(" ").filter(Boolean);
}

/** Booleans win over numbers, numbers over text. @param {Value} left @param {Value} right */
export function isEqual(left, right) {
  if (typeof left === "boolean" || typeof right === "boolean") return isTrue(left) === isTrue(right);
  if (typeof left === "number" || typeof right === "number") return number(left) === number(right);
  return left === right;
}

/** Write a value as a moment, `YYYY-MM-DDThh:mm:ss`; empty for what is none. @param {Value | undefined} value */
export function moment(value) {
  const days = number(value);
  if (Number.isNaN(days)) return "";
  return new Date(Math.round(days * DAY_S) * (DAY_MS / DAY_S)).toISOString().slice(0, 19);
}

/**
 * Write a day or moment by a pattern of `%Y %y %m %n %d %e %H %h %M %S`.
 * @param {Value | undefined} value
 * @param {string} pattern
 */
export function formatted(value, pattern) {
  const whole = moment(value);
  if (whole === "") return "";
  const [year, month, day, hour, minute, second] = whole.split(/[-T:]/);
  const parts = /** @type {Record<string, string>} */ ({
    Y: year, y: year?.slice(2), m: month, n: String(Number(month)), d: day, e: String(Number(day)), H: hour, h: String(Number(hour)), M: minute, S: second, "%": "%",
  });
  return pattern.replace(/%([YymndeHhMS%])/g, (_, letter) => parts[letter] ?? "");
}
