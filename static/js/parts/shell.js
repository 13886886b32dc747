// @ts-check
// What every screen shares: who is here, what failed, what was just said. A failed save is always shown and stays
// until it is put away or done again.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { banner, button } from "./element.js";
import { reasonText } from "./reason.js";
import { t } from "./word.js";

/** @typedef {{person: string, name: string, role: string, kid: string, archive: string, archive_name: string, enrolled_at: string, label: string}} Identity */
/** @typedef {{view: (args: string[]) => unknown, enter?: (args: string[]) => void, leave?: () => void}} Screen */
/** @typedef {{title: string, text: string, again: (() => void) | null, name: string}} Failure */
/** @typedef {{text: string, action: {label: string, onTap: () => void} | null}} Said */

/** Who uses the phone now; null before anybody is chosen. */
export const identity = signal(/** @type {Identity | null} */ (null));
const failure = signal(/** @type {Failure | null} */ (null));
const said = signal(/** @type {Said | null} */ (null));

/**
 * Do work that saves or sends. A failure is shown, with a key to try again; the answer says whether it went well.
 * @param {() => Promise<unknown>} work
 * @returns {Promise<boolean>}
 */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    fail(error, () => void attempt(work), t("failure.title"));
    return false;
  }
}

/**
 * Show a failure in words. What is not an error of the store or the network is a bug, shown and logged as one.
 * @param {unknown} error
 * @param {(() => void) | null} [again]
 * @param {string} [title] what did not succeed
 */
export function fail(error, again = null, title = t("failure.title_other")) {
  console.error(error);
  failure.value = { title, text: reasonText(error), again, name: "failure" };
}

/**
 * Tell of something that was not taken and will not be by trying again; it stays until it is put away.
 * @param {string} title
 * @param {string} text a line each
 * @param {string} name
 */
export function tell(title, text, name) {
  failure.value = { title, text, again: null, name };
}

/**
 * Say something that needs no answer, at the bottom, with at most one key (undo). The next word or screen replaces it.
 * @param {string} text
 * @param {{label: string, onTap: () => void} | null} [action]
 */
export function say(text, action = null) {
  said.value = { text, action };
}

/** Put away what was said; called when the screen changes. */
export function hush() {
  said.value = null;
}

/** The lines above and below every screen. */
export function failureView() {
  const shown = failure.value;
  if (!shown) return nothing;
  const away = () => {
    failure.value = null;
  };
  const again = () => {
    away();
    shown.again?.();
  };
  return html`<div class="failure">${banner({
    tone: "bad", icon: "warning", title: shown.title, body: shown.text, isUrgent: true, name: shown.name,
    actions: html`${shown.again ? button({ label: t("act.again"), onTap: again, kind: "primary" }) : nothing}
      ${button({ label: t("act.close"), onTap: away })}`,
  })}</div>`;
}

/** What was just said, for eyes and screen readers. */
export function saidView() {
  const shown = said.value;
  const away = () => {
    shown?.action?.onTap();
    hush();
  };
  return html`<div class="said-line" role="status" aria-live="polite" data-shown=${shown ? "true" : "false"}>
    ${shown ? html`<span>${shown.text}</span>${shown.action ? button({ label: shown.action.label, onTap: away, kind: "quiet" }) : nothing}` : nothing}
  </div>`;
}
