// @ts-check
// Dragging over a photo from one place to another. With a keyboard: the arrow keys move, Enter sets the first place and the second, Escape
// gives it up.

import { html, nothing, svg } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { drawing } from "../../core/mark.js";

/** @typedef {{x: number, y: number}} Place in thousandths of the picture */
/** @typedef {{from: Place, to: Place}} Drag */

const MIDDLE = { x: 500, y: 500 };
const STEP = 20;
/** @type {Readonly<Record<string, Place>>} */
const KEYS = { ArrowLeft: { x: -STEP, y: 0 }, ArrowRight: { x: STEP, y: 0 }, ArrowUp: { x: 0, y: -STEP }, ArrowDown: { x: 0, y: STEP } };
/** A drag shorter than that was a tap. */
const LEAST = 12;

const from = signal(/** @type {Place | null} */ (null));
const now = signal(/** @type {Place | null} */ (null));
const isByKey = signal(false);

/** The drag under way. @returns {Drag | null} */
export function dragNow() {
  return from.value === null || now.value === null ? null : { from: from.value, to: now.value };
}

/** @param {Drag} drag */
export function isTap({ from: first, to }) {
  return Math.abs(first.x - to.x) < LEAST && Math.abs(first.y - to.y) < LEAST;
}

/** Give up what was begun. */
export function dropDrag() {
  from.value = null;
  now.value = null;
  isByKey.value = false;
}

/**
 * A photo to drag on.
 * @param {{name: string, label: string, picture: unknown, layer: unknown, size: import("../../core/mark.js").Size, isPoint?: boolean,
 *   onDrag: (drag: Drag) => void}} stage `layer`: an SVG over the picture; `isPoint`: with the keyboard one place is enough
 */
export function dragStage({ name, label, picture, layer, size, isPoint = false, onDrag }) {
  const put = () => {
    const drag = dragNow();
    if (drag !== null) onDrag(drag);
  };
  /** @param {PointerEvent} event */
  const end = (event) => {
    if (!isMine(event)) return;
    now.value = placeOf(event);
    put();
    dropDrag();
  };
  return html`<div class="marking marked" data-name=${name} tabindex="0" role="application" aria-label=${label}
    @pointerdown=${begin} @pointermove=${move} @pointerup=${end} @pointercancel=${dropDrag}
    @keydown=${(/** @type {KeyboardEvent} */ event) => key(event, isPoint, put)}>
    ${picture}${layer}${isByKey.value && now.value !== null ? cursorView(now.value, size) : nothing}</div>`;
}

/** @param {PointerEvent} event */
function begin(event) {
  if (!event.isPrimary || event.button !== 0) return;
  /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
  isByKey.value = false;
  from.value = placeOf(event);
  now.value = from.value;
}

/** @param {PointerEvent} event */
function isMine(event) {
  return from.value !== null && !isByKey.value && event.isPrimary;
}

/** @param {PointerEvent} event */
function move(event) {
  if (isMine(event)) now.value = placeOf(event);
}

/** Where a pointer is in the picture, which may be narrower than its room. @param {PointerEvent} event @returns {Place} */
function placeOf(event) {
  const layer = /** @type {SVGSVGElement} */ (/** @type {HTMLElement} */ (event.currentTarget).querySelector(".photo-marks"));
  const { width, height } = layer.viewBox.baseVal;
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(layer.getScreenCTM()?.inverse());
  return { x: within((1000 * x) / width), y: within((1000 * y) / height) };
}

/** @param {number} thousandths */
function within(thousandths) {
  return Math.min(1000, Math.max(0, Math.round(thousandths)));
}

/** @param {KeyboardEvent} event @param {boolean} isPoint @param {() => void} put */
function key(event, isPoint, put) {
  const step = KEYS[event.key];
  if (step === undefined && event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  if (event.key === "Escape") return dropDrag();
  const place = isByKey.value ? now.value : null;
  isByKey.value = true;
  if (step !== undefined) {
    const { x, y } = place ?? MIDDLE;
    now.value = { x: within(x + step.x), y: within(y + step.y) };
  } else if (place === null) now.value = MIDDLE;
  else if (from.value === null && !isPoint) from.value = place;
  else {
    from.value ??= place;
    put();
    from.value = null;
  }
}

/** @param {Place} at @param {import("../../core/mark.js").Size} size */
function cursorView({ x, y }, size) {
  const { width, height } = drawing([], size);
  const [left, top] = [(x * width) / 1000, (y * height) / 1000];
  const lines = [`${left - 30} ${top} ${left + 30} ${top}`, `${left} ${top - 30} ${left} ${top + 30}`];
  return html`<svg class="photo-marks marking-cursor" aria-hidden="true" viewBox="0 0 ${width} ${height}">${lines.map((points) => svg`<polyline class="edge" points=${points}/><polyline points=${points}/>`)}</svg>`;
}
