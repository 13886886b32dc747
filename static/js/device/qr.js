// @ts-check
// QR codes: drawn and read on the phone, without a network. The library is loaded when the first code is asked for; where the browser
// reads codes itself (BarcodeDetector) that is tried first.

import { closeLens, openLens } from "./lens.js";

/** Modules of light around a code that readers ask for. */
const QUIET = 4;
/** A picture larger than this is made smaller first: a code that fills a good part of it stays readable, and old phones keep up. */
const LONGEST_PX = 1280;
const TRY_MS = 400;
/** Time for another look at a picture that is not readable at once: in a picture somebody chose, and in one frame of many. */
const EFFORT_MS = { picture: 1_500, frame: 60 };

/**
 * Draw a code.
 * @param {string} text
 * @returns {Promise<boolean[][]>} rows of modules, true is dark; with the light zone around it
 */
export async function drawCode(text) {
  const { default: encodeQR } = await import("../../vendor/qr/index.js");
  return encodeQR(text, "raw", { ecc: "low", encoding: "byte", border: QUIET });
}

/**
 * Read the code in a picture somebody chose.
 * @param {Blob} file
 * @returns {Promise<string | null>} null when there is none to be read
 */
export async function readCodeOf(file) {
  const bitmap = await createImageBitmap(file);
  try {
    return await readCode(bitmap, bitmap, EFFORT_MS.picture);
  } finally {
    bitmap.close();
  }
}

/**
 * Look through the camera until a code is read or it is ended.
 * @param {HTMLVideoElement} video shows what the camera sees
 * @param {(text: string) => boolean} onCode true ends it
 * @returns {Promise<() => void>} ends it and closes the camera
 * @throws {Error} where no camera opens
 */
export async function scanCodes(video, onCode) {
  const stream = await openLens();
  let isEnded = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;
  const end = () => {
    isEnded = true;
    clearTimeout(next);
    closeLens(stream);
    video.srcObject = null;
  };
  const look = async () => {
    const size = { width: video.videoWidth, height: video.videoHeight };
    const text = size.width === 0 ? null : await readCode(video, size, EFFORT_MS.frame).catch(() => null);
    if (isEnded) return;
    if (text !== null && onCode(text)) end();
    else next = setTimeout(() => void look(), TRY_MS);
  };
  try {
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    end();
    throw error;
  }
  void look();
  return end;
}

/**
 * @param {ImageBitmap | HTMLVideoElement} source
 * @param {{width: number, height: number}} size
 * @param {number} timeLimit
 */
async function readCode(source, { width, height }, timeLimit) {
  return (await detected(source)) ?? decoded(source, width, height, timeLimit);
}

/** @typedef {{detect: (source: ImageBitmapSource) => Promise<{rawValue: string}[]>}} Detector */

/** Browsers that have it may still fail: then the library reads. @param {ImageBitmapSource} source @returns {Promise<string | null>} */
async function detected(source) {
  const Own = /** @type {{BarcodeDetector?: new (options: {formats: string[]}) => Detector}} */ (globalThis).BarcodeDetector;
  if (Own === undefined) return null;
  try {
    const [found] = await new Own({ formats: ["qr_code"] }).detect(source);
    return found?.rawValue || null;
  } catch {
    return null;
  }
}

/** @param {CanvasImageSource} source @param {number} width @param {number} height @param {number} timeLimit @returns {Promise<string | null>} */
async function decoded(source, width, height, timeLimit) {
  const { default: decodeQR } = await import("../../vendor/qr/decode.js");
  const scale = Math.min(1, LONGEST_PX / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const canvas = new OffscreenCanvas(w, h);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.drawImage(source, 0, 0, w, h);
  try {
    return decodeQR(pen.getImageData(0, 0, w, h), { timeLimit });
  } catch {
    return null; // no code in it
  }
}
