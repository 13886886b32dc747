// @ts-check
// How the screen looks: theme, size of text, coordinates. A tap applies it at once.

import { html } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { toGcj02 } from "../core/gcj02.js";
import { display, setDisplay } from "../device/display.js";
import { section } from "./element.js";
import { choice, toggle } from "./field.js";
import { attempt } from "./shell.js";
import { t } from "./word.js";

/** @typedef {{lat_e7: number, lon_e7: number}} Point */

const THEMES = ["system", "light", "dark", "sun"];
const SIZES = ["usual", "large", "largest"];
const DIGITS = 5;

const present = signal(display());

/** @param {Partial<import("../device/display.js").Display>} changes */
function set(changes) {
  void attempt(async () => {
    present.value = setDisplay(changes);
  });
}

export function displaySection() {
  const { theme, text, has_gcj02 } = present.value;
  return section({
    title: t("display.title"), name: "display",
    body: html`<div class="stack">
      ${choice({
        name: "theme", label: t("display.theme"), isTight: true, value: theme, options: THEMES.map((value) => ({ value, label: t(`display.theme.${value}`) })),
        onChoose: (value) => set({ theme: /** @type {any} */ (value) }),
      })}
      ${choice({
        name: "text", label: t("display.text"), isTight: true, value: text, options: SIZES.map((value) => ({ value, label: t(`display.text.${value}`) })),
        onChoose: (value) => set({ text: /** @type {any} */ (value) }),
      })}
      ${toggle({ name: "gcj02", label: t("display.gcj02"), note: t("display.gcj02_note"), isOn: has_gcj02, onChange: (value) => set({ has_gcj02: value }) })}
    </div>`,
  });
}

/**
 * Write a position, named by its datum; where the person wants it, beside it as Chinese maps shift it.
 * @param {Point} point WGS-84
 * @returns {string[]} one line each
 */
export function coordinateLines(point) {
  return [`${digits(point)} (WGS-84)`, ...(present.value.has_gcj02 ? [`${digits(toGcj02(point))} (GCJ-02)`] : [])];
}

/** @param {Point} point */
function digits({ lat_e7, lon_e7 }) {
  return `${(lat_e7 / 1e7).toFixed(DIGITS)}, ${(lon_e7 / 1e7).toFixed(DIGITS)}`;
}
