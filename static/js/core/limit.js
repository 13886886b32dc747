// @ts-check
// How long what people write may be. The limits come with the description of the kinds (domain `description`); nothing is cut here:
// what is too long is told, and kept as it is until a person shortens it.

import { wellFormed } from "./ijson.js";

/** @typedef {Record<string, number>} Limits by path: `what` characters, `decided` items, `decided[].what` of each, `notes{}` of each value */
/** @typedef {{path: string, over: number}} Excess how much too long; `path` as in the limits */

/**
 * Count the characters of a text as they are sealed: trimmed, and one for each code point, as the archive counts them.
 * @param {string} text
 */
export function lengthOf(text) {
  return [...wellFormed(text).trim()].length;
}

/**
 * Return what of a body is longer than the archive takes, in the body's order.
 * @param {Record<string, any>} body
 * @param {Limits} limits
 * @returns {Excess[]}
 */
export function excess(body, limits) {
  return Object.entries(body).flatMap(([name, value]) => excessOf(name, value, limits));
}

/**
 * @param {string} path
 * @param {unknown} value
 * @param {Limits} limits
 * @returns {Excess[]}
 */
function excessOf(path, value, limits) {
  const limit = limits[path] ?? Infinity;
  const size = typeof value === "string" ? lengthOf(value) : Array.isArray(value) ? value.length : 0;
  const here = size > limit ? [{ path, over: size - limit }] : [];
  if (value === null || typeof value !== "object") return here;
  const inner = (/** @type {string} */ name) => (Array.isArray(value) ? `${path}[]` : `${path}{}` in limits ? `${path}{}` : `${path}.${name}`);
  return [...here, ...Object.entries(value).flatMap(([name, each]) => excessOf(inner(name), each, limits))];
}
