// @ts-check
// Before and after: photos taken here earlier, the way to take one again from the same spot, and the two beside each other.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { card, empty, linkButton, screen } from "../element.js";
import { layerOf, marked } from "../marked.js";
import { picture } from "../picture.js";
import { address } from "../router.js";
import { dayText, t, timeText } from "../word.js";
import { acceptanceOf } from "./archived.js";
import { bytesOf } from "./capture.js";
import { viewfinderView } from "./viewfinder.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/**
 * @typedef {{entity: string, sha256: string | null, caption: string, taken_at: string, about: string | null, item: string, marks: import("../marked.js").Mark[] | null,
 *   width: number | null, height: number | null}} Earlier
 */

const SHOWN = 60;
const SHOWN_OF_ITEM = 3;

/** @param {Part} part @returns {Earlier} */
function earlierOf(part) {
  const { caption, taken_at, about, item } = part.body;
  return { entity: part.entity, sha256: bytesOf(part), caption, taken_at, about: about ?? null, item, ...layerOf(part.body) };
}

/** @param {Journey} visit @param {string | undefined} entity @returns {Earlier | null} a photo of this visit, or of an earlier one */
function find(visit, entity) {
  const own = visit.parts.find((part) => part.kind === "photo" && part.entity === entity);
  if (own !== undefined) return earlierOf(own);
  return /** @type {Earlier | undefined} */ (visit.target.photos.find((row) => row["entity"] === entity)) ?? null;
}

/** The camera for a photo to be compared with an earlier one; without one, the earlier ones to choose from. @param {Journey} visit @param {string[]} rest */
export function takeSameView(visit, [entity]) {
  const earlier = find(visit, entity);
  return earlier === null || acceptanceOf(visit) !== null ? listView(visit) : viewfinderView(visit, earlier);
}

/** @param {Journey} visit */
function listView(visit) {
  const photos = /** @type {Earlier[]} */ (visit.target.photos.filter(({ sha256 }) => sha256 !== null).slice(0, SHOWN));
  return screen({
    title: t("photo.earlier"), note: t("photo.same_spot"), back: address("visit", visit.entity),
    body: photos.length === 0 ? empty({ icon: "gallery", text: t("photo.none_earlier") }) : html`<div class="stack">${photos.map((photo) => card({
      href: address("visit", visit.entity, "same", photo.entity), name: "earlier-photo",
      body: html`<span class="visit-thumb">${tile(photo)}<span>${dayText(photo.taken_at.slice(0, 10))}<br>${photo.caption}</span></span>`,
    }))}</div>`,
    bar: linkButton({ label: t("act.done"), href: address("visit", visit.entity), name: "done" }),
  });
}

/** The key to take a photo again from the same spot. @param {Journey} visit @param {Part} part */
export function takeSameKey(visit, part) {
  if (acceptanceOf(visit) !== null || bytesOf(part) === null) return nothing;
  return linkButton({ label: t("photo.take_same"), icon: "camera", isWide: true, href: address("visit", visit.entity, "same", part.entity), name: "take-same" });
}

/**
 * What was photographed earlier of something, and what was taken now to be compared with it.
 * @param {Journey} visit
 * @param {string} about
 */
export function earlierView(visit, about) {
  const photos = /** @type {Earlier[]} */ (visit.target.photos.filter((row) => row["about"] === about && row["sha256"] !== null).slice(0, SHOWN_OF_ITEM));
  const paired = visit.parts.filter((part) => part.kind === "photo" && part.body["about"] === about && part.body["pair_of"] && bytesOf(part) !== null);
  const left = photos.filter(({ entity }) => !paired.some((part) => part.body["pair_of"] === entity));
  if (photos.length + paired.length === 0) return nothing;
  return html`<div class="stack" data-name="earlier">${paired.map((part) => pairView(visit, part))}
    ${left.map((photo) => html`<a class="visit-thumb" data-name="take-same" href=${address("visit", visit.entity, "same", photo.entity)}>
      ${tile(photo)}<span>${dayText(photo.taken_at.slice(0, 10))}<br>${t("photo.take_same")}</span></a>`)}</div>`;
}

/**
 * A photo beside the earlier one it was taken to be compared with.
 * @param {Journey} visit
 * @param {Part} part
 */
export function pairView(visit, part) {
  if (!part.body["pair_of"]) return nothing;
  const before = find(visit, part.body["pair_of"]);
  const after = earlierOf(part);
  const isOneDay = before?.taken_at.slice(0, 10) === after.taken_at.slice(0, 10);
  return html`<section class="photo-pair" data-name="pair" aria-label=${t("photo.before_after")}>
    ${half(t("photo.before"), before, isOneDay)}${half(t("photo.after"), after, isOneDay)}</section>`;
}

/** @param {string} word @param {Earlier | null} photo @param {boolean} isToTheMinute */
function half(word, photo, isToTheMinute) {
  const title = photo === null ? word : `${word} ${isToTheMinute ? timeText(photo.taken_at) : dayText(photo.taken_at.slice(0, 10))}`;
  return html`<figure><figcaption>${title}</figcaption>${marked(picture(photo?.sha256 ?? null, title, { canFetch: photo !== null }), photo ?? {})}</figure>`;
}

/** @param {Earlier} photo */
function tile(photo) {
  return marked(picture(photo.sha256, "", { isTile: true }), photo, { isTile: true });
}
