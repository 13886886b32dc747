// @ts-check
// A pad to sign on with a finger. Strokes are kept when the finger is lifted; all of it can be done again.

import { html, nothing, svg } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { PAD, drawnTo } from "../../core/confirmation.js";
import { button } from "../element.js";
import { t } from "../word.js";

/** @typedef {import("../../core/confirmation.js").Stroke} Stroke */

/** Strokes while a finger is down. */
const drawing = signal(/** @type {Stroke[] | null} */ (null));

/**
 * @param {{strokes: Stroke[], onChange: (strokes: Stroke[]) => void}} pad
 */
export function signaturePad({ strokes, onChange }) {
  const shown = drawing.value ?? strokes;
  /** @param {PointerEvent} event */
  const begin = (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
    drawing.value = drawnTo([...strokes, { points: [] }], placeOf(event));
  };
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (drawing.value !== null && event.isPrimary) drawing.value = drawnTo(drawing.value, placeOf(event));
  };
  const end = () => {
    if (drawing.value === null) return;
    onChange(drawing.value.filter(({ points }) => points.length > 0));
    drawing.value = null;
  };
  return html`<div class="signing" data-name="signature">
    <svg class="signature" viewBox="0 0 ${PAD.width} ${PAD.height}" role="img" aria-label=${t("confirmation.sign_here")}
      @pointerdown=${begin} @pointermove=${move} @pointerup=${end} @pointercancel=${end}>${shown.map(strokeView)}</svg>
    ${shown.length === 0 ? html`<p class="field-hint">${t("confirmation.sign_here")}</p>` : nothing}
    ${strokes.length > 0 ? button({ label: t("confirmation.sign_again"), icon: "undo", kind: "quiet", onTap: () => onChange([]), name: "sign-again" }) : nothing}</div>`;
}

/** @param {Stroke} stroke */
function strokeView({ points }) {
  const pairs = points.flatMap((x, at) => (at % 2 === 0 ? `${x},${points[at + 1]}` : []));
  // A dot is a stroke of one place.
  return svg`<polyline points=${[...pairs, pairs.length === 1 ? pairs[0] : ""].join(" ")}/>`;
}

/** @param {PointerEvent} event */
function placeOf(event) {
  const room = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
  const within = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(most, Math.max(0, Math.round(value)));
  return { x: within((PAD.width * (event.clientX - room.left)) / room.width, PAD.width), y: within((PAD.height * (event.clientY - room.top)) / room.height, PAD.height) };
}
