// @ts-check
// Photos on their way in: taken with the phone's camera or brought from its gallery. The draft that waits is durable before the camera
// opens; the bytes are stored and hashed the moment they arrive. Only this file talks to the phone's camera (an
// `<input type=file>`); the one inside the app is `viewfinder.js`'s.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { position } from "../../device/position.js";
import { store } from "../../device/store.js";
import { banner, button } from "../element.js";
import { attempt, fail, say, tell } from "../shell.js";
import { hasWord, t, timeText } from "../word.js";
import { change, isCorrected, journeyNow, openPart } from "./journey.js";
import { forgetChangesOf } from "./keep.js";
import { instantNow } from "./moment.js";
import { placeNear } from "./place.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("./keep.js").Body} Body */
/** @typedef {"camera" | "gallery"} Origin */
/** @typedef {{about?: string | null, item?: string, label?: string, pair_of?: string | null}} Shows what a photo is of: an entity, a checklist item, its name for the caption; the earlier photo it is to be compared with */
/** @typedef {{draft: string, origin: Origin, sealed: Body | null}} Intent a draft that waits for bytes; `sealed`: the body it corrects */
/** @typedef {{file: string, text: string}} Refusal */

const BETWEEN = " · ";
/** A camera writes its file while it is open; some file systems keep even seconds only. */
const CLOCK_SLACK_MS = 3_000;
/** Drafts whose camera is open in this page; one that waits and is not among them got nothing. */
const awaited = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @param {Part} photo @returns {string | null} */
export function bytesOf(photo) {
  return photo.body["view"]?.sha256 ?? photo.body["original"]?.sha256 ?? null;
}

/**
 * Open the camera for a new photo. The draft that waits is committed first: if this page dies meanwhile, the visit says so.
 * @param {Journey} visit
 * @param {Shows} [shows]
 * @param {(photo: string) => void} [then] told of the new photo once it is here
 */
export async function takePhoto(visit, shows = {}, then) {
  const input = picker("camera");
  await attempt(async () => {
    const { id: draft, entity } = await openWaiting(visit, shows, "camera");
    ask(input, visit, { draft, origin: "camera", sealed: null }, (origin) => {
      if (origin === "camera") seenOnSite(visit, shows.about ?? null);
      then?.(entity);
    });
  });
}

/**
 * Take a photo with the camera inside the app. The draft that waits is committed before anything is taken, as with the phone's own camera.
 * @param {Journey} visit
 * @param {Shows} shows
 * @param {() => Promise<Blob>} take
 * @returns {Promise<string | null>} the new photo, null when there is none
 */
export async function takeInside(visit, shows, take) {
  /** @type {Intent | null} */
  let intent = null;
  try {
    const draft = await openWaiting(visit, shows, "camera");
    intent = { draft: draft.id, origin: "camera", sealed: null };
    wait(draft.id, true);
    const file = new File([await take()], t("word.photo"), { type: "image/jpeg" });
    const { isHere } = await bring(visit, intent, file);
    if (!isHere) return null;
    seenOnSite(visit, shows.about ?? null);
    return draft.entity;
  } catch (error) {
    fail(error, null, t("photo.camera_failed"));
    if (intent !== null) await putAway(intent);
    return null;
  }
}

/**
 * Take a photo again: the new bytes go into its draft; where it is sealed, into one that corrects it. Until they come the old ones stay.
 * @param {Journey} visit
 * @param {Part} part
 * @param {Origin} origin
 */
export async function retakePhoto(visit, part, origin) {
  const input = picker(origin);
  await attempt(async () => {
    const draft = part.draft ?? (await part.open({}));
    await store.call("patchDraft", { id: draft, local: { awaits_photo_since: instantNow() } });
    ask(input, visit, { draft, origin, sealed: sealedOf(part) }, () => forgetChangesOf(part.key));
  });
}

/**
 * Bring in photos of the phone's gallery, several at once.
 * @param {Journey} visit
 * @param {Shows} [shows]
 */
export function importPhotos(visit, shows = {}) {
  const input = picker("gallery");
  input.multiple = true;
  input.addEventListener("change", () => void importAll(visit, shows, [...(input.files ?? [])]));
  input.click();
}

/** @param {Origin} origin */
function picker(origin) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  if (origin === "camera") input.setAttribute("capture", "environment"); // as a member it would look known where it is not
  for (const old of document.querySelectorAll("body > input[type=file]")) old.remove();
  document.body.append(input); // some browsers drop the answer of an input outside the page
  return input;
}

/** @param {Part} part what is sealed of it, whether or not a draft corrects it */
function sealedOf(part) {
  return part.draft === null ? part.body : part.sealed;
}

/** @param {Journey} visit @param {Shows} shows @param {Origin} origin */
async function openWaiting(visit, shows, origin) {
  const blank = {
    visit: visit.entity, about: shows.about ?? null, item: shows.item ?? "", caption: shows.label ?? "", place: "", origin, taken_at: instantNow(),
    fix: null, no_fix: origin === "gallery" ? "imported" : "unavailable", view: null, original: null, pair_of: shows.pair_of ?? null, marks: [], is_blurred: false,
  };
  return openPart(visit, "photo", blank, { awaits_photo_since: instantNow() });
}

/**
 * Open camera or gallery for one photo.
 * @param {HTMLInputElement} input
 * @param {Journey} visit
 * @param {Intent} intent
 * @param {(origin: Origin) => void} then once the photo is here
 */
function ask(input, visit, intent, then) {
  const asked_ms = Date.now();
  wait(intent.draft, true);
  input.addEventListener("cancel", () => void putAway(intent));
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    const isUnproven = file !== undefined && intent.origin === "camera" && !isOfCamera(input, file, asked_ms);
    void received(visit, isUnproven ? { ...intent, origin: "gallery" } : intent, file, (origin) => {
      if (isUnproven) say(t("photo.not_from_camera"));
      then(origin);
    });
  });
  input.click();
}

/**
 * Say whether a file can be called the camera's: the browser knows how to open one (others show a file dialog instead, and say
 * nothing of it), and the file was written since it was asked to.
 * @param {HTMLInputElement} input
 * @param {File} file
 * @param {number} asked_ms
 */
function isOfCamera(input, file, asked_ms) {
  const isWrittenSince = file.lastModified >= asked_ms - CLOCK_SLACK_MS && file.lastModified <= Date.now() + CLOCK_SLACK_MS;
  return "capture" in input && isWrittenSince;
}

/** @param {string} draft @param {boolean} isWaiting */
function wait(draft, isWaiting) {
  const next = new Set(awaited.peek());
  if (isWaiting) next.add(draft);
  else next.delete(draft);
  awaited.value = next;
}

/** Nothing came, and that is known: a draft made for it alone goes, any other waits no longer. @param {Intent} intent */
async function putAway({ draft: id, sealed }) {
  await attempt(async () => {
    const { body } = await store.call("draft", { id });
    const isForNothing = sealed === null ? !body.view && !body.original : !isCorrected({ draft: id, sealed, body });
    if (isForNothing) await store.call("discardDraft", { id });
    else await store.call("patchDraft", { id, local: { awaits_photo_since: null } });
  });
  wait(id, false);
}

/** @param {Journey} visit @param {Intent} intent @param {File | undefined} file @param {(origin: Origin) => void} then */
async function received(visit, intent, file, then) {
  if (file === undefined) return putAway(intent);
  const { isHere, refusal } = await bring(visit, intent, file);
  if (isHere) then(intent.origin);
  if (refusal !== null) refuse([refusal]);
}

/** What is no photo is told at the end; the first failure ends it, and what came before is kept. @param {Journey} visit @param {Shows} shows @param {File[]} files */
async function importAll(visit, shows, files) {
  /** @type {Refusal[]} */
  const refusals = [];
  for (const file of files) {
    /** @type {string | null} */
    let draft = null;
    const isOpen = await attempt(async () => { draft ??= (await openWaiting(visit, shows, "gallery")).id; });
    if (!isOpen || draft === null) break;
    wait(draft, true);
    const { isHere, refusal } = await bring(visit, { draft, origin: "gallery", sealed: null }, file);
    if (refusal !== null) refusals.push(refusal);
    else if (!isHere) break;
  }
  if (refusals.length > 0) refuse(refusals);
}

/**
 * Store and hash what arrived. A failure of this phone is shown with a key to try again; a file that is no photo is the answer.
 * @param {Journey} visit
 * @param {Intent} intent
 * @param {File} file
 */
async function bring(visit, intent, file) {
  /** @type {Refusal | null} */
  let refusal = null;
  const isDone = await attempt(async () => {
    try {
      await add(visit, intent, file);
    } catch (error) {
      refusal = refusalOf(error, file);
      if (refusal === null) throw error;
    }
  });
  if (refusal !== null) await putAway(intent);
  wait(intent.draft, false);
  return { isHere: isDone && refusal === null, refusal: /** @type {Refusal | null} */ (refusal) };
}

/** What looks wrong with the picture is told and kept with the draft, never decided. @param {Journey} visit @param {Intent} intent @param {File} file */
async function add(visit, { draft, origin }, file) {
  const body = await wordsOf(visit, draft, origin, file);
  const { problem } = await store.call("addPhoto", { draft, blob: file, body });
  if (isDoubtful(problem)) say(t("photo.bad"));
}

/** @param {string | null | undefined} problem */
export function isDoubtful(problem) {
  return problem === "black" || problem === "cut-off";
}

/**
 * When and where by our own samples; and a caption nobody has to type: item, place and number. A photo taken again keeps its number.
 * @param {Journey} visit
 * @param {string} draft
 * @param {Origin} origin
 * @param {File} file
 */
async function wordsOf(visit, draft, origin, file) {
  const { body } = await store.call("draft", { id: draft });
  const { fix, no_fix } = origin === "camera" ? position.near(Date.now()) : { fix: null, no_fix: "imported" };
  const place = (fix && placeNear(visit, fix)) || body.place;
  const isAgain = body.view !== null || body.original !== null;
  const caption = isAgain ? movedTo(body.caption, body.place, place) : captionOf(body.caption, place, nextNumber((await journeyNow()) ?? visit));
  const fresh = { ...(body.marks?.length > 0 ? { marks: [] } : {}), ...(body.is_blurred ? { is_blurred: false } : {}) }; // those were of the other picture
  return { ...fresh, fix, no_fix, place, caption, origin, taken_at: origin === "camera" ? instantNow() : takenAt(file) };
}

/** @param {string} label @param {string} place @param {number} number */
function captionOf(label, place, number) {
  const words = [label, place].filter(Boolean).join(BETWEEN).slice(0, 480);
  return [words, t("photo.number", { n: number })].filter(Boolean).join(BETWEEN);
}

/** @param {string} caption @param {string} from @param {string} to */
function movedTo(caption, from, to) {
  return caption.split(BETWEEN).map((word) => (word === from && from !== "" ? to : word)).join(BETWEEN);
}

/**
 * The number after every one the visit has given, dropped photos too; what was refused or never came took none.
 * @param {Journey} visit
 */
function nextNumber(visit) {
  const taken = [...visit.parts, ...visit.discarded].filter((part) => part.kind === "photo" && bytesOf(part) !== null);
  const [before = "", after = ""] = t("photo.number", { n: "\n" }).split("\n");
  const given = taken.map(({ body }) => {
    const last = String(body["caption"]).split(BETWEEN).at(-1) ?? "";
    const isNumbered = last.startsWith(before) && last.endsWith(after);
    const digits = isNumbered ? last.slice(before.length, last.length - after.length) : "";
    return /^\d{1,4}$/.test(digits) ? Number(digits) : 0;
  });
  return Math.max(taken.length, ...given) + 1;
}

/** @param {File} file */
function takenAt(file) {
  const isSane = file.lastModified > Date.UTC(2000, 0, 2) && file.lastModified <= Date.now();
  return instantNow(isSane ? file.lastModified : Date.now());
}

/** Who photographs an entry has seen it; a person may say otherwise. @param {Journey} visit @param {string | null} about */
function seenOnSite(visit, about) {
  const entry = visit.parts.find((part) => part.kind === "entry" && part.entity === about);
  if (entry !== undefined && entry.body["known_by"] === null) change(entry, { known_by: "seen" });
}

/** @param {unknown} error @param {File} file @returns {Refusal | null} null when the file is not to blame */
function refusalOf(error, file) {
  const { name = "", detail } = /** @type {{name?: string, detail?: {found?: string}}} */ (error ?? {});
  const key = name === "TooLarge" ? "photo.refused.too_large" : `photo.refused.${name === "PhotoBroken" ? detail?.found : ""}`;
  return hasWord(key) ? { file: file.name, text: t(key) } : null;
}

/** @param {Refusal[]} refusals */
function refuse(refusals) {
  tell(t("photo.refused", { n: refusals.length }), refusals.map(({ file, text }) => t("mark.pair", { a: file, b: text })).join("\n"), "photo-refused");
}

/**
 * Tell of photos whose camera opened and whose bytes never came, with the way to take them again.
 * @param {Journey} visit
 */
export function notReceived(visit) {
  const lost = visit.parts.filter((part) => part.kind === "photo" && part.draft !== null && isLost(part) && !awaited.value.has(part.draft));
  return lost.map((part) => banner({
    tone: "warn", icon: "camera", title: t("photo.not_received"), name: "photo-lost",
    body: t("photo.not_received_note", { time: timeText(part.local.awaits_photo_since ?? part.opened_at) }),
    actions: html`${button({ label: t("photo.again"), kind: "primary", onTap: () => void retakePhoto(visit, part, "camera") })}
      ${button({ label: t("photo.let_go"), onTap: () => void putAway({ draft: part.draft ?? "", origin: "camera", sealed: part.sealed }) })}`,
  }));
}

/** @param {Part} part */
function isLost(part) {
  return Boolean(part.local.awaits_photo_since) || bytesOf(part) === null;
}
