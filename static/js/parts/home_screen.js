// @ts-check
// Adding the app to an iPhone's home screen, where the browser keeps what is stored. The app there begins empty beside the tab
// (docs/failures.md, H13), so the advice stands before the first login; once, and again in the settings.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { isInTab, isAdviceSeen, noteAdviceSeen } from "../device/installed.js";
import { banner, button, section } from "./element.js";
import { identity } from "./shell.js";
import { t } from "./word.js";

const isSeen = signal(isAdviceSeen());

/** The advice, until it was put away once; nothing where it does not apply. */
export function homeScreenBanner() {
  if (isSeen.value || !isInTab()) return nothing;
  return banner({
    tone: "warn", icon: "add", title: t("home_screen.title"), body: advice(), name: "home-screen",
    actions: button({ label: t("home_screen.seen"), onTap: away, name: "home-screen-seen" }),
  });
}

function away() {
  noteAdviceSeen();
  isSeen.value = true;
}

/** The advice as a part of a page, whether it was seen or not. */
export function homeScreenAdvice() {
  return isInTab() ? section({ title: t("home_screen.title"), body: advice(), name: "home-screen-advice" }) : nothing;
}

function advice() {
  return html`<span>${t("home_screen.reason")}</span>
    <ol class="steps"><li>${t("home_screen.step_1")}</li><li>${t("home_screen.step_2")}</li><li>${t("home_screen.step_3")}</li></ol>
    <span>${t(identity.value === null ? "home_screen.first" : "home_screen.later")}</span>`;
}
