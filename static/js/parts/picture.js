// @ts-check
// Photos of this phone on screen: bytes come from the store as a Blob, and the address made for it is given back
// when the picture leaves the page.

import { html, noChange } from "../../vendor/lit-html/lit-html.js";
import { AsyncDirective, directive } from "../../vendor/lit-html/async-directive.js";
import { store } from "../device/store.js";
import { icon } from "./icon.js";
import { t } from "./word.js";

class Picture extends AsyncDirective {
  /** @type {string | null} */
  sha256 = null;
  /** @type {string | null} */
  address = null;
  alt = "";

  /**
   * @param {string | null} sha256
   * @param {string} alt
   */
  render(sha256, alt) {
    this.alt = alt;
    if (sha256 === this.sha256 && this.sha256 !== null) return noChange;
    this.#release();
    this.sha256 = sha256;
    if (sha256 === null) return this.#absent("photo.none_here");
    void this.#load(sha256);
    return html`<span class="picture" data-state="loading"></span>`;
  }

  /** @param {string} sha256 */
  async #load(sha256) {
    try {
      const photo = await store.call("photo", { sha256 });
      if (this.sha256 !== sha256 || !this.isConnected) return;
      this.setValue(photo ? this.#present(photo.blob) : this.#absent("photo.not_on_phone"));
    } catch (error) {
      console.error(error);
      if (this.isConnected) this.setValue(this.#absent("photo.unreadable"));
    }
  }

  /** @param {Blob} blob */
  #present(blob) {
    this.address = URL.createObjectURL(blob);
    const broken = () => this.setValue(this.#absent("photo.no_preview"));
    return html`<img class="picture" src=${this.address} alt=${this.alt} @error=${broken}>`;
  }

  /** @param {string} key */
  #absent(key) {
    return html`<span class="picture" data-state="absent">${icon("gallery")}<span>${t(key)}</span></span>`;
  }

  #release() {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
  }

  disconnected() {
    this.#release();
  }

  reconnected() {
    if (this.sha256) void this.#load(this.sha256);
  }
}

/**
 * Show a photo by the name of its bytes; a word when it is not on this phone. `alt` is its caption.
 * @type {(sha256: string | null, alt: string) => import("../../vendor/lit-html/directive.js").DirectiveResult}
 */
export const picture = directive(Picture);
