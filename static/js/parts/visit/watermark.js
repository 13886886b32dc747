// @ts-check
// What stands in a photo's watermark: over every photo that is shown large, and drawn into every copy that leaves the app. Says plainly when
// there is no position, and what the time is of. On a covert visit the manner is left out.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { store } from "../../device/store.js";
import { watermarked } from "../../device/watermark.js";
import { button } from "../element.js";
import { layerOf } from "../marked.js";
import { attempt, say } from "../shell.js";
import { inLanguage, listed, t } from "../word.js";
import { bytesOf } from "./capture.js";
import { nameOf } from "./start.js";
import { subjectOf } from "./target.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

const HASH_CHARS = 8;
const NAME_CHARS = 80;

/**
 * Return the lines: where, what, when, at which position, who, and the beginning of the bytes' hash.
 * @param {Journey} visit
 * @param {Part} part
 * @returns {string[]}
 */
export function watermarkLines(visit, part) {
  const { body } = part;
  const { purpose, manner, team } = visit.visit.body;
  const people = listed(team.map((/** @type {string} */ person) => nameOf(visit.target, person)));
  const place = String(body["caption"]).includes(body["place"]) ? "" : body["place"];
  return [
    inLanguage(subjectOf(visit.target)),
    [place, body["caption"]].filter(Boolean).join(" · "),
    timeLine(body),
    positionLine(body["fix"]),
    [people, t(`purpose.${purpose}`), ...(manner === "covert" ? [] : [t(`manner_short.${manner}`)])].join(" · "),
    `SHA-256 ${(bytesOf(part) ?? "").slice(0, HASH_CHARS)}`,
  ].filter(Boolean);
}

/** To the second, with the phone's offset. @param {Record<string, any>} body */
function timeLine({ taken_at, origin }) {
  const at = `${taken_at.slice(0, 10)} ${taken_at.slice(11, 19)} ${taken_at.slice(-6)}`;
  return origin === "camera" ? at : t("photo.file_time_is", { at });
}

/** @param {{lat_e7: number, lon_e7: number, accuracy_m: number} | null} fix */
function positionLine(fix) {
  if (fix === null) return t("watermark.no_position");
  return `${(fix.lat_e7 / 1e7).toFixed(5)}, ${(fix.lon_e7 / 1e7).toFixed(5)} ±${fix.accuracy_m} m (WGS-84)`;
}

/** The lines over a photo. @param {string[]} lines */
export function watermarkView(lines) {
  return html`<figcaption class="watermark" data-name="watermark">${lines.map((line) => html`<span>${line}</span>`)}</figcaption>`;
}

/** @param {Journey} visit @param {Part} part */
export function shareButton(visit, part) {
  return button({ label: t("photo.share"), icon: "send", isWide: true, onTap: () => void attempt(() => share(visit, part)), name: "share" });
}

/** Hand a copy with its watermark to another app, or save it where the browser cannot. @param {Journey} visit @param {Part} part */
async function share(visit, part) {
  const sha256 = bytesOf(part);
  const photo = sha256 === null ? null : await store.call("photo", { sha256 });
  if (photo === null) return say(t("photo.not_on_phone"));
  const copy = await watermarked(photo.blob, watermarkLines(visit, part), layerOf(part.body).marks).catch(() => null);
  if (copy === null) return say(t("photo.no_preview"));
  const file = new File([copy], fileName(visit, part), { type: "image/jpeg" });
  if (navigator.canShare?.({ files: [file] })) return hand(file);
  save(file);
}

/** Putting the list of apps away is an answer too. @param {File} file */
async function hand(file) {
  try {
    await navigator.share({ files: [file] });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) save(file);
  }
}

/** @param {File} file */
function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Day, project, caption with the photo's number. @param {Journey} visit @param {Part} part */
function fileName(visit, { body }) {
  const words = [body["taken_at"].slice(0, 10), inLanguage(subjectOf(visit.target)), body["caption"]];
  return `${words.filter(Boolean).join("-").replace(/[\\/:*?"<>|\s]+/g, "_").slice(0, NAME_CHARS)}.jpg`;
}
