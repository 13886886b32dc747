// @ts-check
// The same spot again: the earlier photo over the picture of the camera, or beside it. Where no camera opens inside the app, the earlier
// photo is shown and the phone's own camera takes the new one.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { closeLens, openLens, takeThrough } from "../../device/lens.js";
import { banner, button, chip, chips, screen } from "../element.js";
import { held } from "../held.js";
import { picture } from "../picture.js";
import { address, go } from "../router.js";
import { dayText, t } from "../word.js";
import { takeInside, takePhoto } from "./capture.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./pair.js").Earlier} Earlier */

const state = signal(/** @type {"opening" | "open" | "none"} */ ("opening"));
const isBeside = signal(false);
const isTaking = signal(false);
/** The video on screen. @type {HTMLVideoElement | null} */
let shown = null;

/**
 * @param {Journey} visit
 * @param {Earlier} earlier
 */
export function viewfinderView(visit, earlier) {
  const isNone = state.value === "none";
  return screen({
    title: t("photo.take_same"), note: [dayText(earlier.taken_at.slice(0, 10)), earlier.caption].filter(Boolean).join(" · "), back: address("visit", visit.entity),
    body: html`
      ${isNone ? banner({ tone: "warn", icon: "camera", title: t("photo.no_camera"), body: t("photo.no_camera_note"), name: "no-camera" }) : nothing}
      <div class="viewfinder" data-state=${isNone ? "none" : isBeside.value ? "beside" : "over"}>
        ${isNone ? nothing : html`<video class="viewfinder-live" data-lens=${state.value} muted autoplay playsinline aria-label=${t("photo.live")} ${held(hold)}></video>`}
        <div class="viewfinder-earlier">${picture(earlier.sha256, t("photo.earlier"), { canFetch: isNone })}</div>
      </div>
      ${isNone ? nothing : chips([
        chip({ label: t("photo.over"), isOn: !isBeside.value, onTap: () => { isBeside.value = false; }, name: "over" }),
        chip({ label: t("photo.beside"), isOn: isBeside.value, onTap: () => { isBeside.value = true; }, name: "beside" }),
      ], t("photo.earlier"))}`,
    bar: html`${button({
      label: t("photo.own_camera"), kind: isNone ? "primary" : "quiet", name: "own-camera",
      onTap: () => void takePhoto(visit, showsOf(earlier), (photo) => show(visit, photo)),
    })}${isNone ? nothing : button({ label: t("visit.photo"), icon: "camera", kind: "primary", onTap: () => void take(visit, earlier), name: "shutter" })}`,
  });
}

/** What the new photo is of: what the earlier one was. @param {Earlier} earlier @returns {import("./capture.js").Shows} */
function showsOf({ entity, about, item }) {
  return { pair_of: entity, about, item, label: t("photo.same_spot") };
}

/** One tap, one photo. @param {Journey} visit @param {Earlier} earlier */
async function take(visit, earlier) {
  const video = shown;
  if (video === null || state.peek() !== "open" || isTaking.peek()) return;
  isTaking.value = true;
  const photo = await takeInside(visit, showsOf(earlier), () => takeThrough(video)).finally(() => { isTaking.value = false; });
  if (photo !== null) show(visit, photo);
}

/** @param {Journey} visit @param {string} photo */
function show(visit, photo) {
  go(address("visit", visit.entity, "photo", photo), { isInstead: true });
}

/** Hold the video on screen and open the camera for it. @param {Element} video */
function hold(video) {
  if (shown === video) return;
  shown = /** @type {HTMLVideoElement} */ (video);
  queueMicrotask(() => void open());
}

/** The camera is open for as long as its picture is on screen and the screen is looked at. */
async function open() {
  const video = shown;
  const isWanted = () => video !== null && video === shown && video.isConnected && video.srcObject === null && document.visibilityState === "visible";
  if (!isWanted()) return;
  state.value = "opening";
  try {
    const stream = await openLens();
    if (video === null || !isWanted()) return closeLens(stream);
    video.srcObject = stream;
    await video.play();
    state.value = "open";
  } catch (error) {
    console.warn("camera", error);
    if (video !== shown) return;
    close();
    state.value = "none";
  }
}

function close() {
  if (shown === null) return;
  closeLens(/** @type {MediaStream | null} */ (shown.srcObject));
  shown.srcObject = null;
}

document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? void open() : close()));

/** Close the camera; called when its screen is left. The next one looks for it anew: it may have been allowed meanwhile. */
export function closeViewfinder() {
  close();
  shown = null;
  state.value = "opening";
}
