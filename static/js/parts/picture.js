// @ts-check
// Photos on screen: bytes come from the store as a Blob, and the address made for it is given back when the picture leaves the
// page. What is not on this phone says so; where the caller allows, a key fetches it from the archive for this look only.

import { html, noChange, nothing } from "../../vendor/lit-html/lit-html.js";
import { AsyncDirective, directive } from "../../vendor/lit-html/async-directive.js";
import * as clock from "../device/clock.js";
import { Net } from "../device/net.js";
import { store } from "../device/store.js";
import { icon } from "./icon.js";
import { reasonText } from "./reason.js";
import { t } from "./word.js";

class Picture extends AsyncDirective {
  /** @type {string | null | undefined} */
  sha256 = null;
  /** @type {string | null} */
  address = null;
  alt = "";
  canFetch = false;
  isTile = false;

  /**
   * @param {string | null | undefined} sha256
   * @param {string} alt
   * @param {{canFetch?: boolean, isTile?: boolean}} [options]
   */
  render(sha256, alt, { canFetch = false, isTile = false } = {}) {
    this.alt = alt;
    this.canFetch = canFetch;
    this.isTile = isTile;
    if (sha256 && sha256 === this.sha256) return noChange;
    this.#release();
    this.sha256 = sha256;
    if (sha256 === null) return this.#absent("photo.none_here");
    if (sha256 !== undefined) void this.#load(sha256);
    return html`<span class="picture" data-state="loading"></span>`;
  }

  /** @param {string} sha256 */
  async #load(sha256) {
    try {
      const photo = await store.call("photo", { sha256, isSmall: this.isTile });
      if (this.sha256 !== sha256 || !this.isConnected) return;
      this.setValue(photo ? this.#present(photo.blob) : this.#elsewhere(sha256, this.#word("photo.not_on_phone")));
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

  /**
   * @param {string} sha256
   * @param {string} text
   */
  #elsewhere(sha256, text) {
    const key = html`<button type="button" class="button" data-name="fetch-photo" @click=${() => void this.#fetch(sha256)}>${t("photo.fetch")}</button>`;
    return html`<span class="picture" data-state="absent">${icon("gallery")}<span>${text}</span>${this.canFetch ? key : nothing}</span>`;
  }

  /** @param {string} sha256 */
  async #fetch(sha256) {
    this.setValue(html`<span class="picture" data-state="loading" role="status">${t("photo.fetching")}</span>`);
    try {
      const { bytes, media_type } = await new Net({ clock }).photo(sha256);
      if (this.sha256 === sha256 && this.isConnected) this.setValue(this.#present(new Blob([bytes], { type: media_type })));
    } catch (error) {
      console.error(error);
      if (this.isConnected) this.setValue(this.#elsewhere(sha256, reasonText(error)));
    }
  }

  /** @param {string} key */
  #absent(key) {
    return html`<span class="picture" data-state="absent" title=${t(key)}>${icon("gallery")}<span>${this.#word(key)}</span></span>`;
  }

  /** A tile has room for a word only. @param {string} key */
  #word(key) {
    return t(this.isTile ? `${key}_short` : key);
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
 * Show a photo by the name of its bytes; a word when it is not on this phone, nothing yet while it is undefined. `alt` is its caption; empty where that stands beside it. With `canFetch` a key brings
 * what is not here from the archive; not inside links or buttons. A tile (`isTile`) is small: a small picture is enough for it, and it says in a word what it cannot show.
 * @type {(sha256: string | null | undefined, alt: string, options?: {canFetch?: boolean, isTile?: boolean}) => import("../../vendor/lit-html/directive.js").DirectiveResult}
 */
export const picture = directive(Picture);
