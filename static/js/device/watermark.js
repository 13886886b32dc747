// @ts-check
// A copy of a picture with words drawn into it, to be shared. The picture itself stays as it is: this makes other bytes.

import { layout } from "../core/watermark.js";

const QUALITY = 0.85;
const LETTERS = "system-ui, -apple-system, 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', sans-serif";

/**
 * Draw lines into a copy.
 * @param {Blob} picture
 * @param {string[]} lines
 * @returns {Promise<Blob>} JPEG without metadata
 * @throws {Error} what cannot be decoded here
 */
export async function watermarked(picture, lines) {
  const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
  try {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "white";
    context.fillRect(0, 0, bitmap.width, bitmap.height);
    context.drawImage(bitmap, 0, 0);
    write(context, lines, bitmap);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  } finally {
    bitmap.close();
  }
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
