// @ts-check
// Marks over a photo on screen: a layer of its own, in the colour that stands out of any picture. The photo below stays as it is.

import { html, svg } from "../../vendor/lit-html/lit-html.js";
import { drawing } from "../core/mark.js";
import { listed, t } from "./word.js";

/** @typedef {import("../core/mark.js").Mark} Mark */
/** @typedef {{marks: Mark[] | null, width: number | null, height: number | null}} Layer */

/**
 * Return the layer of a photo's body.
 * @param {Record<string, any>} body
 * @returns {Layer & {marks: Mark[]}}
 */
export function layerOf(body) {
  const { width = null, height = null } = body["view"] ?? body["original"] ?? {};
  return { marks: body["marks"] ?? [], width, height };
}

/**
 * Put a photo's marks over its picture; without marks the picture is all.
 * @param {unknown} content the picture
 * @param {Partial<Layer>} layer
 * @param {{isTile?: boolean}} [options] a tile fills its room and is cut off
 */
export function marked(content, { marks, width, height }, { isTile = false } = {}) {
  if (!marks || marks.length === 0) return content;
  return html`<span class="marked">${content}${layerView(marks, { width, height }, isTile)}</span>`;
}

/** @param {Mark[]} marks @param {import("../core/mark.js").Size} size @param {boolean} [isTile] */
export function layerView(marks, size, isTile = false) {
  const { width, height, shapes } = drawing(marks, size);
  return html`<svg class="photo-marks" role="img" aria-label=${marksText(marks)} viewBox="0 0 ${width} ${height}"
    preserveAspectRatio=${isTile ? "xMidYMid slice" : "xMidYMid meet"}>${shapes.map(shapeView)}</svg>`;
}

/** @param {Mark[]} marks */
export function marksText(marks) {
  return marks.length === 0 ? t("marking.none") : `${t("marking.count", { n: marks.length })} ${listed(marks.map(({ shape, text }) => text || t(`marking.${shape}`)))}`;
}

/** Every line twice: the light edge below, the mark above. @param {import("../core/mark.js").Shape} shape */
function shapeView(shape) {
  if (shape.shape === "text") return svg`<text x=${shape.x} y=${shape.y} text-anchor=${shape.anchor}>${shape.text}</text>`;
  if (shape.shape === "circle") {
    const { cx, cy, rx, ry } = shape;
    return svg`<ellipse class="edge" cx=${cx} cy=${cy} rx=${rx} ry=${ry}/><ellipse cx=${cx} cy=${cy} rx=${rx} ry=${ry}/>`;
  }
  const [path, head] = [shape.path.join(" "), shape.head.join(" ")];
  return svg`<polyline class="edge" points=${path}/><polyline class="edge" points=${head}/><polyline points=${path}/><polyline points=${head}/>`;
}
