// @ts-check
// Who works here: choose a person of this phone, or log in, by password or by a code an administrator shows, and have a new key enrolled. The
// key is made on the phone and never leaves it; neither password nor code is kept.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { readEnrolmentCode } from "../core/enrolment_code.js";
import { logIn, enrolHere } from "../device/enrolment.js";
import { store } from "../device/store.js";
import { banner, button, row, rows, screen, section } from "./element.js";
import { textField, toggle } from "./field.js";
import { homeScreenBanner } from "./home_screen.js";
import { icon } from "./icon.js";
import { openPerson, welcome } from "./lock.js";
import { reasonText } from "./reason.js";
import { address, go } from "./router.js";
import { scanner } from "./scanner.js";
import { sync } from "./status.js";
import { t } from "./word.js";

/** @typedef {{person: string, name: string, role: string, unsent?: number}} Somebody */

/** People enrolled on this phone. */
export const people = signal(/** @type {Somebody[]} */ ([]));
/** `lost`: keys are here, the storage is not. */
export const isLost = signal(false);

const username = signal("");
const password = signal("");
const isFormShown = signal(false);
const isPasswordShown = signal(false);
/** The code that was scanned, or came with the address. */
const code = signal("");
const isScanning = signal(false);
const isForeignCode = signal(false);
/** Who logged in by a code, which is good once: what comes after it may be tried again. @type {import("../device/enrolment.js").Who | null} */
let arrived = null;
const step = signal(/** @type {"asking" | "checking" | "enrolling" | "pulling"} */ ("asking"));
const trouble = signal(/** @type {string | null} */ (null));
const pulled = signal(0);

/** @type {(() => void) | null} */
let off = null;
const eye = scanner({ onText: scanned, onNothing: () => void (isForeignCode.value = true), withoutCamera: "login.no_camera" });

/** @param {string[]} args `new` with a user name, `code` with a code, `coded` when it was taken from there */
function enter(args) {
  const found = readEnrolmentCode(location.hash);
  step.value = "asking";
  trouble.value = null;
  isScanning.value = false;
  if (found !== null) {
    code.value = found;
    arrived = null;
    // Nobody finds it in the history, and going back asks for nothing.
    return go(address("login", "coded"), { isInstead: true });
  }
  if (args[0] !== "coded") code.value = "";
  isFormShown.value = args[0] === "new" || people.value.length === 0;
  username.value = args[0] === "new" ? (args[1] ?? "") : "";
}

function leave() {
  password.value = "";
  isPasswordShown.value = false;
  eye.leave();
  off?.();
  off = null;
}

function view() {
  return screen({
    title: t("app.name"),
    note: t("app.tagline"),
    body: step.value === "asking" ? asking() : working(),
    bar: step.value === "asking" ? bar() : nothing,
  });
}

function bar() {
  if (code.value !== "") return button({ label: t("login.bind"), kind: "primary", icon: "onward", onTap: () => void begin(), name: "bind" });
  if (isScanning.value || !isFormShown.value) return nothing;
  return button({ label: t("login.do"), kind: "primary", icon: "onward", isDisabled: !username.value || !password.value, onTap: () => void begin(), name: "login" });
}

function asking() {
  return html`${isLost.value ? banner({ tone: "bad", icon: "warning", title: t("login.lost_title"), body: t("login.lost"), isUrgent: true }) : nothing}
    ${trouble.value ? banner({ tone: "bad", icon: "warning", body: trouble.value, isUrgent: true, name: "login-trouble" }) : nothing}
    ${code.value !== "" ? coded() : isScanning.value ? scanning() : byName()}
    <p class="line">${icon("warning")}<span>${t("app.no_secrets")}</span></p>`;
}

function byName() {
  return html`${people.value.length > 0 ? chooser() : homeScreenBanner()}
    ${isFormShown.value ? form() : nothing}
    ${button({ label: t("login.scan"), kind: "quiet", icon: "camera", isWide: true, onTap: () => scan(true), name: "scan" })}`;
}

/** A code is here: whoever wants the app on the home screen goes there first, for a code is good once. */
function coded() {
  return html`${homeScreenBanner()}
    ${banner({ icon: "check", title: t("login.code_here"), body: t("login.code_note"), name: "code-here" })}`;
}

function scanning() {
  return section({
    title: t("login.scan"),
    body: html`<p class="field-hint">${t("login.scan_note")}</p>
      ${eye.video()}
      <div role="status">${isForeignCode.value ? banner({ tone: "warn", icon: "warning", body: t("login.foreign_code"), name: "foreign-code" }) : nothing}</div>
      ${eye.chooser()}
      ${button({ label: t("login.by_password"), kind: "quiet", isWide: true, onTap: () => scan(false), name: "by-password" })}`,
  });
}

/** @param {boolean} isWanted */
function scan(isWanted) {
  isForeignCode.value = false;
  isScanning.value = isWanted;
  if (isWanted) eye.enter();
  else eye.leave();
}

/** @param {string} text */
function scanned(text) {
  const found = readEnrolmentCode(text);
  isForeignCode.value = found === null;
  if (found === null) return false;
  code.value = found;
  arrived = null;
  scan(false);
  void begin();
  return true;
}

function chooser() {
  return section({
    title: t("login.who"),
    body: html`${rows(people.value.map(({ person, name, role, unsent }) => row({
        label: name, icon: "person", note: unsent ? t("login.unsent", { n: unsent }) : t(`role.${role}`),
        onTap: () => void choose(person), name: `person-${person}`,
      })))}
      ${isFormShown.value ? nothing : button({ label: t("login.other"), kind: "quiet", icon: "add", onTap: () => void (isFormShown.value = true), name: "new-person" })}`,
  });
}

function form() {
  return section({
    title: t("login.title"),
    body: html`<form class="stack" @submit=${submitted}>
      ${textField({ name: "username", label: t("login.username"), value: username.value, autocomplete: "username", onInput: (value) => void (username.value = value) })}
      ${textField({ name: "password", label: t("login.password"), type: isPasswordShown.value ? "text" : "password", value: password.value, autocomplete: "current-password", onInput: (value) => void (password.value = value) })}
      ${toggle({ name: "show_password", label: t("login.show_password"), isOn: isPasswordShown.value, onChange: (isOn) => void (isPasswordShown.value = isOn) })}
      <p class="field-hint">${t(navigator.onLine ? "login.explain" : "login.needs_network")}</p>
      <input type="submit" hidden></form>`,
  });
}

/** @param {Event} event */
function submitted(event) {
  event.preventDefault();
  if (username.value && password.value) void begin();
}

function working() {
  const steps = ["checking", "enrolling", "pulling"];
  const now = steps.indexOf(step.value);
  return html`<ol class="steps" data-name="enrolment-steps">${steps.map((name, at) => html`<li aria-current=${at === now ? "step" : nothing}>
      ${at < now ? icon("check") : nothing} ${t(`login.step_${name}`)}</li>`)}</ol>
    ${step.value === "pulling" ? pulling() : nothing}`;
}

function pulling() {
  const isDown = sync.value !== null && !sync.value.is_reachable;
  return html`<p role="status">${t("login.pulled", { n: pulled.value })}</p>
    ${isDown ? banner({ tone: "warn", icon: "offline", body: t("login.pull_later") }) : nothing}
    ${button({ label: t("login.go_on"), isWide: true, onTap: home, name: "go-on" })}`;
}

/** @param {string} person */
async function choose(person) {
  try {
    await openPerson(person);
    trouble.value = null;
    home();
  } catch (error) {
    trouble.value = reasonText(error);
    const isKeyGone = error instanceof Error && error.name === "NoKey";
    if (isKeyGone) isFormShown.value = true;
  }
}

async function begin() {
  trouble.value = null;
  try {
    step.value = "checking";
    const who = arrived ?? (await logIn(code.value !== "" ? { code: code.value } : { username: username.value, password: password.value }));
    if (code.value !== "") arrived = who;
    step.value = "enrolling";
    await welcome(await enrolHere(who));
    password.value = "";
    code.value = "";
    arrived = null;
    step.value = "pulling";
    follow();
  } catch (error) {
    console.error(error);
    step.value = "asking";
    trouble.value = reasonText(error);
    if (isRefused(error)) code.value = "";
  }
}

/** A code the archive does not take is asked for again; without an answer the same one may still be good. @param {unknown} error */
function isRefused(error) {
  const { problem } = /** @type {{problem?: {type: string}}} */ (error ?? {});
  return problem?.type.endsWith(":code-not-valid") ?? false;
}

/** Follow the first pull; it goes on by itself, so nobody has to wait here. */
function follow() {
  let hasBegun = false;
  const count = async () => {
    const heads = await store.call("select", { name: "pulled" });
    pulled.value = heads.reduce((/** @type {number} */ sum, /** @type {{position: number}} */ { position }) => sum + position, 0);
  };
  const offChange = store.on("changed", () => void count());
  const offSync = store.on("sync", (/** @type {{state: import("./status.js").SyncState}} */ { state: { doing, is_reachable } }) => {
    if (doing === "streams" || doing === "page") hasBegun = true;
    else if (hasBegun && is_reachable && doing === null) home();
  });
  off = () => {
    offChange();
    offSync();
  };
}

function home() {
  go(address("home"), { isInstead: true });
}

/** @type {import("./shell.js").Screen} */
export const loginScreen = { view, enter, leave };
