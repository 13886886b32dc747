// @ts-check
// What an address leads to that this phone does not have: what may be true of it, and the ways on. Nothing is claimed of things
// that are not here.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { empty, linkButton, screen } from "./element.js";
import { people } from "./login.js";
import { address } from "./router.js";
import { sync } from "./status.js";
import { t } from "./word.js";

/**
 * @param {"project" | "unit" | "visit"} noun
 */
export function absentView(noun) {
  const isPulling = sync.value !== null && (sync.value.doing === "streams" || sync.value.doing === "page");
  const others = people.value.length > 1;
  return screen({
    title: t(`word.${noun}`), back: address("home"),
    body: empty({
      icon: "question", name: "absent",
      text: html`<span>${t(isPulling ? "absent.pulling" : `absent.${noun}`)}</span>${others ? html`<br><span>${t("absent.other_person")}</span>` : nothing}`,
      action: html`${linkButton({ label: t("absent.home"), href: address("home"), kind: "primary", isWide: true, name: "go-home" })}
        ${others ? linkButton({ label: t("settings.other_person"), href: address("settings"), isWide: true, name: "go-settings" }) : nothing}`,
    }),
  });
}
