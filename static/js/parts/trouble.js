// @ts-check
// When nothing can be recorded here: what is missing, in plain words, and what to do about it. Also the page of a tab whose storage
// another tab uses.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { store } from "../device/store.js";
import { button, screen } from "./element.js";
import { attempt } from "./shell.js";
import { hasWord, t } from "./word.js";

/**
 * What stands in the way of working on this phone.
 * @param {string} word of device/capability.js or the name of a StoreError
 * @param {string} detail as the browser put it, for whoever helps
 */
export function troubleView(word, detail) {
  const key = [word, word.toLowerCase(), "other"].find((each) => hasWord(`capability.${each}`)) ?? "other";
  const steps = [1, 2, 3].map((n) => `capability.${key}_step_${n}`).filter(hasWord);
  return screen({
    title: t("capability.title"),
    body: html`<p data-name="trouble" data-word=${word}>${t(`capability.${key}`)}</p>
      ${steps.length ? html`<ol class="steps">${steps.map((step) => html`<li>${t(step)}</li>`)}</ol>` : nothing}
      <p><strong>${location.origin}/phone/</strong></p>
      ${detail ? html`<p class="field-hint">${detail}</p>` : nothing}`,
    bar: button({ label: t("act.again"), kind: "primary", icon: "update", onTap: () => location.reload() }),
  });
}

/** The storage is used by another tab: one key takes it over. Nothing typed there is lost. */
export function elsewhereView() {
  return screen({
    title: t("lease.elsewhere_title"),
    body: html`<p>${t("lease.elsewhere")}</p>`,
    bar: button({ label: t("lease.use_here"), kind: "primary", onTap: () => void attempt(() => store.use()), name: "use-here" }),
  });
}
