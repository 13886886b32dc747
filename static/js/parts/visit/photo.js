// @ts-check
// Photos: taken with the phone's camera or brought in from its gallery. The draft is durable before the camera opens; the bytes are
// stored and hashed the moment they arrive. Only this file talks to the camera (an `<input type=file>`).

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { photoNeed } from "../../core/checklist.js";
import { distanceM } from "../../core/place.js";
import { position } from "../../device/position.js";
import { store } from "../../device/store.js";
import { banner, button, card, photoStrip, row, rows, screen, sheet } from "../element.js";
import { choice, textField } from "../field.js";
import { picture } from "../picture.js";
import { address, go } from "../router.js";
import { attempt, say } from "../shell.js";
import { distanceText, inLanguage, language, t, timeText } from "../word.js";
import { change, discard, openPart } from "./journey.js";
import { instantNow } from "./moment.js";
import { pagesOf } from "./standing.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {{about?: string | null, item?: string, label?: string}} Shows what a photo is of: an entity, a checklist item, its name for the caption */

const PLACE_LIMIT_M = 300;
/** Photo drafts whose camera is open in this page; every other photo draft without bytes was never received. */
const awaited = signal(/** @type {ReadonlySet<string>} */ (new Set()));
/** What was wrong with the bytes of a photo, by draft. */
const problems = signal(/** @type {ReadonlyMap<string, string>} */ (new Map()));

/** @param {Part} photo @returns {string | null} */
export function bytesOf(photo) {
  return photo.body["view"]?.sha256 ?? photo.body["original"]?.sha256 ?? null;
}

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
 * Open the camera. The row that waits for the photo is committed first: if this page dies meanwhile, the visit says so.
 * @param {Journey} visit
 * @param {Shows} [shows]
 */
export async function takePhoto(visit, shows = {}) {
  const input = picker({ isCamera: true });
  const number = photoCount(visit) + 1;
  await attempt(async () => {
    const draft = await openPart(visit, "photo", blankPhoto(visit, shows, "camera", number));
    wait(draft.id, true);
    input.addEventListener("cancel", () => void giveUp(draft.id));
    input.addEventListener("change", () => void received(visit, draft.id, input.files, shows.about ?? null, (place) => captionOf(shows.label ?? "", place, number)));
    input.click();
  });
}

/**
 * Bring in photos of the phone's gallery, several at once.
 * @param {Journey} visit
 * @param {Shows} [shows]
 */
export function importPhotos(visit, shows = {}) {
  const input = picker({ isCamera: false });
  input.addEventListener("change", () => void importAll(visit, shows, [...(input.files ?? [])]));
  input.click();
}

/** @param {{isCamera: boolean}} wanted */
function picker({ isCamera }) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  if (isCamera) input.capture = "environment";
  else input.multiple = true;
  for (const old of document.querySelectorAll("body > input[type=file]")) old.remove();
  document.body.append(input); // some browsers drop the answer of an input outside the page
  return input;
}

/** @param {Journey} visit */
function photoCount(visit) {
  return visit.parts.filter((part) => part.kind === "photo").length;
}

/** @param {Journey} visit @param {Shows} shows @param {"camera" | "gallery"} origin @param {number} number */
function blankPhoto(visit, shows, origin, number) {
  return {
    visit: visit.entity, about: shows.about ?? null, item: shows.item ?? "", caption: captionOf(shows.label ?? "", "", number), place: "", origin,
    taken_at: instantNow(), fix: null, no_fix: origin === "gallery" ? "imported" : "unavailable", view: null, original: null,
  };
}

/** Item, place and number: nobody has to type a caption. @param {string} label @param {string} place @param {number} number */
function captionOf(label, place, number) {
  return [label, place, t("photo.number", { n: number })].filter(Boolean).join(" · ").slice(0, 500);
}

/** @param {string} draft @param {boolean} isWaiting */
function wait(draft, isWaiting) {
  const next = new Set(awaited.peek());
  if (isWaiting) next.add(draft);
  else next.delete(draft);
  awaited.value = next;
}

/** @param {string} draft */
async function giveUp(draft) {
  wait(draft, false);
  await attempt(() => store.call("discardDraft", { id: draft }));
}

/** @param {Journey} visit @param {string} draft @param {FileList | null} files @param {string | null} about @param {(place: string) => string} caption */
async function received(visit, draft, files, about, caption) {
  const file = files?.[0];
  if (file === undefined) return giveUp(draft);
  await attempt(async () => {
    await locate(visit, draft, caption);
    await addBytes(draft, file);
  });
  seenOnSite(visit, about);
  return wait(draft, false);
}

/** Who photographs an entry has seen it; a person may say otherwise. @param {Journey} visit @param {string | null} about */
function seenOnSite(visit, about) {
  const entry = visit.parts.find((part) => part.kind === "entry" && part.entity === about);
  if (entry !== undefined && entry.body["known_by"] === null) change(entry, { known_by: "seen" });
}

/** @param {Journey} visit @param {Shows} shows @param {File[]} files */
async function importAll(visit, shows, files) {
  let number = photoCount(visit);
  for (const file of files) {
    number += 1;
    const blank = { ...blankPhoto(visit, shows, "gallery", number), taken_at: takenAt(file) };
    const isStored = await attempt(async () => addBytes((await openPart(visit, "photo", blank)).id, file));
    if (!isStored) return; // the first failure is shown; what came before it is kept
  }
}

/** @param {File} file */
function takenAt(file) {
  const isSane = file.lastModified > Date.UTC(2000, 0, 2) && file.lastModified <= Date.now();
  return instantNow(isSane ? file.lastModified : Date.now());
}

/** Store and hash the bytes; what looks wrong with them is told, never decided. @param {string} draft @param {File} file */
async function addBytes(draft, file) {
  const { problem } = await store.call("addPhoto", { draft, blob: file });
  if (problem === "black" || problem === "cut-off") {
    problems.value = new Map(problems.peek()).set(draft, problem);
    say(t("photo.bad"));
  }
}

/**
 * Put the position of our own samples and the nearest named place to a photo that has just arrived.
 * @param {Journey} visit
 * @param {string} draft
 * @param {(place: string) => string} caption
 */
async function locate(visit, draft, caption) {
  const { fix, no_fix } = position.near(Date.now());
  const name = fix ? placeNear(visit, fix) : "";
  await store.call("patchDraft", { id: draft, body: { fix, no_fix, place: name, caption: caption(name) } });
}

/** @param {Journey} visit @param {{lat_e7: number, lon_e7: number, accuracy_m: number}} fix */
function placeNear(visit, fix) {
  /** @type {{lat_e7: number, lon_e7: number, name: string}[]} */
  const places = visit.target.project?.["site"].places ?? [];
  const near = places
    .map((each) => ({ each, away_m: distanceM(each, fix) }))
    .filter(({ away_m }) => away_m <= PLACE_LIMIT_M + fix.accuracy_m)
    .sort((a, b) => a.away_m - b.away_m)[0];
  return near ? inLanguage(near.each) : "";
}

/**
 * Tell of photos whose camera opened and whose bytes never came, with the way to take them again.
 * @param {Journey} visit
 */
export function notReceived(visit) {
  const lost = visit.parts.filter((part) => part.kind === "photo" && part.draft !== null && bytesOf(part) === null && !awaited.value.has(part.draft));
  return lost.map((part) => banner({
    tone: "warn", icon: "camera", title: t("photo.not_received"), name: "photo-lost",
    body: t("photo.not_received_note", { time: timeText(part.opened_at) }),
    actions: html`${button({ label: t("photo.again"), kind: "primary", onTap: () => void again(visit, part) })}
      ${button({ label: t("photo.let_go"), onTap: () => void discard(part) })}`,
  }));
}

/** @param {Journey} visit @param {Part} part */
async function again(visit, part) {
  const { about, item } = part.body;
  const label = part.body["caption"].split(" · ").slice(0, -1).join(" · ");
  if (part.draft !== null) await attempt(() => store.call("discardDraft", { id: part.draft }));
  await takePhoto(visit, { about, item, label });
}

/**
 * The photos of something, with a key to take another.
 * @param {Journey} visit
 * @param {Shows} shows
 */
export function photosView(visit, shows) {
  return photoStrip({
    photos: photosOf(visit, shows).map((part) => ({
      key: part.key, sha256: bytesOf(part), caption: part.body["caption"], href: address("visit", visit.entity, "photo", part.entity),
      mark: problems.value.has(part.draft ?? "") ? t("photo.bad_short") : undefined,
    })),
    onAdd: () => void takePhoto(visit, shows),
    addLabel: t("visit.photo"),
  });
}

/**
 * One photo: large, with its words.
 * @param {Journey} visit
 * @param {Part} part
 */
export function photoView(visit, part) {
  const problem = problems.value.get(part.draft ?? "");
  return screen({
    title: t("word.photo"), note: timeText(part.body["taken_at"]), back: address("visit", visit.entity),
    body: html`
      ${problem ? banner({
        tone: "warn", icon: "warning", title: t("photo.bad"),
        actions: button({ label: t("photo.again"), kind: "primary", onTap: () => void again(visit, part) }),
      }) : nothing}
      <figure class="visit-photo">${picture(bytesOf(part), part.body["caption"])}</figure>
      ${textField({
        name: "caption", label: t("photo.caption"), value: part.body["caption"], rows: 2, maxLength: 500,
        onInput: (caption) => change(part, { caption }),
      })}
      ${rows([
        row({ label: t("photo.shows"), value: shownText(visit, part), onTap: () => { choosing.value = part.key; }, name: "shows" }),
        row({ label: t("photo.origin"), value: t(part.body["origin"] === "gallery" ? "photo.imported" : "photo.camera") }),
        row({ label: t("photo.position"), value: positionText(visit, part) }),
      ])}
      ${choosing.value === part.key ? aboutSheet(visit, part) : nothing}`,
    bar: part.draft !== null ? button({ label: t("visit.drop"), kind: "quiet", isWide: true, onTap: () => void drop(visit, part), name: "drop" }) : undefined,
  });
}

const choosing = signal(/** @type {string | null} */ (null));

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
  const before = [...visit.target.questions, ...visit.target.claims, ...visit.target.problems].map((each) => ({ value: each["entity"], label: inLanguage(each, "what") }));
  const milestones = visit.target.milestonesAtHand.map((each) => ({ value: each["entity"], label: inLanguage(each) }));
  const items = pagesOf(visit).flatMap((page) => page.items).filter((item) => photoNeed(item, "") === "required");
  const asked = items.map((item) => ({ value: `item:${item.id}`, label: language() === "en" ? item.en : item.zh, note: t("word.checklist") }));
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

/** Accuracy and age as the phone gave them, or why there is no position. @param {Journey} visit @param {Part} part */
function positionText(visit, part) {
  const { fix, no_fix } = part.body;
  if (!fix) return t(`photo.no_fix.${no_fix ?? "unavailable"}`);
  const age = fix.age_ms < 60_000 ? "" : ` · ${t("photo.fix_age", { n: Math.round(fix.age_ms / 60_000) })}`;
  const site = visit.target.project?.["site"];
  const away_m = site ? distanceM(site, fix) : 0;
  const far = site && away_m - fix.accuracy_m > site.radius_m ? ` · ${t("photo.far", { d: distanceText(away_m) })}` : "";
  return `${t("photo.fix", { n: fix.accuracy_m })}${age}${far}`;
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
    body: html`<span class="visit-thumb">${picture(bytesOf(part), part.body["caption"])}<span>${part.body["caption"]}</span></span>`,
  });
}
