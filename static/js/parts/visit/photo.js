// @ts-check
// Photos as they are looked at: in strips and cards, and one large with its words. What came back is mended here.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { markOf, photoNeed } from "../../core/checklist.js";
import { coordinateLines } from "../display.js";
import { banner, button, card, photoStrip, row, rows, screen, sheet } from "../element.js";
import { choice, textField } from "../field.js";
import { layerOf, marked } from "../marked.js";
import { picture } from "../picture.js";
import { address, go } from "../router.js";
import { inLanguage, language, t, timeText } from "../word.js";
import { blurKey, blurView } from "./blur.js";
import { bytesOf, isDoubtful, retakePhoto, takePhoto } from "./capture.js";
import { change, discard, isCorrected } from "./journey.js";
import { keptView } from "./kept.js";
import { longest } from "./limit.js";
import { markingKey, markingView } from "./marking.js";
import { pairView, takeSameKey } from "./pair.js";
import { placeField, positionText } from "./place.js";
import { returnedView, standingReturn } from "./returned.js";
import { pagesOf } from "./standing.js";
import { shareButton, watermarkLines, watermarkView } from "./watermark.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("./capture.js").Shows} Shows */

/**
 * Return the photos of a visit that hang on something, oldest first.
 * @param {Journey} visit
 * @param {Shows} shows
 */
export function photosOf(visit, { about, item }) {
  return visit.parts
    .filter((part) => part.kind === "photo" && bytesOf(part) !== null)
    .filter((part) => (about ? part.body["about"] === about : item ? part.body["item"] === item : true))
    .reverse();
}

/**
 * What a list shows of a photo: undefined until its view is made, since decoding a camera's original takes 50 MB for a tile.
 * @param {Part} part
 */
function tileOf(part) {
  const isComing = part.draft !== null && !part.body["view"] && !part.local.problem;
  return isComing ? undefined : bytesOf(part);
}

/**
 * The photos of something, with a key to take another.
 * @param {Journey} visit
 * @param {Shows} shows
 */
export function photosView(visit, shows) {
  return photoStrip({
    photos: photosOf(visit, shows).map((part) => ({
      key: part.key, sha256: tileOf(part), layer: layerOf(part.body), caption: part.body["caption"], href: address("visit", visit.entity, "photo", part.entity),
      mark: isDoubtful(part.local.problem) ? t("photo.bad_short") : undefined,
    })),
    onAdd: () => void takePhoto(visit, shows),
    addLabel: t("visit.photo"),
  });
}

/**
 * One photo: large, with its words, and what the reviewer said of it; or what is done with it.
 * @param {Journey} visit
 * @param {Part} part
 * @param {string} [what]
 */
export function photoView(visit, part, what) {
  if (what === "mark") return markingView(visit, part);
  return what === "blur" ? blurView(visit, part) : wholeView(visit, part);
}

/** @param {Journey} visit @param {Part} part */
function wholeView(visit, part) {
  const isImported = part.body["origin"] !== "camera";
  const time = isImported ? t("photo.file_time_is", { at: timeText(part.body["taken_at"]) }) : timeText(part.body["taken_at"]);
  return screen({
    title: t("word.photo"), note: part.draft === null ? time : html`${time} · ${keptView()}`, back: address("visit", visit.entity),
    body: html`
      ${returnedView(visit, part)}
      ${isDoubtful(part.local.problem) ? banner({ tone: "warn", icon: "warning", title: t("photo.bad"), name: "photo-bad" }) : nothing}
      ${mayRetake(visit, part) ? retakeKeys(visit, part) : nothing}
      <figure class="visit-photo watermarked">${marked(picture(bytesOf(part), part.body["caption"], { canFetch: true }), layerOf(part.body))}${watermarkView(watermarkLines(visit, part))}</figure>
      ${pairView(visit, part)}
      ${textField({
        name: "caption", label: t("photo.caption"), value: part.body["caption"], rows: 2, longest: longest("photo", "caption"),
        onInput: (caption) => change(part, { caption }),
      })}
      ${placeField(visit, part)}
      ${rows([
        row({ label: t("photo.shows"), value: shownText(visit, part), onTap: () => { choosing.value = part.key; }, name: "shows" }),
        row({ label: t("photo.origin"), value: t(`choice.origin.${part.body["origin"]}`) }),
        row({ label: t("photo.position"), value: positionText(visit, part), note: coordinatesOf(part), name: "position" }),
      ])}
      ${markingKey(visit, part)}
      ${blurKey(visit, part)}
      ${takeSameKey(visit, part)}
      ${shareButton(visit, part)}
      ${choosing.value === part.key ? aboutSheet(visit, part) : nothing}`,
    bar: html`${part.draft !== null ? button({ label: t("visit.drop"), kind: "quiet", onTap: () => void drop(visit, part), name: "drop" }) : nothing}
      ${button({ label: t("act.done"), kind: isToBeRetaken(visit, part) ? "plain" : "primary", onTap: () => go(address("visit", visit.entity)), name: "done" })}`,
  });
}

/** @param {Part} part */
function coordinatesOf({ body }) {
  return body["fix"] ? coordinateLines(body["fix"]).map((line, at) => html`${at > 0 ? html`<br>` : nothing}${line}`) : undefined;
}

const choosing = signal(/** @type {string | null} */ (null));

/** A picture that looks wrong, and any of a visit that came back. @param {Journey} visit @param {Part} part */
function mayRetake(visit, part) {
  return part.isOwn && (isDoubtful(part.local.problem) || (part.record !== null && standingReturn(visit) !== null));
}

/** It looks wrong, or came back and nothing was done about it yet. @param {Journey} visit @param {Part} part */
function isToBeRetaken(visit, part) {
  const isReturned = standingReturn(visit)?.items.some((item) => item.entity === part.entity) ?? false;
  return part.isOwn && (isDoubtful(part.local.problem) || (isReturned && !isCorrected(part)));
}

/** @param {Journey} visit @param {Part} part */
function retakeKeys(visit, part) {
  const kind = isToBeRetaken(visit, part) ? "primary" : "plain";
  return html`<div class="visit-pair">
    ${button({ label: t("photo.again"), icon: "camera", kind, onTap: () => void retakePhoto(visit, part, "camera"), name: "retake" })}
    ${button({ label: t("photo.imported"), icon: "gallery", onTap: () => void retakePhoto(visit, part, "gallery"), name: "replace" })}</div>`;
}

/** @param {Journey} visit @param {Part} part */
async function drop(visit, part) {
  await discard(part);
  go(address("visit", visit.entity), { isInstead: true });
}

/** @param {Journey} visit @param {Part} part */
function shownText(visit, part) {
  return aboutOptions(visit).find((each) => each.value === shownValue(part))?.label ?? t("photo.whole_visit");
}

/** @param {Part} part */
function shownValue(part) {
  return part.body["about"] ?? (part.body["item"] ? `item:${part.body["item"]}` : "");
}

/** @param {Journey} visit */
function aboutOptions(visit) {
  const entries = visit.parts.filter((part) => part.kind === "entry").map((part) => ({ value: part.entity, label: part.body["what"] || t("word.entry") }));
  const before = [...visit.target.questions, ...visit.target.claims, ...visit.target.problems, ...visit.target.lookBacks].map((each) => ({ value: each["entity"], label: inLanguage(each, "what") }));
  const milestones = visit.target.milestonesAtHand.map((each) => ({ value: each["entity"], label: inLanguage(each) }));
  const items = pagesOf(visit).flatMap((page) => page.items).filter((item) => photoNeed(item, "") === "required");
  const asked = items.map((item) => ({ value: `item:${markOf(item)}`, label: language() === "en" ? item.en : item.zh, note: t("word.checklist") }));
  return [{ value: "", label: t("photo.whole_visit") }, ...entries, ...before, ...milestones, ...asked];
}

/** @param {Journey} visit @param {Part} part */
function aboutSheet(visit, part) {
  const close = () => {
    choosing.value = null;
  };
  return sheet({
    title: t("photo.shows"), onClose: close,
    body: choice({
      name: "about", label: t("photo.shows"), isLabelHidden: true, options: aboutOptions(visit), value: shownValue(part),
      onChoose: (value) => {
        const item = value.startsWith("item:") ? value.slice(5) : "";
        change(part, { item, about: item || value === "" ? null : value });
        close();
      },
    }),
  });
}

/**
 * A photo in the list of what was recorded.
 * @param {Journey} visit
 * @param {Part} part
 * @param {unknown} tag
 */
export function photoCard(visit, part, tag) {
  return card({
    tag, href: address("visit", visit.entity, "photo", part.entity), name: "part-photo",
    body: html`<span class="visit-thumb">${marked(picture(tileOf(part), "", { isTile: true }), layerOf(part.body), { isTile: true })}<span>${part.body["caption"]}</span></span>`,
  });
}
