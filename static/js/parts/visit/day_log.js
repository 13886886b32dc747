// @ts-check
// 当日纪实: what was done on a day of a longer visit. One page a day, and a day left out can be written afterwards.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { addDays, daysBetween } from "../../core/day.js";
import { chip, chips, linkButton, screen } from "../element.js";
import { textField } from "../field.js";
import { address, go } from "../router.js";
import { dayText, t } from "../word.js";
import { change, partFor } from "./journey.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { returnedView } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */

const DAYS_SHOWN = 14;

/**
 * @param {Journey} visit
 * @param {string} [on] the day; today when left out
 */
export function dayLogView(visit, on = today()) {
  const part = partFor(visit, "day_log", { day_on: on }, () => ({ visit: visit.entity, day_on: on, what: "" }));
  const days = daysSince(visit.visit.body["arrived_at"].slice(0, 10));
  return screen({
    title: t("visit.day_log"), note: dayText(on), back: address("visit", visit.entity),
    body: html`${returnedView(visit, part)}
      ${days.length > 1 ? chips(days.map((day) => chip({
        label: dayText(day), isOn: day === on, name: `day-${day}`, onTap: () => go(address("visit", visit.entity, "day", day), { isInstead: true }),
      })), t("visit.day_log")) : nothing}
      ${textField({ name: "what", label: t("visit.day_log"), isLabelHidden: true, value: part.body["what"], rows: 12, longest: longest("day_log", "what"), onInput: (what) => change(part, { what }) })}`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}

/** The latest days of the visit, up to today. @param {string} first @returns {string[]} */
function daysSince(first) {
  const count = Math.max(0, daysBetween(first, today()));
  return Array.from({ length: count + 1 }, (_, at) => addDays(first, at)).slice(-DAYS_SHOWN);
}
