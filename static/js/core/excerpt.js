// @ts-check
// The words around what a person searched for. Pure.

const BEFORE = 12;
const AFTER = 40;

/** @typedef {{before: string, match: string, after: string}} Excerpt `match` is empty where nothing of it stands as it was typed */

/**
 * Return the first text in which something of what was typed stands, cut around it; where none does, the beginning of the first.
 * @param {string[]} texts
 * @param {string} typed
 * @param {string[]} terms the grams of what was typed
 * @returns {Excerpt}
 */
export function excerpt(texts, typed, terms) {
  for (const wanted of [typed.trim(), ...terms.sort((a, b) => b.length - a.length)]) {
    for (const text of texts) {
      const at = wanted === "" ? -1 : text.toLowerCase().indexOf(wanted.toLowerCase());
      if (at >= 0) return cut(text, at, wanted.length);
    }
  }
  return cut(texts[0] ?? "", 0, 0);
}

/** @param {string} text @param {number} at @param {number} length @returns {Excerpt} */
function cut(text, at, length) {
  const begin = [...text.slice(0, at)];
  const end = [...text.slice(at + length)];
  const before = begin.length > BEFORE ? `…${begin.slice(-BEFORE).join("")}` : begin.join("");
  const after = end.length > AFTER ? `${end.slice(0, AFTER).join("")}…` : end.join("");
  return { before: flat(before), match: flat(text.slice(at, at + length)), after: flat(after) };
}

/** @param {string} text */
function flat(text) {
  return text.replace(/\s+/g, " ");
}
