// @ts-check
// 当日纪实: what was done on a day of a longer visit. One page a day.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { linkButton, screen } from "../element.js";
import { textField } from "../field.js";
import { address } from "../router.js";
import { dayText, t } from "../word.js";
import { change, partFor } from "./journey.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { returnedView } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */

/**
 * @param {Journey} visit
 * @param {string} [on] the day; today when left out
 */
export function dayLogView(visit, on = today()) {
  const part = partFor(visit, "day_log", { day_on: on }, () => ({ visit: visit.entity, day_on: on, what: "" }));
  return screen({
    title: t("visit.day_log"), note: dayText(on), back: address("visit", visit.entity),
    body: html`${returnedView(visit, part)}
      ${textField({ name: "what", label: t("visit.day_log"), isLabelHidden: true, value: part.body["what"], rows: 12, longest: longest("day_log", "what"), onInput: (what) => change(part, { what }) })}`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}
