// @ts-check
// A list by keyboard: j and k, or the arrows once a line is chosen, go from line to line; Enter opens, being on a link; n goes on; / searches.
// Nothing is taken from whoever types, and the line that says all this shows only where it is true.

/** @type {Record<string, 1 | -1>} */
const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

/** @param {string} selector */
function all(selector) {
  return /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
}

/** @param {KeyboardEvent} event */
function isTyping({ target, ctrlKey, metaKey, altKey, isComposing }) {
  const isField = target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;
  return isField || ctrlKey || metaKey || altKey || isComposing;
}

/**
 * Go to the next line or the one before; from anywhere else to the first one.
 * @param {1 | -1} by
 */
function step(by) {
  const lines = all("[data-line]");
  const at = lines.findIndex((line) => line === document.activeElement);
  const next = lines[at < 0 ? 0 : Math.min(Math.max(at + by, 0), lines.length - 1)];
  next?.focus();
  next?.closest("li")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  const isChosen = document.activeElement?.matches("[data-line]") ?? false;
  const by = STEPS[event.key];
  if (by !== undefined && (isChosen || event.key.length === 1)) step(by);
  else if (event.key === "/") all("[data-search]")[0]?.focus();
  else if (event.key === "n") all("a[rel=next]")[0]?.click();
  else return;
  event.preventDefault();
});

for (const line of all("[data-keys]")) line.dataset.keys = "on";
