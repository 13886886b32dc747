// @ts-check
// What a checklist and the answers to it say, in the language of the screen.

import { choicesOf, formOf } from "../../core/checklist.js";
import { language, t } from "../word.js";

/** @typedef {import("../../core/checklist.js").Item} Item */
/** @typedef {import("../../core/checklist.js").Sheet} Sheet */

/** @param {Record<string, any>} holder @param {string} [stem] @returns {string} */
export function said(holder, stem = "") {
  const name = (/** @type {string} */ tail) => (stem ? `${stem}_${tail}` : tail);
  return (language() === "en" ? holder[name("en")] : "") || holder[name("zh")] || "";
}

/** Write an answer as people read it. @param {Sheet} sheet @param {Item} item @param {string} answer */
export function answerText(sheet, item, answer) {
  if (formOf(item) === "moment") return answer.replace("T", " ");
  const choices = choicesOf(sheet, item);
  if (choices.length === 0) return answer;
  return answer.split(" ").map((name) => said(choices.find((each) => each.name === name) ?? { zh: name })).join(t("mark.comma"));
}
