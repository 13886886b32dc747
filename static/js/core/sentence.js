// @ts-check
// The sentences of a note, as people write and dictate them.

/** What ends a sentence; a full stop only before a blank or the end, since figures have points. */
const END = /(?<=[。！？；!?;])\s*|(?<=\.)\s+|\n+/u;
const HAS_WORD = /[\p{L}\p{N}]/u;

/**
 * Return the sentences of a text in their order, each once.
 * @param {string} text
 * @returns {string[]}
 */
export function sentences(text) {
  const found = text.split(END).map((each) => each.trim()).filter((each) => HAS_WORD.test(each));
  return [...new Set(found)];
}
