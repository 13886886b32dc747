// @ts-check
// Marking a photo: pick a tool, drag on the picture; words are written first and then put in their place. Every mark is saved at once, the last
// can be taken back.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { button, chip, chips, empty, linkButton, screen } from "../element.js";
import { textField } from "../field.js";
import { layerOf, layerView, marksText } from "../marked.js";
import { picture } from "../picture.js";
import { address } from "../router.js";
import { say } from "../shell.js";
import { t } from "../word.js";
import { isArchived } from "./archived.js";
import { bytesOf } from "./capture.js";
import { dragNow, dragStage, dropDrag, isTap } from "./drag.js";
import { change } from "./journey.js";
import { keptView } from "./kept.js";
import { longest } from "./limit.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("../../core/mark.js").Mark} Mark */

const TOOLS = /** @type {const} */ (["circle", "arrow", "text"]);
const MOST = 20;

const tool = signal(/** @type {typeof TOOLS[number]} */ ("circle"));
const words = signal("");

/** @param {Journey} visit @param {Part} part */
export function markingView(visit, part) {
  const back = address("visit", visit.entity, "photo", part.entity);
  const { marks, ...size } = layerOf(part.body);
  if (!mayMark(visit, part)) return screen({ title: t("marking.title"), back, body: empty({ icon: "note", text: t("visit.not_own") }) });
  const drag = dragNow();
  const begun = drag && markOf(drag);
  return screen({
    title: t("marking.title"), note: part.draft === null ? marksText(marks) : html`${marksText(marks)} · ${keptView()}`, back,
    body: html`
      ${chips(TOOLS.map((each) => chip({ label: t(`marking.${each}`), isOn: tool.value === each, onTap: () => choose(each), name: `tool-${each}` })), t("marking.title"))}
      ${tool.value === "text" ? textField({
        name: "words", label: t("marking.words"), value: words.value, longest: longest("photo", "marks[].text"), onInput: (text) => { words.value = text; },
      }) : nothing}
      ${dragStage({
        name: "marking", label: t("marking.keys"), size, isPoint: tool.value === "text", picture: picture(bytesOf(part), part.body["caption"]),
        layer: layerView(begun ? [...marks, begun] : marks, size), onDrag: (each) => put(part, markOf(each)),
      })}
      <p class="visit-hint">${t("marking.note")}</p>`,
    bar: html`${button({ label: t("marking.undo"), icon: "undo", kind: "quiet", isDisabled: marks.length === 0, onTap: () => change(part, { marks: marks.slice(0, -1) }), name: "undo" })}
      ${linkButton({ label: t("act.done"), kind: "primary", href: back, name: "done" })}`,
  });
}

/** The key that leads here. @param {Journey} visit @param {Part} part */
export function markingKey(visit, part) {
  if (!mayMark(visit, part)) return nothing;
  return linkButton({ label: t("marking.add"), icon: "note", isWide: true, href: address("visit", visit.entity, "photo", part.entity, "mark"), name: "mark" });
}

/** @param {Journey} visit @param {Part} part */
function mayMark(visit, part) {
  return !isArchived(visit) && part.isOwn && bytesOf(part) !== null;
}

/** @param {typeof TOOLS[number]} next */
function choose(next) {
  tool.value = next;
  dropDrag();
}

/** @param {import("./drag.js").Drag} drag @returns {Mark | null} */
function markOf(drag) {
  const { from, to } = drag;
  const text = words.value.trim();
  if (tool.value === "text") return text === "" ? null : { shape: "text", ...to, to_x: null, to_y: null, text };
  return isTap(drag) ? null : { shape: tool.value, ...from, to_x: to.x, to_y: to.y, text: "" };
}

/** @param {Part} part @param {Mark | null} mark */
function put(part, mark) {
  const { marks } = layerOf(part.body);
  if (mark === null) {
    if (tool.value === "text") say(t("marking.words_first"));
  } else if (marks.length >= MOST) say(t("marking.full", { n: MOST }));
  else {
    change(part, { marks: [...marks, mark] });
    if (mark.shape === "text") words.value = "";
  }
}

/** Put away what was begun; called when the screen changes. */
export function leaveMarking() {
  dropDrag();
  words.value = "";
}
