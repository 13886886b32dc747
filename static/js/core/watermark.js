// @ts-check
// Where the words of a watermark stand in a picture: a panel in the lower left corner, in a size that follows the picture's. Pure; how wide
// a text is, the caller measures.

/** Of the shorter side; readable on a phone's screen and on paper. */
const FONT_SHARE = 1 / 34;
const FONT_LEAST_PX = 10;
const FONT_MOST_PX = 60;
/** Of the picture's height and width that the panel may take. */
const HIGHEST = 0.45;
const WIDEST = 0.94;
const LINE_HEIGHT = 1.35;
const SMALLER = 0.88;

/** @typedef {{font_px: number, line_px: number, pad_px: number, rows: string[], width: number, height: number, x: number, y: number}} Panel */
/** @typedef {(text: string, font_px: number) => number} Measure the width of a text in px */

/**
 * Lay out lines in a picture; long ones go on in the next row, and the letters shrink until all have room. Where even the smallest do not,
 * the last rows are left out, the first never.
 * @param {string[]} lines
 * @param {{width: number, height: number}} size of the picture
 * @param {Measure} measure
 * @returns {Panel}
 */
export function layout(lines, { width, height }, measure) {
  let font_px = Math.min(FONT_MOST_PX, Math.max(FONT_LEAST_PX, Math.round(Math.min(width, height) * FONT_SHARE)));
  let panel = panelOf(lines, width, height, font_px, measure);
  while (panel.height > height * HIGHEST && font_px > FONT_LEAST_PX) {
    font_px = Math.max(FONT_LEAST_PX, Math.floor(font_px * SMALLER));
    panel = panelOf(lines, width, height, font_px, measure);
  }
  return panel;
}

/** @param {string[]} lines @param {number} width @param {number} height @param {number} font_px @param {Measure} measure @returns {Panel} */
function panelOf(lines, width, height, font_px, measure) {
  const line_px = Math.ceil(font_px * LINE_HEIGHT);
  const pad_px = Math.ceil(font_px * 0.6);
  const room = Math.max(font_px, Math.floor(width * WIDEST) - 2 * pad_px);
  const most = Math.max(1, Math.floor((height - 2 * pad_px) / line_px));
  const rows = lines.flatMap((line) => wrapped(line, room, (text) => measure(text, font_px))).slice(0, most);
  const widest = Math.max(...rows.map((row) => Math.ceil(measure(row, font_px))), 0);
  const box = { width: Math.min(width, widest + 2 * pad_px), height: Math.min(height, rows.length * line_px + 2 * pad_px) };
  return { font_px, line_px, pad_px, rows, ...box, x: 0, y: height - box.height };
}

/**
 * Break a line into rows: at blanks where there are any near, else between two letters, as Chinese is broken.
 * @param {string} line
 * @param {number} room in px
 * @param {(text: string) => number} measure
 * @returns {string[]} at least one
 */
export function wrapped(line, room, measure) {
  const rows = [];
  let rest = [...line.trim()];
  while (rest.length > 1 && measure(rest.join("")) > room) {
    let fits = 1;
    while (fits < rest.length && measure(rest.slice(0, fits + 1).join("")) <= room) fits += 1;
    const blank = rest.slice(0, fits + 1).lastIndexOf(" ");
    const at = blank > fits / 2 ? blank : fits;
    rows.push(rest.slice(0, at).join("").trim());
    rest = [...rest.slice(at).join("").trim()];
  }
  return [...rows, rest.join("")];
}
