// @ts-check
// The app lock in the settings: set, changed, taken away, or closed now. Changing needs the present PIN.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { isPin } from "../core/pin.js";
import { removePin, setPin } from "../device/lock.js";
import { banner, button, section } from "./element.js";
import { clear, isRight, lock, lockNow, newPin, presentPin, trouble, typed, waitLine } from "./lock.js";
import { attempt, say } from "./shell.js";
import { t } from "./word.js";

/** @typedef {"prove" | "new"} Step `prove`: the present PIN comes first */

const doing = signal(/** @type {{step: Step, isOff: boolean} | null} */ (null));
const isBusy = signal(false);

/** Nothing half done is found on coming back. */
export function closePinSetting() {
  doing.value = null;
  clear();
}

/** @param {{step: Step, isOff: boolean}} next */
function begin(next) {
  clear();
  doing.value = next;
}

export function pinSection() {
  const isOn = lock.value !== null;
  return section({
    title: t("lock.section"), name: "app-lock",
    body: html`<div class="stack"><p>${t(isOn ? "lock.is_on" : "lock.is_off")}</p><p class="field-hint">${t("lock.honest")}</p>
      ${doing.value === null ? keys(isOn) : form(doing.value)}</div>`,
  });
}

/** @param {boolean} isOn */
function keys(isOn) {
  if (!isOn) return button({ label: t("lock.set"), isWide: true, onTap: () => begin({ step: "new", isOff: false }), name: "set-pin" });
  return html`${button({ label: t("lock.now"), isWide: true, onTap: () => void lockNow(), name: "lock-now" })}
    ${button({ label: t("lock.change"), isWide: true, onTap: () => begin({ step: "prove", isOff: false }), name: "change-pin" })}
    ${button({ label: t("lock.off"), isWide: true, onTap: () => begin({ step: "prove", isOff: true }), name: "pin-off" })}`;
}

/** @param {{step: Step, isOff: boolean}} present */
function form({ step, isOff }) {
  const { pin, again } = typed.value;
  const isReady = isPin(pin) && (step === "prove" || pin === again);
  const label = t(isBusy.value ? "lock.checking" : step === "new" ? "lock.set" : isOff ? "lock.off" : "lock.prove");
  return html`<form class="stack" data-name="pin-form" @submit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (isReady) void go();
    }}>
    ${trouble.value ? banner({ tone: "bad", icon: "warning", body: trouble.value, isUrgent: true, name: "pin-trouble" }) : nothing}
    ${step === "prove" ? html`${presentPin()}${waitLine()}` : newPin()}
    ${button({ label, kind: "primary", isWide: true, isDisabled: !isReady || isBusy.value, onTap: () => void go(), name: "pin-do" })}
    ${button({ label: t("act.close"), kind: "quiet", isWide: true, onTap: closePinSetting, name: "pin-cancel" })}
    <input type="submit" hidden></form>`;
}

async function go() {
  if (isBusy.peek()) return;
  isBusy.value = true;
  await attempt(advance);
  isBusy.value = false;
}

async function advance() {
  const present = doing.peek();
  if (present === null) return;
  if (present.step === "prove") {
    if (!(await isRight())) return;
    if (!present.isOff) return begin({ step: "new", isOff: false });
    lock.value = await removePin();
  } else {
    lock.value = await setPin(typed.peek().pin);
  }
  closePinSetting();
  say(t(lock.peek() === null ? "lock.is_off" : "lock.done"));
}
