// @ts-check
// Join a colleague's visit: scan the code on the other phone, choose a picture of it, or paste its text. Nothing is asked of a network, and
// this phone need not have heard of the project.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { Refusal } from "../../core/refusal.js";
import { ARCHIVE_CHARS, readVisitCode } from "../../core/visit_code.js";
import { readCodeOf, scanCodes } from "../../device/qr.js";
import { store } from "../../device/store.js";
import { banner, button, screen, section } from "../element.js";
import { textField } from "../field.js";
import { held } from "../held.js";
import { address, go } from "../router.js";
import { attempt, identity } from "../shell.js";
import { t } from "../word.js";

/** @typedef {"asked" | "opening" | "open" | "none"} Camera */

const camera = signal(/** @type {Camera} */ ("opening"));
const typed = signal("");
/** Why the last code was not taken: a word of `visit_code.js`, or `no-code`, `other-archive`. */
const refused = signal(/** @type {string | null} */ (null));
/** @type {HTMLVideoElement | null} */
let shown = null;
let end = () => {};
let isJoining = false;

export const joining = {
  enter() {
    camera.value = "opening";
    typed.value = "";
    refused.value = null;
  },
  leave: close,
  view() {
    return screen({
      title: t("join.scan"), note: t("join.scan_note"), back: address("home"),
      body: html`
        ${camera.value === "none"
          ? banner({ icon: "camera", title: t("photo.no_camera"), body: t("join.no_camera"), name: "no-camera" })
          : html`<div class="scanner"><video data-lens=${camera.value} muted autoplay playsinline aria-label=${t("photo.live")} ${held(hold)}></video></div>`}
        <div role="status">${refused.value === null ? nothing : banner({ tone: "warn", icon: "warning", body: t(`join.refused.${refused.value}`), name: "refused" })}</div>
        ${button({ label: t("join.picture"), icon: "gallery", isWide: true, onTap: choose, name: "picture" })}
        ${section({ title: t("join.paste"), name: "paste", body: html`<div class="stack">
          ${textField({ name: "code", label: t("join.text"), value: typed.value, rows: 3, hint: t("join.text_hint"), autocomplete: "off", onInput: (text) => { typed.value = text; } })}
          ${button({ label: t("join.go"), kind: "primary", isWide: true, isDisabled: typed.value.trim() === "", onTap: () => void take(typed.peek()), name: "join" })}</div>` })}`,
    });
  },
};

/** Take a code; false when it is none of ours. @param {string} text */
async function take(text) {
  const code = read(text);
  if (code === null || isJoining) return code !== null;
  isJoining = true;
  const isDone = await attempt(() => joinOnce(code));
  isJoining = false;
  if (isDone) go(address("visit", code.visit), { isInstead: true });
  return isDone;
}

/** One's own visit, under way on this phone, is only gone to. @param {import("../../core/visit_code.js").Joined} code */
async function joinOnce(code) {
  const own = await store.call("drafts", { visit: code.visit, kind: "visit" });
  if (own.length === 0) await store.call("join", { visit: code });
}

/** @param {string} text @returns {import("../../core/visit_code.js").Joined | null} */
function read(text) {
  try {
    const code = readVisitCode(text);
    refused.value = code.archive === identity.peek()?.archive.slice(0, ARCHIVE_CHARS) ? null : "other-archive";
    return refused.peek() === null ? code : null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused.value = error.reason;
    return null;
  }
}

function choose() {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  input.addEventListener("change", () => void look(input.files?.[0]));
  for (const old of document.querySelectorAll("body > input[type=file]")) old.remove();
  document.body.append(input); // some browsers drop the answer of an input outside the page
  input.click();
}

/** @param {File | undefined} file */
async function look(file) {
  if (file === undefined) return;
  const text = await readCodeOf(file).catch(() => null);
  if (text === null) refused.value = "no-code";
  else await take(text);
}

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
    const stop = await scanCodes(video, seen);
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

/** @param {string} text */
function seen(text) {
  if (read(text) === null) return false;
  void take(text);
  return true;
}

function close() {
  end();
  end = () => {};
  shown = null;
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void open();
  else end();
});
