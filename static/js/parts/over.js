// @ts-check
// What lies over a screen for a short task. The phone's back puts it away and leaves the screen: while it is open, one more entry of the
// same address stands in the way back.

import { noChange } from "../../vendor/lit-html/lit-html.js";
import { AsyncDirective, directive } from "../../vendor/lit-html/async-directive.js";

/** @typedef {{onClose: () => void, isGone: boolean}} Cover `isGone`: its entry has been left already */

const PATIENCE_MS = 1_000;

/** Open ones, the uppermost last. @type {Cover[]} */
const open = [];
/** While the browser goes back by itself; a screen that follows at once must wait. @type {Promise<void> | null} */
let leaving = null;

addEventListener("popstate", () => {
  const top = open.at(-1);
  // An entry whose sheet was left by a link is passed over.
  if (top === undefined && depth() > 0) back();
  if (top !== undefined && depth() < open.length) {
    top.isGone = true;
    top.onClose();
  }
});

// A reload keeps the entry and not what lay over the screen.
if (depth() > 0) back();

/** How many lay over the screen when the present entry was made. @returns {number} */
function depth() {
  return history.state?.over ?? 0;
}

function back() {
  leaving = new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
    addEventListener("popstate", () => resolve(), { once: true });
    setTimeout(resolve, PATIENCE_MS); // a browser that does not go back must not hold up what follows
  }).then(() => {
    leaving = null;
  });
  history.back();
}

/**
 * Go on when the way back is in order: at once, unless something was just put away.
 * @param {() => void} onward
 */
export function whenUncovered(onward) {
  if (leaving === null) onward();
  else void leaving.then(onward);
}

/** @param {() => void} onClose @returns {Cover} */
function cover(onClose) {
  const made = { onClose, isGone: false };
  open.push(made);
  history.pushState({ over: open.length }, "");
  return made;
}

/** @param {Cover} made */
function uncover(made) {
  const isOnTop = !made.isGone && depth() === open.length;
  open.splice(open.indexOf(made), 1);
  if (isOnTop) back();
}

class Over extends AsyncDirective {
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** @type {Cover | null} */
  #cover = null;
  onClose = () => {};

  /** @param {() => void} onClose */
  render(onClose) {
    void onClose;
    return noChange;
  }

  /**
   * @param {import("../../vendor/lit-html/directive.js").ElementPart} part
   * @param {[() => void]} values
   */
  update(part, [onClose]) {
    this.onClose = onClose;
    if (this.#dialog === null) {
      this.#dialog = /** @type {HTMLDialogElement} */ (part.element);
      queueMicrotask(() => this.#show());
    }
    return noChange;
  }

  #show() {
    if (!this.isConnected || !this.#dialog?.isConnected || this.#cover !== null) return;
    this.#dialog.showModal();
    this.#cover = cover(() => this.onClose());
  }

  disconnected() {
    if (this.#cover !== null) uncover(this.#cover);
    this.#cover = null;
    this.#dialog = null;
  }
}

/**
 * Show a dialog over the screen for as long as it is rendered. `onClose` is told when the phone's back puts it away.
 * @type {(onClose: () => void) => import("../../vendor/lit-html/directive.js").DirectiveResult}
 */
export const over = directive(Over);
