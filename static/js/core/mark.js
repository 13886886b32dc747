// @ts-check
// What is drawn over a photo, as plain shapes; `fieldapp/mark.py` gives the same (tests/vectors/mark.json). Pure.

export const FONT = 52;
/** Width of a line, and of the light edge around it. */
export const LINE = 9;
export const EDGE = 17;
const LONGEST = 1000;
const WITHOUT_SIZE = { width: 4, height: 3 };
const HEAD = 70;
const HEAD_SHARE = 0.5;
const COS = 0.88;
const SIN = 0.47;

/** @typedef {{shape: string, x: number, y: number, to_x: number | null, to_y: number | null, text: string}} Mark places in thousandths of the picture */
/**
 * @typedef {{shape: "arrow", path: number[], head: number[]} | {shape: "circle", cx: number, cy: number, rx: number, ry: number}
 *   | {shape: "text", x: number, y: number, anchor: "start" | "end", text: string}} Shape
 */
/** @typedef {{width?: number | null, height?: number | null}} Size */

/**
 * Return the shapes of marks in a space as wide and high as the picture, its longer side 1,000; without its size it is taken for 4:3.
 * @param {Mark[]} marks
 * @param {Size} size
 * @returns {{width: number, height: number, shapes: Shape[]}}
 */
export function drawing(marks, size) {
  const { width: wide, height: high } = size.width && size.height ? /** @type {{width: number, height: number}} */ (size) : WITHOUT_SIZE;
  const longest = Math.max(wide, high);
  const [width, height] = [whole((LONGEST * wide) / longest), whole((LONGEST * high) / longest)];
  return { width, height, shapes: marks.map((mark) => shapeOf(mark, width, height)) };
}

/** @param {Mark} mark @param {number} width @param {number} height @returns {Shape} */
function shapeOf(mark, width, height) {
  const [x, y] = [(mark.x * width) / 1000, (mark.y * height) / 1000];
  // Words grow towards the middle and stay inside.
  if (mark.shape === "text") return { shape: "text", x: whole(x), y: whole(Math.max(y, FONT)), anchor: mark.x < 500 ? "start" : "end", text: mark.text };
  const [to_x, to_y] = [((mark.to_x ?? 0) * width) / 1000, ((mark.to_y ?? 0) * height) / 1000];
  if (mark.shape === "circle") {
    return { shape: "circle", cx: whole((x + to_x) / 2), cy: whole((y + to_y) / 2), rx: whole(Math.abs(to_x - x) / 2), ry: whole(Math.abs(to_y - y) / 2) };
  }
  return { shape: "arrow", path: [x, y, to_x, to_y].map(whole), head: headOf(x, y, to_x, to_y) };
}

/** The three points of an arrow's head: one side, the tip, the other side. @param {number} x @param {number} y @param {number} to_x @param {number} to_y */
function headOf(x, y, to_x, to_y) {
  const length = Math.sqrt((to_x - x) * (to_x - x) + (to_y - y) * (to_y - y)) || 1;
  const reach = Math.min(HEAD, HEAD_SHARE * length) / length;
  const [back_x, back_y] = [(x - to_x) * reach, (y - to_y) * reach];
  const one = [to_x + back_x * COS - back_y * SIN, to_y + back_x * SIN + back_y * COS];
  const other = [to_x + back_x * COS + back_y * SIN, to_y - back_x * SIN + back_y * COS];
  return [...one, to_x, to_y, ...other].map(whole);
}

/** @param {number} number */
function whole(number) {
  return Math.floor(number + 0.5);
}
