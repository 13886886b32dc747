// @ts-check
// The way between the main screens, at the bottom of each of them.

import { html } from "../../vendor/lit-html/lit-html.js";
import { barKey } from "./element.js";
import { address } from "./router.js";
import { tally } from "./status.js";
import { t } from "./word.js";

/**
 * @param {"home" | "returned" | "outbox"} here
 * @param {number} returned how many visits were sent back
 */
export function mainBar(here, returned) {
  return html`${barKey({ label: t("bar.home"), icon: "home", href: address("home"), isHere: here === "home", name: "home" })}
    ${barKey({ label: t("bar.returned"), icon: "returned", href: address("returned"), count: returned, isHere: here === "returned", name: "returned" })}
    ${barKey({ label: t("outbox.title"), icon: "send", href: address("outbox"), count: waiting(), isHere: here === "outbox", name: "outbox" })}`;
}

function waiting() {
  const { saved = 0, handed = 0, sent = 0, held = 0, refused = 0 } = tally.value ?? {};
  return saved + handed + sent + held + refused;
}
