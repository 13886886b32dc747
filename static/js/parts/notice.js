// @ts-check
// What the storage has to tell a person: damage put right, things lost by name, a changed archive. Shown until acknowledged.

import { html } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { banner, button } from "./element.js";
import { attempt, fail } from "./shell.js";
import { hasWord, momentText, pair, t } from "./word.js";

/** @typedef {{id: string, what: string, detail: Record<string, any>, created_at: string}} Notice */

const notices = signal(/** @type {Notice[]} */ ([]));
const KINDS = { rebuilt: "rebuilt", "header-restored": "header_restored", "log-behind": "log_behind", "archive-changed": "archive_changed" };

/** Listen for notices; once per page. */
export function watchNotices() {
  store.on("notice", () => void readNotices());
}

/** Read the notices nobody acknowledged. */
export async function readNotices() {
  try {
    notices.value = await store.call("notices");
  } catch (error) {
    fail(error);
  }
}

/** Notices as banners, oldest first. */
export function noticeBanners() {
  return notices.value.map((notice) => banner({
    tone: "warn", icon: "warning", title: titleOf(notice), body: bodyOf(notice), name: `notice-${notice.what}`,
    actions: button({ label: t("notice.acknowledge"), onTap: () => void acknowledge(notice.id) }),
  }));
}

/** @param {Notice} notice */
function titleOf({ what }) {
  const name = KINDS[/** @type {keyof typeof KINDS} */ (what)] ?? "other";
  return t(`notice.${name}`);
}

/** @param {Notice} notice */
function bodyOf({ what, detail, created_at }) {
  const when = momentText(created_at);
  if (what !== "rebuilt") return detail["message"] ? pair(when, detail["message"]) : when;
  const lost = /** @type {{what: string, name: string}[]} */ (detail["lost"] ?? []);
  const kept = t("notice.kept", { records: detail["records"] ?? 0, drafts: detail["drafts"] ?? 0, photos: detail["photos"] ?? 0 });
  if (lost.length === 0) return `${when} ${kept}${t("notice.nothing_lost")}`;
  return html`${when} ${kept}${t("notice.lost", { n: lost.length })}<ul>${lost.map(({ what: kind, name }) => html`<li>${lostWord(kind)} ${name}</li>`)}</ul>`;
}

/** @param {string} kind */
function lostWord(kind) {
  return hasWord(`word.${kind}`) ? t(`word.${kind}`) : kind;
}

/** @param {string} id */
async function acknowledge(id) {
  await attempt(() => store.call("acknowledge", { id }));
  await readNotices();
}
