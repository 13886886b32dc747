// @ts-check
// Marks that turn the direction of text, closed where they are shown beside other words: what was sealed is shown as it was sealed, and the
// rest of the line stays readable. The desk has the same rule. Pure.

const PAIRS = [
  { opening: /[\u2066-\u2068]/g, end: "\u2069" },
  { opening: /[\u202a\u202b\u202d\u202e]/g, end: "\u202c" },
];

/**
 * Close what a text leaves open.
 * @param {string} text
 */
export function closed(text) {
  return PAIRS.reduce((done, { opening, end }) => {
    const open = (text.match(opening) ?? []).length - (text.split(end).length - 1);
    return open > 0 ? done + end.repeat(open) : done;
  }, text);
}
