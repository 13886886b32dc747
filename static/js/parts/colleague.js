// @ts-check
// What colleagues have left on this phone that is not safe yet: counted, sent, never shown.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { effect, signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { icon } from "./icon.js";
import { fail, identity } from "./shell.js";
import { t } from "./word.js";

const waiting = signal(/** @type {{person: string, name: string, unsent: number}[]} */ ([]));

async function read() {
  if (identity.peek() === null) return;
  waiting.value = await store.call("colleagues");
}

/** Listen to the storage worker; once per page. */
export function watchColleagues() {
  store.on("colleague", () => void read().catch(fail));
  effect(() => {
    if (identity.value !== null) void read().catch(fail);
  });
}

/** One line a colleague. */
export function colleagueLines() {
  if (waiting.value.length === 0) return nothing;
  return html`${waiting.value.map(({ person, name, unsent }) => html`<p class="line" data-name="colleague-${person}">${icon("person")}<span>${t("colleague.waiting", { name, n: unsent })}</span></p>`)}`;
}
