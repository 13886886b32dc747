// @ts-check
// Covering faces: new bytes of a picture in which some areas are a few plain cells. What was there cannot be reckoned back.

import { smallOf } from "./image.js";

const QUALITY = 0.85;
/** Along the longer side of an area; a face of so few cells is nobody's. */
const CELLS = 5;

/** @typedef {{x: number, y: number, to_x: number, to_y: number}} Area two corners, in thousandths of the picture */

/**
 * Make the picture with areas covered.
 * @param {Blob} picture upright
 * @param {Area[]} areas
 * @returns {Promise<import("./image.js").View>}
 * @throws {Error} what cannot be decoded here
 */
export async function covered(picture, areas) {
  const bitmap = await createImageBitmap(picture);
  try {
    const { width, height } = bitmap;
    const canvas = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(bitmap, 0, 0);
    for (const area of areas) cover(context, bitmap, area);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    return { bytes: new Uint8Array(await blob.arrayBuffer()), media_type: "image/jpeg", width, height, small: await smallOf(canvas) };
  } finally {
    bitmap.close();
  }
}

/** @param {OffscreenCanvasRenderingContext2D} context @param {ImageBitmap} bitmap @param {Area} area */
function cover(context, bitmap, { x, y, to_x, to_y }) {
  const left = Math.floor((Math.min(x, to_x) * bitmap.width) / 1000);
  const top = Math.floor((Math.min(y, to_y) * bitmap.height) / 1000);
  const width = Math.max(1, Math.ceil((Math.max(x, to_x) * bitmap.width) / 1000) - left);
  const height = Math.max(1, Math.ceil((Math.max(y, to_y) * bitmap.height) / 1000) - top);
  const cell_px = Math.max(1, Math.max(width, height) / CELLS);
  const small = new OffscreenCanvas(Math.max(1, Math.round(width / cell_px)), Math.max(1, Math.round(height / cell_px)));
  const cells = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d"));
  cells.imageSmoothingQuality = "high";
  cells.drawImage(bitmap, left, top, width, height, 0, 0, small.width, small.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, left, top, width, height);
}
