// @ts-check
// The functions of expressions: how many arguments each takes and what it comes to. `fieldapp/xlsform/expression.py` has the same table
// of counts; the vectors hold both together.

import { chosen, formatted, isTrue, moment, number, text } from "./value.js";

/** @typedef {import("./value.js").Value} Value */
/** @typedef {import("./expression.js").Scope} Scope */
/**
 * @typedef {object} Call
 * @property {number} least how many arguments
 * @property {number} most
 * @property {boolean} [isMany] a reference stands for all its instances: values are lists
 * @property {(values: any[], scope: Scope) => Value} run
 */

const MANY = 99;

/** @param {number} count @param {(values: any[], scope: Scope) => Value} run @param {number} [most] @returns {Call} */
function takes(count, run, most = count) {
  return { least: count, most, run };
}

/** @param {number} count @param {(values: Value[], scope: Scope) => Value} run @param {number} [most] @returns {Call} */
function takesAll(count, run, most = MANY) {
  return { least: count, most, isMany: true, run: (values, scope) => run(values.flat(), scope) };
}

/** @param {Value[]} values */
function numbers(values) {
  return values.filter((value) => value !== "").map(number);
}

/** @param {number[]} values @param {(...values: number[]) => number} pick */
function extreme(values, pick) {
  return values.length === 0 ? Number.NaN : pick(...values);
}

/** @type {Record<string, Call>} */
export const CALLS = {
  abs: takes(1, ([value]) => Math.abs(number(value))),
  boolean: takes(1, ([value]) => isTrue(value)),
  "boolean-from-string": takes(1, ([value]) => value === "true" || value === "1" || value === true),
  ceiling: takes(1, ([value]) => Math.ceil(number(value))),
  coalesce: takes(2, ([first, second]) => (text(first) === "" ? second : first)),
  concat: takesAll(1, (values) => values.map(text).join("")),
  contains: takes(2, ([whole, part]) => text(whole).includes(text(part))),
  count: takesAll(1, (values) => values.length, 1),
  "count-non-empty": takesAll(1, (values) => values.filter((value) => value !== "").length, 1),
  "count-selected": takes(1, ([value]) => chosen(value).length),
  date: takes(1, ([value]) => moment(value).slice(0, 10)),
  "date-time": takes(1, ([value]) => moment(value)),
  "decimal-date-time": takes(1, ([value]) => number(value)),
  "ends-with": takes(2, ([whole, part]) => text(whole).endsWith(text(part))),
  false: takes(0, () => false),
  floor: takes(1, ([value]) => Math.floor(number(value))),
  "format-date": takes(2, ([value, pattern]) => formatted(value, text(pattern))),
  "format-date-time": takes(2, ([value, pattern]) => formatted(value, text(pattern))),
  if: takes(3, ([test, then, otherwise]) => (isTrue(test) ? then : otherwise)),
  "indexed-repeat": takes(3, ([values, , place]) => values[number(place) - 1] ?? ""),
  int: takes(1, ([value]) => Math.trunc(number(value))),
  join: takesAll(2, ([between, ...values]) => values.map(text).filter(Boolean).join(text(between))),
  "jr:choice-name": takes(2, ([value, name], scope) => scope.labelOf?.(text(name).replace(/[${}\s]/g, ""), text(value)) ?? text(value)),
  "lower-case": takes(1, ([value]) => text(value).toLowerCase()),
  max: takesAll(1, (values) => extreme(numbers(values), Math.max)),
  min: takesAll(1, (values) => extreme(numbers(values), Math.min)),
  "normalize-space": takes(1, ([value]) => text(value).trim().replace(/\s+/g, " ")),
  not: takes(1, ([value]) => !isTrue(value)),
  now: takes(0, (_, scope) => scope.now ?? scope.today),
  number: takes(1, ([value]) => number(value)),
  once: takes(1, ([value], scope) => (scope.self === "" ? value : scope.self)),
  position: takes(1, ([value]) => value),
  pow: takes(2, ([base, power]) => number(base) ** number(power)),
  regex: takes(2, ([value, pattern]) => new RegExp(`^(?:${text(pattern)})$`).test(text(value))),
  round: takes(1, ([value, places]) => rounded(number(value), places === undefined ? 0 : number(places)), 2),
  selected: takes(2, ([value, name]) => chosen(value).includes(text(name))),
  "selected-at": takes(2, ([value, place]) => chosen(value)[number(place)] ?? ""),
  "starts-with": takes(2, ([whole, part]) => text(whole).startsWith(text(part))),
  string: takes(1, ([value]) => text(value)),
  "string-length": takes(1, ([value]) => [...text(value)].length),
  substr: takes(2, ([value, from, to]) => [...text(value)].slice(number(from), to === undefined ? undefined : number(to)).join(""), 3),
  "substring-after": takes(2, ([whole, part]) => halves(whole, part)[1]),
  "substring-before": takes(2, ([whole, part]) => halves(whole, part)[0]),
  sum: takesAll(1, (values) => numbers(values).reduce((sum, each) => sum + each, 0)),
  today: takes(0, (_, scope) => scope.today),
  true: takes(0, () => true),
  "upper-case": takes(1, ([value]) => text(value).toUpperCase()),
};

/** @param {number} value @param {number} places */
function rounded(value, places) {
  return Math.round(value * 10 ** places) / 10 ** places;
}

/** What stands before and after the first part; nothing where it does not occur. @param {Value} whole @param {Value} part @returns {[string, string]} */
function halves(whole, part) {
  const at = text(whole).indexOf(text(part));
  return at < 0 ? ["", ""] : [text(whole).slice(0, at), text(whole).slice(at + text(part).length)];
}
