// @ts-check
// Loads every browser library the way the product does, draws with two of them and asks the third in a worker.
import { effect, signal } from "../../../static/vendor/signals-core/signals-core.mjs";
import { html, render } from "../../../static/vendor/lit-html/lit-html.js";
import { repeat } from "../../../static/vendor/lit-html/directives/repeat.js";

const versions = signal(/** @type {string[]} */ ([]));
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
effect(() => {
  render(html`<ul>${repeat(versions.value, (each) => html`<li>${each}</li>`)}</ul>`, main);
});

const worker = new Worker(new URL("vendor_worker.js", import.meta.url), { type: "module" });
worker.onmessage = (event) => {
  versions.value = event.data;
};
