// @ts-check
// Where the person is: the hash of the address. Screens are links (`#/project/0193…`), so the phone's back key works.

import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { whenUncovered } from "./over.js";

/** @typedef {{name: string, args: string[]}} Place `#/project/x/y` is `{name: "project", args: ["x", "y"]}`; `#/` is `home` */

/** @type {import("../../vendor/signals-core/signals-core.mjs").Signal<Place>} */
export const place = signal(read());

addEventListener("hashchange", () => {
  place.value = read();
});

/** @returns {Place} */
function read() {
  const [name = "", ...args] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { name: name || "home", args };
}

/**
 * Return the address of a screen.
 * @param {string} name
 * @param {...string} args
 */
export function address(name, ...args) {
  return `#/${[name, ...args].map(encodeURIComponent).join("/")}`;
}

/**
 * Go to a screen. With `isInstead` the present one is left out of the way back (after a login, a submission).
 * @param {string} hash from `address()`
 * @param {{isInstead?: boolean}} [options]
 */
export function go(hash, { isInstead = false } = {}) {
  whenUncovered(() => {
    if (isInstead) location.replace(hash);
    else location.hash = hash;
  });
}
