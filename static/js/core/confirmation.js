// @ts-check
// Confirmation on site: what the unit visited is shown of a visit, and how its signature is drawn.

/** @typedef {import("./part.js").Part} Part */
/** @typedef {{points: number[]}} Stroke x, y, x, y … in thousandths of the pad's width */

/** The pad, in the same thousandths. */
export const PAD = { width: 1000, height: 400 };
/** A point nearer than that to the one before says nothing. */
const LEAST = 6;
const MOST_POINTS = 1000;
const MOST_STROKES = 200;
const OF_ONES_OWN = new Set(["seen", "measured", "documented", "said_by_unit"]);

/**
 * Return what the unit may read: what the inspectors saw, measured or found in papers, and its own word. Never what somebody else told, whatever is not
 * sorted yet, and nothing of talks, meetings, questions and their origin.
 * @template {{kind: string, body: Record<string, any>}} P
 * @param {P[]} parts
 * @returns {P[]}
 */
export function shownTo(parts) {
  return parts.filter(({ kind, body }) => {
    if (kind === "progress") return body["observed_permille"] !== null;
    if (kind === "reconciliation" || kind === "claim") return true;
    return kind === "entry" && body["list"] !== "later" && !body["heard_in"] && OF_ONES_OWN.has(body["known_by"] ?? "seen");
  });
}

/**
 * Add a point to the last stroke; one too near to the last is left out, and so is what there is no room for: a scribble must not keep a visit from being sealed.
 * @param {Stroke[]} strokes
 * @param {{x: number, y: number}} point
 * @returns {Stroke[]} the same ones when nothing was added
 */
export function drawnTo(strokes, { x, y }) {
  const last = strokes.at(-1)?.points ?? [];
  const [before_x = -LEAST, before_y = -LEAST] = last.slice(-2);
  const drawn = strokes.reduce((sum, { points }) => sum + points.length, 0);
  if (strokes.length > MOST_STROKES || drawn >= 4 * MOST_POINTS || last.length >= 2 * MOST_POINTS || Math.hypot(x - before_x, y - before_y) < LEAST) return strokes;
  return [...strokes.slice(0, -1), { points: [...last, x, y] }];
}
