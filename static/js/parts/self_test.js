// @ts-check
// The self-test in words: each check with what it found, what that means and what to do; as a page of its own, and as text for an
// administrator. The words claim no more than was tried.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { selfTest } from "../device/self_test.js";
import { store } from "../device/store.js";
import { version } from "../device/version.js";
import { banner, button, linkButton, row, rows, screen, section } from "./element.js";
import { homeScreenAdvice } from "./home_screen.js";
import { address } from "./router.js";
import { attempt, fail, identity, say } from "./shell.js";
import { embedded, language, momentText, pair, sizeText, t } from "./word.js";

/** @typedef {import("../device/self_test.js").Checked} Checked */
/** @typedef {{name: string, label: string, is_good: boolean, text: string, todo?: string, detail?: string, action?: unknown}} Line a check in words; `todo` where it is not good */
/** @typedef {{at: number, app: string | null, lines: Line[]}} Result */

const result = signal(/** @type {Result | null} */ (null));
const isRunning = signal(false);
/** Where the browser does not let a page copy, the text stands there to be copied by hand. */
const isTextShown = signal(false);

/** Run the checks of this phone. @returns {Promise<Result>} */
export async function testPhone() {
  const { checks, app } = await selfTest(store, `/phone/${language()}/`);
  return { at: Date.now(), app, lines: checks.map(lineOf) };
}

/** @param {Checked} check @returns {Line} */
function lineOf(check) {
  const { name, is_good, detail } = check;
  const line = { name, is_good, label: t(`self_test.${name}`), text: textOf(check), detail };
  return is_good ? line : { ...line, todo: t(`self_test.${name}_do`), action: actionOf(check) };
}

/** @param {Checked} check */
function textOf({ name, is_good, fault, facts }) {
  if (is_good && name === "room") return t("self_test.room_good", { a: sizeText(facts["free_bytes"] ?? 0) });
  if (is_good) return t(`self_test.${name}_good`, { n: facts["n"] ?? 0 });
  if (name === "shell") return t(`self_test.shell_${fault.replace("-", "_")}`, { n: facts["n"] ?? 0, m: facts["m"] ?? 0 });
  if (name !== "room") return t(`self_test.${name}_bad`);
  if (fault === "unknown") return t("self_test.room_unknown");
  return t("self_test.room_bad", { a: sizeText(facts["free_bytes"] ?? 0), b: sizeText(facts["least_bytes"] ?? 0) });
}

/** @param {Checked} check */
function actionOf({ name }) {
  if (name === "shell") return linkButton({ label: t("self_test.renew"), href: "/phone/recover", icon: "update", name: "renew-shell" });
  if (name === "key") return linkButton({ label: t("settings.log_in_again"), href: address("login", "new", identity.peek()?.person ?? ""), icon: "person", name: "log-in-again" });
  if (name === "persisted") return button({ label: t("settings.ask_persist"), onTap: () => void attempt(askToKeep), name: "ask-persist" });
  return nothing;
}

async function askToKeep() {
  const isGranted = await navigator.storage.persist();
  say(t(isGranted ? "settings.persisted" : "settings.refused"));
}

/**
 * Checks as lines: those that failed first, each with what to do.
 * @param {Line[]} lines
 */
export function checkLines(lines) {
  const failed = lines.filter(({ is_good }) => !is_good);
  const passed = lines.filter(({ is_good }) => is_good);
  return html`${failed.map(({ name, label, text, todo, action }) => banner({
      tone: "bad", icon: "warning", title: pair(label, text), body: todo, actions: action, name: `check-${name}`,
    }))}
    ${passed.length === 0 ? nothing : rows(passed.map(({ name, label, text }) => row({ label, note: text, icon: "check", name: `check-${name}` })))}`;
}

/**
 * Everything as text, for whoever helps.
 * @param {Result} found
 */
function reportText({ at, app, lines }) {
  const head = [t("self_test.title"), momentText(at), pair(t("settings.version"), embedded("settings").version), app ?? "", identity.peek()?.archive_name ?? "", navigator.userAgent];
  const body = lines.map(({ is_good, label, text, detail }) => `${is_good ? "✓" : "✗"} ${pair(label, text)}${detail ? ` [${detail}]` : ""}`);
  return [...head.filter(Boolean), "", ...body].join("\n");
}

function enter() {
  result.value = null;
  isTextShown.value = false;
  void run();
}

async function run() {
  if (isRunning.peek()) return;
  isRunning.value = true;
  try {
    result.value = await testPhone();
  } catch (error) {
    fail(error, () => void run());
  }
  isRunning.value = false;
}

function view() {
  const found = result.value;
  return screen({
    title: t("self_test.title"),
    back: address("settings"),
    body: html`<p class="field-hint">${t("self_test.explain")}</p>
      ${isRunning.value ? html`<p role="status">${t("self_test.running")}</p>` : nothing}
      ${found === null ? nothing : resultView(found)}`,
    bar: button({ label: t("self_test.again"), kind: "primary", icon: "update", isDisabled: isRunning.value, onTap: () => void run(), name: "self-test" }),
  });
}

/** @param {Result} found */
function resultView(found) {
  const bad = found.lines.filter(({ is_good }) => !is_good);
  const title = bad.length === 0 ? t("self_test.passed", { n: found.lines.length }) : t("self_test.failed", { n: bad.length });
  return section({
    title, name: bad.length === 0 ? "passed" : "failed",
    aside: html`<span class="line">${momentText(found.at)}</span>`,
    body: html`${checkLines(found.lines)}
      ${bad.some(({ name }) => name === "persisted") ? homeScreenAdvice() : nothing}
      ${version.state.value === "newer" ? row({ label: t("update.ready"), icon: "update" }) : nothing}
      ${button({ label: t("self_test.copy"), icon: "list", isWide: true, onTap: () => void copy(found), name: "copy" })}
      ${isTextShown.value ? html`<label class="field"><span class="field-label">${t("self_test.text")}</span><textarea name="report" readonly rows="10" .value=${reportText(found)}></textarea></label>` : nothing}`,
  });
}

/** @param {Result} found */
async function copy(found) {
  isTextShown.value = true;
  try {
    await navigator.clipboard.writeText(reportText(found));
    say(t("self_test.copied"));
  } catch {
    say(t("self_test.copy_by_hand"));
  }
}

/** @type {import("./shell.js").Screen} */
export const selfTestScreen = { view, enter };
