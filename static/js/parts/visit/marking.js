// @ts-check
// Marking a photo: pick a tool, drag on the picture; words are written first and then put in their place. Every mark is saved at once, the last
// can be taken back. With a keyboard: the arrow keys move, Enter sets the first place and the second.

import { html, nothing, svg } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { drawing } from "../../core/mark.js";
import { button, chip, chips, empty, linkButton, screen } from "../element.js";
import { textField } from "../field.js";
import { layerOf, layerView, marksText } from "../marked.js";
import { picture } from "../picture.js";
import { address } from "../router.js";
import { say } from "../shell.js";
import { t } from "../word.js";
import { isArchived } from "./archived.js";
import { bytesOf } from "./capture.js";
import { change } from "./journey.js";
import { keptView } from "./kept.js";
import { longest } from "./limit.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("../../core/mark.js").Mark} Mark */
/** @typedef {{x: number, y: number}} Place in thousandths of the picture */

const TOOLS = /** @type {const} */ (["circle", "arrow", "text"]);
const MOST = 20;
/** A drag shorter than that was a tap. */
const LEAST = 12;
const STEP = 20;
/** @type {Readonly<Record<string, Place>>} */
const KEYS = { ArrowLeft: { x: -STEP, y: 0 }, ArrowRight: { x: STEP, y: 0 }, ArrowUp: { x: 0, y: -STEP }, ArrowDown: { x: 0, y: STEP } };

const tool = signal(/** @type {typeof TOOLS[number]} */ ("circle"));
const words = signal("");
/** Where the mark under way began, and where it is now. */
const from = signal(/** @type {Place | null} */ (null));
const now = signal(/** @type {Place | null} */ (null));
const isByKey = signal(false);

/** @param {Journey} visit @param {Part} part */
export function markingView(visit, part) {
  const back = address("visit", visit.entity, "photo", part.entity);
  const { marks, width, height } = layerOf(part.body);
  if (isArchived(visit) || !part.isOwn || bytesOf(part) === null) return screen({ title: t("marking.title"), back, body: empty({ icon: "note", text: t("visit.not_own") }) });
  const begun = markOf(from.value, now.value);
  return screen({
    title: t("marking.title"), note: part.draft === null ? marksText(marks) : html`${marksText(marks)} · ${keptView()}`, back,
    body: html`
      ${chips(TOOLS.map((each) => chip({ label: t(`marking.${each}`), isOn: tool.value === each, onTap: () => choose(each), name: `tool-${each}` })), t("marking.title"))}
      ${tool.value === "text" ? textField({
        name: "words", label: t("marking.words"), value: words.value, longest: longest("photo", "marks[].text"), onInput: (text) => { words.value = text; },
      }) : nothing}
      <div class="marking marked" data-name="marking" tabindex="0" role="application" aria-label=${t("marking.keys")}
        @pointerdown=${begin} @pointermove=${move}
        @pointerup=${(/** @type {PointerEvent} */ event) => end(event, part)} @pointercancel=${drop}
        @keydown=${(/** @type {KeyboardEvent} */ event) => key(event, part)}>
        ${picture(bytesOf(part), part.body["caption"])}
        ${layerView(begun === null ? marks : [...marks, begun], { width, height })}
        ${isByKey.value && now.value !== null ? cursorView(now.value, { width, height }) : nothing}
      </div>
      <p class="visit-hint">${t("marking.note")}</p>`,
    bar: html`${button({ label: t("marking.undo"), icon: "undo", kind: "quiet", isDisabled: marks.length === 0, onTap: () => change(part, { marks: marks.slice(0, -1) }), name: "undo" })}
      ${linkButton({ label: t("act.done"), kind: "primary", href: back, name: "done" })}`,
  });
}

/** The key that leads here. @param {Journey} visit @param {Part} part */
export function markingKey(visit, part) {
  if (isArchived(visit) || !part.isOwn || bytesOf(part) === null) return nothing;
  return linkButton({ label: t("marking.add"), icon: "note", isWide: true, href: address("visit", visit.entity, "photo", part.entity, "mark"), name: "mark" });
}

/** @param {typeof TOOLS[number]} next */
function choose(next) {
  tool.value = next;
  drop();
}

/** @param {Place | null} first @param {Place | null} second @returns {Mark | null} */
function markOf(first, second) {
  if (first === null || second === null) return null;
  if (tool.value === "text") return words.value.trim() === "" ? null : { shape: "text", ...second, to_x: null, to_y: null, text: words.value.trim() };
  const isTap = Math.abs(first.x - second.x) < LEAST && Math.abs(first.y - second.y) < LEAST;
  return isTap ? null : { shape: tool.value, ...first, to_x: second.x, to_y: second.y, text: "" };
}

/** @param {PointerEvent} event */
function begin(event) {
  if (!event.isPrimary || event.button !== 0) return;
  const stage = /** @type {HTMLElement} */ (event.currentTarget);
  stage.setPointerCapture(event.pointerId);
  isByKey.value = false;
  from.value = placeIn(event);
  now.value = from.value;
}

/** @param {PointerEvent} event */
function move(event) {
  if (from.value === null || isByKey.value || !event.isPrimary) return;
  now.value = placeIn(event);
}

/** @param {PointerEvent} event @param {Part} part */
function end(event, part) {
  if (from.value === null || isByKey.value || !event.isPrimary) return;
  now.value = placeIn(event);
  put(part);
  drop();
}

function drop() {
  from.value = null;
  now.value = null;
  isByKey.value = false;
}

/** Keep the mark under way. @param {Part} part */
function put(part) {
  const mark = markOf(from.value, now.value);
  const { marks } = layerOf(part.body);
  if (mark === null) {
    if (tool.value === "text") say(t("marking.words_first"));
    return;
  }
  if (marks.length >= MOST) return say(t("marking.full", { n: MOST }));
  change(part, { marks: [...marks, mark] });
  if (mark.shape === "text") words.value = "";
}

/** Where a pointer is in the picture, which may be narrower than its room. @param {PointerEvent} event @returns {Place} */
function placeIn(event) {
  const stage = /** @type {HTMLElement} */ (event.currentTarget);
  const layer = /** @type {SVGSVGElement} */ (stage.querySelector(".photo-marks"));
  const { width, height } = layer.viewBox.baseVal;
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(layer.getScreenCTM()?.inverse());
  return { x: within((1000 * x) / width), y: within((1000 * y) / height) };
}

/** @param {number} thousandths */
function within(thousandths) {
  return Math.min(1000, Math.max(0, Math.round(thousandths)));
}

/** @param {KeyboardEvent} event @param {Part} part */
function key(event, part) {
  const step = KEYS[event.key];
  if (step === undefined && event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  if (event.key === "Escape") return drop();
  const place = isByKey.value ? now.value : null;
  isByKey.value = true;
  if (step !== undefined) {
    const at = place ?? { x: 500, y: 500 };
    now.value = { x: within(at.x + step.x), y: within(at.y + step.y) };
    return;
  }
  if (place === null) {
    now.value = { x: 500, y: 500 };
    return;
  }
  if (from.value === null && tool.value !== "text") {
    from.value = place;
    return;
  }
  from.value ??= place;
  put(part);
  from.value = null;
}

/** @param {Place} at @param {import("../../core/mark.js").Size} size */
function cursorView({ x, y }, size) {
  const { width, height } = drawing([], size);
  const [left, top] = [(x * width) / 1000, (y * height) / 1000];
  const lines = [`${left - 30} ${top} ${left + 30} ${top}`, `${left} ${top - 30} ${left} ${top + 30}`];
  return html`<svg class="photo-marks marking-cursor" aria-hidden="true" viewBox="0 0 ${width} ${height}">${lines.map((points) => svg`<polyline class="edge" points=${points}/><polyline points=${points}/>`)}</svg>`;
}

/** Put away what was begun; called when the screen changes. */
export function leaveMarking() {
  drop();
  words.value = "";
}
