// @ts-check
// How much room small pictures of earlier visits may take on this phone, what they take now, and the choice, applied at once.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { row, rows, section } from "./element.js";
import { choice } from "./field.js";
import { attempt } from "./shell.js";
import { sizeText, t } from "./word.js";

/** @typedef {{budget_bytes: number, used_bytes: number, count: number}} Room */

const MB = 1024 * 1024;
const BUDGETS_MB = [0, 5, 20, 50, 100];
const room = signal(/** @type {Room | null} */ (null));

/** Read what they take. */
export async function readEarlierRoom() {
  room.value = await store.call("earlierRoom");
}

/** The choice; nothing before it was read. */
export function earlierRoom() {
  const now = room.value;
  if (!now) return nothing;
  return section({
    title: t("settings.earlier"),
    body: html`${rows([row({ label: t("settings.earlier_used", { n: now.count, a: sizeText(now.used_bytes) }), icon: "gallery" })])}
      ${choice({
        name: "earlier-budget", label: t("settings.earlier_budget"), hint: t("settings.earlier_note"), isTight: true, value: String(now.budget_bytes / MB),
        options: BUDGETS_MB.map((size) => ({ value: String(size), label: size === 0 ? t("settings.earlier_off") : String(size) })),
        onChoose: (size) => void attempt(() => choose(Number(size) * MB)),
      })}`,
    name: "earlier-room",
  });
}

/** @param {number} bytes */
async function choose(bytes) {
  room.value = await store.call("setEarlierBudget", { bytes });
}
