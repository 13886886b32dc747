// @ts-check
// Before the first paint: how a person wants this phone's screen. A classic script, since modules run later; `device/display.js` writes what
// it reads. Whatever stands there that is none of its words does nothing.
"use strict";

{
  /** @type {Record<string, unknown>} */
  let wanted = {};
  try {
    wanted = JSON.parse(localStorage.getItem("display") ?? "{}");
  } catch {
    // A browser that gives no storage shows the usual.
  }
  for (const name of ["theme", "text"]) {
    const value = wanted?.[name];
    if (typeof value === "string") document.documentElement.dataset[name] = value;
  }
}
