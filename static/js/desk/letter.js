// @ts-check
// What both pages of annexes share: the element of a name, a file and its passphrase opened, and one of the page's sentences shown.

import { openKeyFile } from "../core/jwe.js";
import { Refusal } from "../core/refusal.js";
import { opening } from "./opening.js";

/**
 * @template {HTMLElement} E
 * @param {string} selector
 * @param {new () => E} sort
 * @param {ParentNode} [within]
 * @returns {E}
 */
export function the(selector, sort, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof sort)) throw new Error(`no ${selector} on this page`);
  return found;
}

/** @param {string} id @param {ParentNode} [within] */
export function field(id, within = document) {
  return the(`#${id}`, HTMLInputElement, within);
}

/**
 * Open the file chosen on the page; the passphrase leaves its field.
 * @returns {Promise<{kid: string, jwk: import("../core/port.js").PrivateJwk}>}
 */
export async function chosenKey() {
  const file = field("key-file").files?.[0];
  const passphrase = field("passphrase");
  const key = await openKeyFile((await file?.text()) ?? "", passphrase.value, opening);
  passphrase.value = "";
  return key;
}

/** Show one of the sentences of a form, or none. @param {HTMLElement} form @param {string} [why] */
export function say(form, why) {
  for (const each of form.querySelectorAll("[data-said]")) {
    if (each instanceof HTMLElement) each.hidden = each.dataset["said"] !== why;
  }
}

/**
 * Do a form's work once at a time; what it refuses is said, a bug stays loud.
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} work
 */
export function onSubmit(form, work) {
  const button = the("button.main", HTMLButtonElement, form);
  const turn = async () => {
    button.disabled = true;
    say(form);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(form, error.reason);
    } finally {
      button.disabled = false;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void turn();
  });
}
