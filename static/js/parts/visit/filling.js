// @ts-check
// What is being filled in just now. What it still lacks is asked for quietly there, and called missing only when the person has gone
// on: to another thing, to another screen, or to submission.

import { signal } from "../../../vendor/signals-core/signals-core.mjs";

const present = signal(/** @type {string | null} */ (null));

/** Somebody works on a part; whatever was worked on before is left. @param {string} key of the part */
export function fillIn(key) {
  present.value = key;
}

/** Another screen came: everything is left. */
export function leaveAll() {
  present.value = null;
}

/**
 * Return how a field says that it is needed: as a question while its part is being filled in, as an error afterwards.
 * @param {string} key of the part
 * @param {string} text
 * @returns {{ask: string} | {error: string}}
 */
export function neededText(key, text) {
  return present.value === key ? { ask: text } : { error: text };
}
