// @ts-check
/**
 * The view of a photo: what everybody looks at. At most 2,048 px, upright, JPEG, without any metadata. Made only after the original
 * bytes are stored; a failure never costs the original. One photo at a time: a decoded picture needs about 100 MB.
 */

import { fitInto, mediaTypeOf, readJpeg, turnedSize } from "../core/jpeg.js";

const VIEW_PX = 2048;
const QUALITY = 0.8;
const SMALL_PX = 640;
const SMALL_QUALITY = 0.7;
const SAMPLE_PX = 16;

/** @typedef {null | "cut-off" | "undecodable" | "black"} Problem */
/** @typedef {{bytes: Uint8Array<ArrayBuffer>, media_type: "image/jpeg", width: number, height: number, small: Uint8Array<ArrayBuffer>}} View `small`: for lists */
/** @typedef {{media_type: string | null, width: number | null, height: number | null, is_cut_off: boolean}} Look */

/**
 * Look at the header of a picture; nothing is decoded. Width and height are after turning, null where the header does not tell.
 * @param {Uint8Array} bytes
 * @returns {Look}
 */
export function look(bytes) {
  const media_type = mediaTypeOf(bytes);
  const jpeg = media_type === "image/jpeg" ? readJpeg(bytes) : null;
  const { width, height } = jpeg ? turnedSize(jpeg) : { width: null, height: null };
  return { media_type, width, height, is_cut_off: media_type === "image/jpeg" && !jpeg?.is_whole };
}

/**
 * Derive the view.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Look} seen
 * @returns {Promise<{view: View | null, width: number | null, height: number | null, problem: Problem}>} size of the original, upright
 */
export async function makeView(bytes, seen) {
  const problem = seen.is_cut_off ? "cut-off" : null;
  let bitmap;
  try {
    bitmap = await decode(new Blob([bytes], { type: seen.media_type ?? "" }), seen);
  } catch {
    return { view: null, width: seen.width, height: seen.height, problem: problem ?? "undecodable" };
  }
  try {
    const width = seen.width ?? bitmap.width;
    const height = seen.height ?? bitmap.height;
    const { canvas, isUniform } = draw(bitmap, fitInto({ width, height }, VIEW_PX));
    if (isUniform) return { view: null, width, height, problem: problem ?? "black" };
    const view = {
      bytes: await jpegOf(canvas, QUALITY), media_type: /** @type {const} */ ("image/jpeg"), width: canvas.width, height: canvas.height, small: await smallOf(canvas),
    };
    free(canvas);
    return { view, width, height, problem };
  } finally {
    bitmap.close();
  }
}

/**
 * Decode, upright; at view size at once where the header tells the size, which spares memory.
 * @param {Blob} blob
 * @param {Look} seen
 */
function decode(blob, { width, height }) {
  if (width === null || height === null) return createImageBitmap(blob, { imageOrientation: "from-image" });
  const size = fitInto({ width, height }, VIEW_PX);
  const resize = { resizeWidth: size.width, resizeHeight: size.height, resizeQuality: /** @type {const} */ ("medium") };
  return createImageBitmap(blob, { imageOrientation: "from-image", ...resize });
}

/**
 * The picture for lists: a hub of twenty photos would else hold twenty large ones in memory.
 * @param {OffscreenCanvas} large
 */
export async function smallOf(large) {
  const { width, height } = fitInto(large, SMALL_PX);
  const canvas = new OffscreenCanvas(width, height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(large, 0, 0, width, height);
  const bytes = await jpegOf(canvas, SMALL_QUALITY);
  free(canvas);
  return bytes;
}

/** @param {OffscreenCanvas} canvas @param {number} quality */
async function jpegOf(canvas, quality) {
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
  return new Uint8Array(await blob.arrayBuffer());
}

/** Give the pixels back now; a collector sees a canvas as a small thing and takes its time. @param {OffscreenCanvas} canvas */
function free(canvas) {
  canvas.width = 0;
  canvas.height = 0;
}

/**
 * Draw at a size, and tell whether the result is one colour all over: some phones give a black picture instead of an error.
 * @param {ImageBitmap} bitmap
 * @param {{width: number, height: number}} size
 */
function draw(bitmap, { width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  // JPEG knows no transparency; without a ground it would turn black.
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  const sample = new OffscreenCanvas(SAMPLE_PX, SAMPLE_PX);
  const small = /** @type {OffscreenCanvasRenderingContext2D} */ (sample.getContext("2d", { willReadFrequently: true }));
  small.drawImage(canvas, 0, 0, SAMPLE_PX, SAMPLE_PX);
  const pixels = new Uint32Array(small.getImageData(0, 0, SAMPLE_PX, SAMPLE_PX).data.buffer);
  free(sample);
  return { canvas, isUniform: pixels.every((pixel) => pixel === pixels[0]) };
}
