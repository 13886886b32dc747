// @ts-check
// What asks for a second look: a deadline of an open problem that has passed, less progress seen than the time before. Said in words
// wherever such a thing stands.

import { nothing } from "../../vendor/lit-html/lit-html.js";
import { daysBetween } from "../core/day.js";
import { tag } from "./element.js";
import { localDay, percentText, t } from "./word.js";

/** @typedef {{deadline_on?: string | null}} Entry */

/** @param {string} label @param {string} state */
function attention(label, state) {
  return tag({ label, tone: "bad", icon: "warning", state });
}

/** Count the days since the deadline; 0 where there is none or it has not passed. @param {Entry} entry */
function daysOverdue({ deadline_on }) {
  return deadline_on ? Math.max(0, daysBetween(deadline_on, localDay(Date.now()))) : 0;
}

/** @param {Entry} entry */
export function overdueTag(entry) {
  const n = daysOverdue(entry);
  return n > 0 ? attention(t("entry.overdue", { n }), "overdue") : nothing;
}

/** How many of them are overdue. @param {Entry[]} entries */
export function overdueCountTag(entries) {
  const n = entries.filter((entry) => daysOverdue(entry) > 0).length;
  return n > 0 ? attention(t("entry.overdue_count", { n }), "overdue") : nothing;
}

/**
 * Say that less progress was seen than the time before.
 * @param {Record<string, any> | null | undefined} before an earlier observation
 * @param {number | null | undefined} observed permille
 * @param {{isShort?: boolean}} [options] without the two figures
 */
export function lessTag(before, observed, { isShort = false } = {}) {
  const earlier = before?.["observed_permille"];
  if (typeof earlier !== "number" || typeof observed !== "number" || observed >= earlier) return nothing;
  const n = percentText(earlier - observed);
  return attention(isShort ? t("progress.less", { n }) : t("change.progress_less", { a: percentText(earlier), b: percentText(observed), n }), "less");
}
