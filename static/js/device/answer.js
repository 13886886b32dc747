// @ts-check
// Reading the archive's answers: what is not of the form asked for is left out.

import { isObject } from "../core/ijson.js";

/** @import { Json, JsonObject } from "../core/port.js" */

/** @typedef {{position: number, head: string}} Place where a stream ends */

/**
 * Say whether a listing does not fit what was pulled: a stream that became shorter, or another history of the same length.
 * @param {Place} held
 * @param {Place | undefined} place undefined: the stream is empty there
 * @returns {boolean}
 */
export function disagree(held, place) {
  if (place === undefined) return held.position > 0;
  return place.position < held.position || (place.position === held.position && place.head !== held.head);
}

/**
 * The objects of a list.
 * @param {Json | undefined} value
 * @returns {JsonObject[]}
 */
export function objectsOf(value) {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * The texts of a list.
 * @param {Json | undefined} value
 * @returns {string[]}
 */
export function textsOf(value) {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
