// @ts-check
// This phone: who works here, whether the browser promises to keep the data, the app's version, the language.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { version } from "../device/version.js";
import { banner, button, linkButton, row, rows, screen, section } from "./element.js";
import { displaySection } from "./display.js";
import { earlierRoom, readEarlierRoom } from "./earlier_room.js";
import { homeScreenAdvice } from "./home_screen.js";
import { oldStorage, readOldStorage } from "./old_storage.js";
import { packageSection } from "./package.js";
import { closePinSetting, pinSection } from "./pin_setting.js";
import { address } from "./router.js";
import { attempt, identity, say } from "./shell.js";
import { tally } from "./status.js";
import { switchPerson } from "./switch.js";
import { dayText, embedded, language, sizeText, t } from "./word.js";

/** @typedef {{is_persisted: boolean, usage_bytes: number, quota_bytes: number}} Storage */

const storage = signal(/** @type {Storage | null} */ (null));

async function readStorage() {
  storage.value = await store.call("storage");
  await readOldStorage();
  if (identity.peek() !== null) await readEarlierRoom();
}

function enter() {
  closePinSetting();
  void attempt(readStorage);
}

function view() {
  return screen({
    title: t("settings.title"),
    back: address("home"),
    body: html`${who()}${identity.value ? pinSection() : nothing}${identity.value ? packageSection() : nothing}${keeping()}${homeScreenAdvice()}${identity.value ? earlierRoom() : nothing}${oldStorage()}${displaySection()}${app()}${languages()}`,
  });
}

function who() {
  const person = identity.value;
  if (!person) return nothing;
  const { saved = 0, handed = 0, sent = 0, draft = 0 } = tally.value ?? {};
  return section({
    title: t("settings.who"),
    body: html`${rows([
      row({ label: person.name, value: t(`role.${person.role}`), icon: "person", note: person.archive_name }),
      row({ label: t("settings.enrolled"), value: dayText(person.enrolled_at) }),
      row({ label: t("settings.not_safe"), value: String(saved + handed + sent + draft), href: address("outbox") }),
    ])}
    ${linkButton({ label: t("settings.log_in_again"), href: address("login", "new", person.person), icon: "update", isWide: true })}
    ${button({ label: t("settings.other_person"), icon: "person", isWide: true, onTap: () => void attempt(switchPerson), name: "other-person" })}`,
  });
}

function keeping() {
  const now = storage.value;
  if (!now) return nothing;
  return section({
    title: t("settings.keeping"),
    body: html`${now.is_persisted
        ? banner({ tone: "good", icon: "safe", body: t("settings.persisted"), name: "persisted" })
        : banner({ tone: "warn", icon: "warning", body: t("settings.not_persisted"), name: "not-persisted",
          actions: button({ label: t("settings.ask_persist"), onTap: () => void attempt(askToKeep), name: "ask-persist" }) })}
      ${rows([
        row({ label: t("outbox.space", { a: sizeText(now.usage_bytes), b: sizeText(Math.max(0, now.quota_bytes - now.usage_bytes)) }) }),
        identity.value ? row({ label: t("self_test.title"), note: t("self_test.note"), icon: "check", href: address("self-test"), name: "self-test" }) : nothing,
      ])}`,
  });
}

async function askToKeep() {
  const isGranted = await navigator.storage.persist();
  say(t(isGranted ? "settings.persisted" : "settings.refused"));
  await readStorage();
}

function app() {
  const words = { unkept: "settings.unkept", kept: "settings.kept", newer: "update.ready" };
  return section({
    title: t("settings.app"),
    body: html`${rows([
        row({ label: t("settings.version"), value: embedded("settings").version }),
        row({ label: t(words[version.state.value]), note: version.trouble.value ?? "", icon: version.state.value === "kept" ? "check" : "update" }),
      ])}
      ${version.state.value === "newer"
        ? button({ label: t("update.apply"), icon: "update", isWide: true, kind: "primary", onTap: () => void attempt(() => version.apply()), name: "apply-update" })
        : button({ label: t("update.check"), icon: "update", isWide: true, onTap: () => void attempt(lookForNewer), name: "check-update" })}`,
  });
}

async function lookForNewer() {
  await version.check();
  if (version.state.peek() !== "newer") say(t("update.none"));
}

function languages() {
  const names = { "zh-CN": "中文", en: "English" };
  const others = Object.entries(names).filter(([tag]) => tag !== language());
  return section({
    title: t("settings.language"),
    body: html`${others.map(([tag, name]) => linkButton({ label: name, href: `/phone/${tag}/${location.hash}`, isWide: true, name: `language-${tag}` }))}`,
  });
}

/** @type {import("./shell.js").Screen} */
export const settingsScreen = { view, enter };
