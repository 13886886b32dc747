// @ts-check
// What has waited long to be sent, said louder the longer it waits, with the way out that needs no network.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { waiting } from "../core/unsent.js";
import { banner, linkButton } from "./element.js";
import { exportKey } from "./package.js";
import { address } from "./router.js";
import { tally } from "./status.js";
import { t } from "./word.js";

/** On the outbox, where the oldest is said from the first day on. */
export function unsentLine() {
  const { days, alarm } = now();
  return alarm === "day" ? html`<p data-name="unsent">${t("outbox.oldest", { n: days })}</p>` : unsentBanner({ isElsewhere: false });
}

/** @param {{isElsewhere: boolean}} where `isElsewhere`: on another screen than the outbox, which is then a tap away */
export function unsentBanner({ isElsewhere }) {
  const { days, alarm } = now();
  if (alarm === null || alarm === "day") return nothing;
  const isBad = alarm !== "soon";
  return banner({
    tone: isBad ? "bad" : "warn", icon: "warning", title: t("unsent.title", { n: days }), body: t(`unsent.${alarm}`), isUrgent: isBad, name: "unsent",
    actions: html`${isBad ? exportKey() : nothing}${isElsewhere ? linkButton({ label: t("unsent.look"), href: address("outbox"), name: "unsent-look" }) : nothing}`,
  });
}

function now() {
  return waiting(tally.value?.unsent_since ?? null, Date.now());
}
