// @ts-check
// Looking for a code with the camera, or in a picture somebody chose. What a code means is the screen's to say.

import { html } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { readCodeOf, scanCodes } from "../device/qr.js";
import { banner, button } from "./element.js";
import { held } from "./held.js";
import { t } from "./word.js";

/** @typedef {"opening" | "open" | "none"} Camera */

/**
 * One scanner of a screen, which calls `enter` and `leave` with its own.
 * @param {object} told
 * @param {(text: string) => boolean} told.onText a code was read; true ends looking
 * @param {() => void} told.onNothing the picture somebody chose has none
 * @param {string} told.withoutCamera key of the sentence shown where no camera opens
 */
export function scanner({ onText, onNothing, withoutCamera }) {
  const camera = signal(/** @type {Camera} */ ("opening"));
  /** @type {HTMLVideoElement | null} */
  let shown = null;
  let end = () => {};

  /** Hold the video on screen and open the camera for it. @param {Element} video */
  function hold(video) {
    if (shown === video) return;
    shown = /** @type {HTMLVideoElement} */ (video);
    queueMicrotask(() => void open());
  }

  async function open() {
    const video = shown;
    const isWanted = () => video !== null && video === shown && video.isConnected && document.visibilityState === "visible";
    if (video === null || !isWanted() || video.srcObject !== null) return;
    camera.value = "opening";
    try {
      const stop = await scanCodes(video, onText);
      if (!isWanted()) return stop();
      end = stop;
      camera.value = "open";
    } catch (error) {
      console.warn("camera", error);
      if (video !== shown) return;
      shown = null;
      camera.value = "none";
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void open();
    else end();
  });

  return {
    enter() {
      camera.value = "opening";
    },
    leave() {
      end();
      end = () => {};
      shown = null;
    },
    /** The picture of the camera, or that there is none. */
    video: () => camera.value === "none"
      ? banner({ icon: "camera", title: t("photo.no_camera"), body: t(withoutCamera), name: "no-camera" })
      : html`<div class="scanner"><video data-lens=${camera.value} muted autoplay playsinline aria-label=${t("photo.live")} ${held(hold)}></video></div>`,
    /** The way to a picture of a code. */
    chooser: () => button({ label: t("join.picture"), icon: "gallery", isWide: true, onTap: () => choose((file) => void look(file, onText, onNothing)), name: "picture" }),
  };
}

/** @param {(file: File) => void} onFile */
function choose(onFile) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) onFile(file);
  });
  for (const old of document.querySelectorAll("body > input[type=file]")) old.remove();
  document.body.append(input); // some browsers drop the answer of an input outside the page
  input.click();
}

/**
 * @param {File} file
 * @param {(text: string) => boolean} onText
 * @param {() => void} onNothing
 */
async function look(file, onText, onNothing) {
  const text = await readCodeOf(file).catch(() => null);
  if (text === null) onNothing();
  else onText(text);
}
