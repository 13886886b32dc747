// @ts-check
// A copy of a picture with its marks and words drawn into it, to be shared. The picture itself stays as it is: this makes other bytes.

import { EDGE, FONT, LINE, drawing } from "../core/mark.js";
import { layout } from "../core/watermark.js";

const QUALITY = 0.85;
const RED = "#e0140b";
const LETTERS = "system-ui, -apple-system, 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', sans-serif";

/**
 * Draw marks and lines into a copy.
 * @param {Blob} picture
 * @param {string[]} lines
 * @param {import("../core/mark.js").Mark[]} marks
 * @returns {Promise<Blob>} JPEG without metadata
 * @throws {Error} what cannot be decoded here
 */
export async function watermarked(picture, lines, marks) {
  const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
  try {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "white";
    context.fillRect(0, 0, bitmap.width, bitmap.height);
    context.drawImage(bitmap, 0, 0);
    write(context, lines, bitmap);
    draw(context, marks, bitmap);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  } finally {
    bitmap.close();
  }
}

/** As on screen: every line twice, the light edge below. @param {OffscreenCanvasRenderingContext2D} context @param {import("../core/mark.js").Mark[]} marks @param {{width: number, height: number}} size */
function draw(context, marks, size) {
  const { width, shapes } = drawing(marks, size);
  context.save();
  context.scale(size.width / width, size.width / width);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.font = `700 ${FONT}px ${LETTERS}`;
  for (const shape of shapes) {
    for (const [style, line_px] of /** @type {const} */ ([["white", EDGE], [RED, LINE]])) {
      context.strokeStyle = style;
      context.lineWidth = line_px;
      trace(context, shape);
    }
  }
  context.restore();
}

/** @param {OffscreenCanvasRenderingContext2D} context @param {import("../core/mark.js").Shape} shape */
function trace(context, shape) {
  context.beginPath();
  if (shape.shape === "text") {
    context.textAlign = shape.anchor;
    context.fillStyle = RED;
    if (context.lineWidth === EDGE) context.strokeText(shape.text, shape.x, shape.y);
    else context.fillText(shape.text, shape.x, shape.y);
    return;
  }
  if (shape.shape === "circle") context.ellipse(shape.cx, shape.cy, shape.rx, shape.ry, 0, 0, 2 * Math.PI);
  else for (const [from_x, from_y, ...rest] of [shape.path, shape.head]) polyline(context, from_x ?? 0, from_y ?? 0, rest);
  context.stroke();
}

/** @param {OffscreenCanvasRenderingContext2D} context @param {number} x @param {number} y @param {number[]} rest */
function polyline(context, x, y, rest) {
  context.moveTo(x, y);
  for (let at = 0; at < rest.length; at += 2) context.lineTo(rest[at] ?? 0, rest[at + 1] ?? 0);
}

/** @param {OffscreenCanvasRenderingContext2D} context @param {string[]} lines @param {{width: number, height: number}} size */
function write(context, lines, size) {
  const set = (/** @type {number} */ font_px) => {
    context.font = `${font_px}px ${LETTERS}`;
  };
  const panel = layout(lines, size, (text, font_px) => {
    set(font_px);
    return context.measureText(text).width;
  });
  set(panel.font_px);
  context.fillStyle = "rgb(0 0 0 / 72%)";
  context.fillRect(panel.x, panel.y, panel.width, panel.height);
  context.fillStyle = "white";
  context.textBaseline = "middle";
  panel.rows.forEach((row, at) => context.fillText(row, panel.x + panel.pad_px, panel.y + panel.pad_px + (at + 0.5) * panel.line_px));
}
