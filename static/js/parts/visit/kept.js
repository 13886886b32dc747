// @ts-check
// The word for what is being written: kept on this phone, said only after the commit of the last change.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { t } from "../word.js";
import { keeping } from "./keep.js";

export function keptView() {
  const { isWaiting } = keeping.value;
  return html`<span class="visit-state" data-name="state" data-state=${isWaiting ? "saving" : "kept"} aria-live="polite">${t(isWaiting ? "visit.saving" : "visit.kept")}</span>`;
}
