// @ts-check
// Join a colleague's visit: scan the code on the other phone, choose a picture of it, or paste its text. Nothing is asked of a network, and
// this phone need not have heard of the project.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { Refusal } from "../../core/refusal.js";
import { ARCHIVE_CHARS, readVisitCode } from "../../core/visit_code.js";
import { store } from "../../device/store.js";
import { banner, button, screen, section } from "../element.js";
import { textField } from "../field.js";
import { address, go } from "../router.js";
import { scanner } from "../scanner.js";
import { attempt, identity } from "../shell.js";
import { t } from "../word.js";

const typed = signal("");
/** Why the last code was not taken: a word of `visit_code.js`, or `no-code`, `other-archive`. */
const refused = signal(/** @type {string | null} */ (null));
let isJoining = false;
const eye = scanner({ onText: seen, onNothing: () => void (refused.value = "no-code"), withoutCamera: "join.no_camera" });

export const joining = {
  enter() {
    eye.enter();
    typed.value = "";
    refused.value = null;
  },
  leave: eye.leave,
  view() {
    return screen({
      title: t("join.scan"), note: t("join.scan_note"), back: address("home"),
      body: html`
        ${eye.video()}
        <div role="status">${refused.value === null ? nothing : banner({ tone: "warn", icon: "warning", body: t(`join.refused.${refused.value}`), name: "refused" })}</div>
        ${eye.chooser()}
        ${section({ title: t("join.paste"), name: "paste", body: html`<div class="stack">
          ${textField({ name: "code", label: t("join.text"), value: typed.value, rows: 3, hint: t("join.text_hint"), autocomplete: "off", onInput: (text) => { typed.value = text; } })}
          ${button({ label: t("join.go"), kind: "primary", isWide: true, isDisabled: typed.value.trim() === "", onTap: () => void take(typed.peek()), name: "join" })}</div>` })}`,
    });
  },
};

/** Take a code; false when it is none of ours. @param {string} text */
async function take(text) {
  const code = read(text);
  if (code === null || isJoining) return code !== null;
  isJoining = true;
  const isDone = await attempt(() => joinOnce(code));
  isJoining = false;
  if (isDone) go(address("visit", code.visit), { isInstead: true });
  return isDone;
}

/** One's own visit, under way on this phone, is only gone to. @param {import("../../core/visit_code.js").Joined} code */
async function joinOnce(code) {
  const own = await store.call("drafts", { visit: code.visit, kind: "visit" });
  if (own.length === 0) await store.call("join", { visit: code });
}

/** @param {string} text @returns {import("../../core/visit_code.js").Joined | null} */
function read(text) {
  try {
    const code = readVisitCode(text);
    refused.value = code.archive === identity.peek()?.archive.slice(0, ARCHIVE_CHARS) ? null : "other-archive";
    return refused.peek() === null ? code : null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused.value = error.reason;
    return null;
  }
}

/** @param {string} text */
function seen(text) {
  if (read(text) === null) return false;
  void take(text);
  return true;
}
