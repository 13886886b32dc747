// @ts-check
// How a person wants this phone's screen. Belongs to the phone, not to a person's records, and stands where it can be read before the first
// paint (first.js).

const KEY = "display";

/** @typedef {"system" | "light" | "dark" | "sun"} Theme `sun`: the highest contrast, for bright light */
/** @typedef {"usual" | "large" | "largest"} TextSize */
/** @typedef {{theme: Theme, text: TextSize, has_gcj02: boolean}} Display `has_gcj02`: coordinates are also shown as Chinese maps shift them */

/** @type {Display} */
const USUAL = { theme: "system", text: "usual", has_gcj02: false };

/** @returns {Display} */
export function display() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return USUAL;
  }
}

/**
 * Keep and apply.
 * @param {Partial<Display>} changes
 * @returns {Display}
 * @throws {DOMException} where the browser gives no room for it
 */
export function setDisplay(changes) {
  const wanted = { ...display(), ...changes };
  localStorage.setItem(KEY, JSON.stringify(wanted));
  const { dataset } = document.documentElement;
  dataset["theme"] = wanted.theme;
  dataset["text"] = wanted.text;
  return wanted;
}
