// @ts-check
// What the storage has to tell a person: damage put right, things lost by name, a changed archive. Shown until acknowledged.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { banner, button } from "./element.js";
import { save } from "./package.js";
import { attempt, fail } from "./shell.js";
import { hasWord, momentText, pair, t } from "./word.js";

/** @typedef {{id: string, what: string, detail: Record<string, any>, created_at: string}} Notice */

const notices = signal(/** @type {Notice[]} */ ([]));
const KINDS = { rebuilt: "rebuilt", "header-restored": "header_restored", "log-behind": "log_behind", "archive-changed": "archive_changed",
  "archive-restored": "archive_restored", erased: "erased", "other-phone": "other_phone" };

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
    actions: html`${notice.what === "archive-changed" ? button({ label: t("notice.evidence"), onTap: () => exportEvidence(notice), name: "export-evidence" }) : nothing}
      ${button({ label: t("notice.acknowledge"), onTap: () => void acknowledge(notice.id) })}`,
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
  if (what === "archive-changed") return `${when} ${t("notice.archive_changed_detail")}`;
  if (what === "erased") return `${when} ${erasedText(detail)}`;
  if (what === "other-phone") return `${when} ${t("notice.other_phone_detail", { label: detail["label"] || t("notice.unnamed_phone") })}`;
  if (what !== "rebuilt") return detail["message"] ? pair(when, detail["message"]) : when;
  const lost = /** @type {{what: string, name: string}[]} */ (detail["lost"] ?? []);
  const kept = t("notice.kept", { records: detail["records"] ?? 0, drafts: detail["drafts"] ?? 0, photos: detail["photos"] ?? 0 });
  if (lost.length === 0) return `${when} ${kept}${t("notice.nothing_lost")}`;
  return html`${when} ${kept}${t("notice.lost", { n: lost.length })}<ul>${lost.map(({ what: kind, name }) => html`<li>${lostWord(kind)} ${name}</li>`)}</ul>`;
}

/** @param {Record<string, any>} detail */
function erasedText({ records, drafts }) {
  return t("notice.erased_detail", { records }) + (drafts > 0 ? t("notice.erased_drafts", { drafts }) : "");
}

/** Hand out what proves it, for the administrator. @param {Notice} notice */
function exportEvidence({ detail, created_at }) {
  save(`evidence-${created_at.slice(0, 10)}.json`, new Blob([JSON.stringify(detail, null, 2)], { type: "application/json" }));
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
