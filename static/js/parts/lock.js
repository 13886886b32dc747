// @ts-check
// The app lock: over everything, and in place of it, so that nothing of the records is in the page behind it. Storing and sending go on.
// What was typed is durable before it shows; the address stays, so coming back is coming back to the same screen.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { readEnrolmentCode } from "../core/enrolment_code.js";
import { IDLE_LIMIT_MS, isPin, restMs } from "../core/pin.js";
import { logIn, logOut } from "../device/enrolment.js";
import { readLock, removePin, setPin, tryPin } from "../device/lock.js";
import { store } from "../device/store.js";
import { banner, button, screen } from "./element.js";
import { textField } from "./field.js";
import { beginAnew, handed, resumeHanded, takeBack } from "./handed.js";
import { icon } from "./icon.js";
import { reasonText } from "./reason.js";
import { scanner } from "./scanner.js";
import { fail, identity } from "./shell.js";
import { switchPerson } from "./switch.js";
import { t } from "./word.js";
import { allKept } from "./visit/keep.js";

/** @typedef {import("../device/lock.js").Lock} Lock */
/** @typedef {"pin" | "login" | "scan" | "new"} Way `login`: the PIN is forgotten, the account's password stands in, or `scan` a code an administrator shows; `new`: and then a new one */

/** A save that does not end must not keep the screen open. What is not saved stays in memory and is saved as soon as it can be. */
const SAVE_LIMIT_MS = 5_000;
const SECOND_MS = 1_000;
const MINUTE_S = 60;
/** From so many seconds on, minutes are said. */
const LONG_S = 90;

/** `closing`: nothing is shown any more and what was typed is still being saved. */
const stage = signal(/** @type {"open" | "closing" | "locked"} */ ("open"));
/** The PIN of who is open; null: none is wanted. */
export const lock = signal(/** @type {Lock | null} */ (null));
const way = signal(/** @type {Way} */ ("pin"));
export const typed = signal(blank());
export const trouble = signal(/** @type {string | null} */ (null));
const isBusy = signal(false);
const now = signal(Date.now());
/** When the phone was last touched, on both clocks: one may be set back, the other may stand while the phone sleeps. */
let touched = moment();
let scroll = 0;
const eye = scanner({ onText: scanned, onNothing: () => void (trouble.value = t("login.foreign_code")), withoutCamera: "lock.no_camera" });

function blank() {
  return { pin: "", again: "", username: "", password: "", code: "" };
}

function moment() {
  return { wall: Date.now(), running: performance.now() };
}

/** Whether the lock stands over everything. */
export function isCovered() {
  return stage.value !== "open";
}

/**
 * Open a person's data; where they have a PIN it is asked before anything is shown.
 * @param {string} person
 */
export async function openPerson(person) {
  const opened = await store.open(person);
  lock.value = await readLock();
  const isHanded = await resumeHanded();
  if (lock.peek() !== null && !isHanded) show();
  identity.value = opened;
}

/** Who has just given the password has no need of the PIN. @param {import("./shell.js").Identity} opened */
export async function welcome(opened) {
  lock.value = await readLock();
  stage.value = "open";
  touched = moment();
  identity.value = opened;
}

/** Lock now: save what was typed, then show nothing but the lock. */
export async function lockNow() {
  if (lock.peek() === null || stage.peek() !== "open") return;
  scroll = scrollY;
  blur();
  stage.value = "closing";
  await Promise.race([allKept(), new Promise((resolve) => setTimeout(resolve, SAVE_LIMIT_MS))]);
  if (stage.peek() === "closing") show();
}

function blur() {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** Forget what was typed of PINs. */
export function clear() {
  typed.value = blank();
  trouble.value = null;
  eye.leave();
}

function show() {
  clear();
  way.value = "pin";
  isBusy.value = false;
  stage.value = "locked";
  tick();
}

function unlock() {
  if (handed.peek() !== null) void takeBack().catch((error) => fail(error));
  stage.value = "open";
  clear();
  touched = moment();
  requestAnimationFrame(() => scrollTo(0, scroll));
}

/** Somebody took a wrong turn out of the ballot. */
function backToBallot() {
  clear();
  stage.value = "open";
  touched = moment();
}

/** Watch for touches; call once. */
export function watchTouch() {
  const touch = () => {
    if (idleMs() < IDLE_LIMIT_MS) touched = moment();
  };
  for (const name of ["pointerdown", "keydown", "input", "wheel"]) addEventListener(name, touch, { capture: true, passive: true });
  // Timers stand still in the background: coming back looks at once.
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", look);
  setInterval(look, SECOND_MS);
}

function look() {
  if (idleMs() < IDLE_LIMIT_MS) return;
  // Whoever comes next to a ballot finds none half filled in; behind it everything is shut already.
  if (handed.peek() !== null && stage.peek() === "open") beginAnew();
  else void lockNow();
}

function idleMs() {
  return Math.max(Date.now() - touched.wall, performance.now() - touched.running);
}

/** Count down while wrong PINs wait. */
function tick() {
  now.value = Date.now();
  const present = lock.peek();
  if (present !== null && restMs(present, now.peek()) > 0) setTimeout(tick, SECOND_MS);
}

/** How long no PIN may be tried, in whole seconds. */
function restSeconds() {
  return lock.value === null ? 0 : Math.ceil(restMs(lock.value, now.value) / SECOND_MS);
}

export function lockView() {
  if (stage.value === "closing") return html`<main class="body"><p role="status">${t("lock.closing")}</p></main>`;
  const views = { pin: pinForm, login: loginForm, scan: scanForm, new: newPin };
  return screen({
    title: t("lock.title"),
    note: identity.value?.name,
    body: html`<form class="stack" data-name="lock" @submit=${submitted}>
      ${trouble.value ? banner({ tone: "bad", icon: "warning", body: trouble.value, isUrgent: true, name: "lock-trouble" }) : nothing}
      ${views[way.value]()}<input type="submit" hidden></form>`,
    bar: button({ label: t(isBusy.value ? "lock.checking" : words().act), kind: "primary", isDisabled: isBusy.value || !words().isReady, onTap: () => void act(), name: "unlock" }),
  });
}

/** What the one key of each way says, and whether it can be tapped. */
function words() {
  const { pin, again, username, password } = typed.value;
  if (way.value === "login") return { act: "lock.prove", isReady: username !== "" && password !== "" };
  if (way.value === "scan") return { act: "lock.prove", isReady: false };
  if (way.value === "new") return { act: "lock.set", isReady: isPin(pin) && pin === again };
  return { act: "lock.unlock", isReady: isPin(pin) && restSeconds() === 0 };
}

function pinForm() {
  return html`${presentPin()}${waitLine()}
    ${button({ label: t("lock.forgotten"), kind: "quiet", isWide: true, onTap: () => turn("login"), name: "forgotten" })}
    ${handed.value === null
      ? button({ label: t("settings.other_person"), kind: "quiet", icon: "person", isWide: true, onTap: () => void away(), name: "other-person" })
      : button({ label: t("ballot.back"), icon: "undo", isWide: true, onTap: backToBallot, name: "back-to-ballot" })}
    <p class="line">${icon("send")}<span>${t("lock.goes_on")}</span></p>`;
}

/** The field of the PIN that is set. */
export function presentPin() {
  return pinField({ name: "pin", label: t("lock.pin"), takesFocus: true });
}

/** How long wrong PINs still wait. */
export function waitLine() {
  const seconds = restSeconds();
  if (seconds === 0) return nothing;
  const isLong = seconds > LONG_S;
  return html`<p role="status" data-name="lock-wait">${t(isLong ? "lock.wait_minutes" : "login.wait", { n: isLong ? Math.ceil(seconds / MINUTE_S) : seconds })}</p>`;
}

function loginForm() {
  return html`<p>${t("lock.forgotten_note")}</p>
    ${textField({ name: "username", label: t("login.username"), value: typed.value.username, autocomplete: "username", onInput: (username) => type({ username }) })}
    ${textField({ name: "password", label: t("login.password"), type: "password", value: typed.value.password, autocomplete: "current-password", onInput: (password) => type({ password }) })}
    ${button({ label: t("lock.scan"), kind: "quiet", icon: "camera", isWide: true, onTap: () => turn("scan"), name: "scan" })}
    ${button({ label: t("act.back"), kind: "quiet", isWide: true, onTap: () => turn("pin"), name: "back-to-pin" })}`;
}

function scanForm() {
  return html`<p>${t("login.scan_note")}</p>${eye.video()}${eye.chooser()}
    ${button({ label: t("act.back"), kind: "quiet", isWide: true, onTap: () => turn("login"), name: "back-to-login" })}`;
}

/** A code is good once: one that opened nothing is not read a second time. @param {string} text */
function scanned(text) {
  const code = readEnrolmentCode(text);
  trouble.value = code === null ? t("login.foreign_code") : null;
  if (code === null || isBusy.peek()) return false;
  type({ code });
  void act().then(() => {
    const said = trouble.peek();
    if (way.peek() !== "scan") return;
    turn("login");
    trouble.value = said;
  });
  return true;
}

/** Two fields for a new PIN. */
export function newPin() {
  const { pin, again } = typed.value;
  return html`${pinField({ name: "pin", label: t("lock.new_pin"), hint: t("lock.digits") })}
    ${pinField({ name: "again", label: t("lock.again"), error: again !== "" && again !== pin ? t("lock.unlike") : "" })}`;
}

/** @param {{name: "pin" | "again", label: string, hint?: string, error?: string, takesFocus?: boolean}} field */
function pinField({ name, ...rest }) {
  return textField({ ...rest, name, type: "password", inputMode: "numeric", autocomplete: "off", value: typed.value[name], onInput: (value) => type({ [name]: value }) });
}

/** @param {Partial<ReturnType<typeof blank>>} changes */
function type(changes) {
  typed.value = { ...typed.peek(), ...changes };
}

/** @param {Way} next */
function turn(next) {
  clear();
  if (next === "scan") eye.enter();
  way.value = next;
}

/** @param {Event} event */
function submitted(event) {
  event.preventDefault();
  if (words().isReady && !isBusy.peek()) void act();
}

async function act() {
  const ways = { pin: tryTyped, login: prove, scan: prove, new: renew };
  isBusy.value = true;
  trouble.value = null;
  try {
    await ways[way.peek()]();
  } catch (error) {
    console.error(error);
    trouble.value = reasonText(error);
  } finally {
    isBusy.value = false;
  }
}

async function tryTyped() {
  if (await isRight()) unlock();
}

/** Try the PIN typed; a wrong one is said. */
export async function isRight() {
  blur(); // what stands in a field somebody types into is left as it is
  const { isRight: isGood, lock: next } = await tryPin(typed.peek().pin);
  lock.value = next;
  if (isGood) return true;
  type({ pin: "" });
  trouble.value = t("lock.wrong");
  tick();
  return false;
}

/** The account's password, or a code, proves who it is; nobody else's does, and nobody else stays logged in for it. */
async function prove() {
  const { username, password, code } = typed.peek();
  const who = await logIn(code !== "" ? { code } : { username, password });
  if (who.person === identity.peek()?.person) return turn("new");
  await logOut();
  type({ password: "" });
  trouble.value = t("lock.somebody_else");
}

async function renew() {
  lock.value = await setPin(typed.peek().pin);
  unlock();
  await store.call("sync", { do: "login" });
}

async function away() {
  if (!(await switchPerson())) trouble.value = t("failure.title");
}
