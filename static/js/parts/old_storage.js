// @ts-check
// The storage left behind by a rebuild: how much room it takes, why it is kept, and letting it go by a person's word.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { button, row, rows, section, sheet } from "./element.js";
import { attempt, say } from "./shell.js";
import { sizeText, t } from "./word.js";

/** @typedef {import("../device/store/old_pool.js").OldPool} OldPool */

const pools = signal(/** @type {OldPool[]} */ ([]));
const asked = signal(/** @type {OldPool | null} */ (null));

/** Look what is there. */
export async function readOldStorage() {
  asked.value = null;
  pools.value = await store.call("oldPools");
}

/** The section of settings; nothing while there is none. */
export function oldStorage() {
  if (pools.value.length === 0) return nothing;
  return section({ title: t("old_storage.title"), body: html`${pools.value.map(poolView)}${asked.value ? question(asked.value) : nothing}` });
}

/** @param {OldPool} pool */
function poolView(pool) {
  return html`${rows([row({ label: t("old_storage.size", { size: sizeText(pool.size_bytes) }), note: reason(pool), icon: "warning", name: "old-storage" })])}
    ${pool.claims.some(({ is_mine }) => is_mine)
      ? button({ label: t("old_storage.let_go"), isWide: true, onTap: () => void (asked.value = pool), name: "let-go" })
      : nothing}`;
}

/** Why it is kept. @param {OldPool} pool */
function reason({ claims }) {
  const mine = claims.find(({ is_mine }) => is_mine);
  if (mine && !mine.is_whole) return t("old_storage.unread");
  if (mine) return t("old_storage.waiting", { n: mine.waiting });
  return t(claims.length > 0 ? "old_storage.others" : "old_storage.done");
}

/** @param {OldPool} pool */
function question(pool) {
  const isWhole = pool.claims.every(({ is_mine, is_whole }) => !is_mine || is_whole);
  const close = () => void (asked.value = null);
  return sheet({
    title: t("old_storage.ask"), onClose: close, name: "let-go-question",
    body: html`<p>${t(isWhole ? "old_storage.copied" : "old_storage.lost")}</p>`,
    bar: html`${button({ label: t("old_storage.keep"), onTap: close, name: "keep" })}
      ${button({ label: t("old_storage.let_go"), kind: "primary", onTap: () => void attempt(() => letGo(pool.name)), name: "confirm-let-go" })}`,
  });
}

/** @param {string} name */
async function letGo(name) {
  asked.value = null;
  pools.value = await store.call("letGoPool", { name });
  if (!pools.value.some((pool) => pool.name === name)) say(t("old_storage.gone"));
}
