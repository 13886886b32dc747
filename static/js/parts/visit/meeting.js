// @ts-check
// 列席旁听: the meeting sat in on, what it decided, who does what by when. The next visit asks whether it was done.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { button, screen, section } from "../element.js";
import { textField } from "../field.js";
import { address, go } from "../router.js";
import { attempt } from "../shell.js";
import { t } from "../word.js";
import { change, discard, openPart } from "./journey.js";
import { longest } from "./limit.js";
import { today } from "./moment.js";
import { returnedView } from "./returned.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {{what: string, who: string, by_on: string | null}} Decided */

/** @param {Journey} visit */
export async function addMeeting(visit) {
  await attempt(async () => {
    const draft = await openPart(visit, "meeting", { visit: visit.entity, held_on: today(), title: "", chair: "", matter: "", decided: [], attended: null });
    go(address("visit", visit.entity, "meeting", draft.entity));
  });
}

/**
 * @param {Journey} visit
 * @param {Part} part
 */
export function meetingView(visit, part) {
  const { body } = part;
  const decided = /** @type {Decided[]} */ (body["decided"]);
  return screen({
    title: t("word.meeting"), back: address("visit", visit.entity),
    body: html`${returnedView(visit, part)}
      ${textField({ name: "title", label: t("meeting.title"), value: body["title"], longest: longest("meeting", "title"), onInput: (title) => change(part, { title }) })}
      ${textField({
        name: "held_on", label: t("meeting.held_on"), type: "date", value: body["held_on"],
        onInput: (held_on) => held_on !== "" && change(part, { held_on }),
      })}
      ${textField({ name: "chair", label: t("meeting.chair"), value: body["chair"], longest: longest("meeting", "chair"), onInput: (chair) => change(part, { chair }) })}
      ${textField({
        name: "attended", label: t("meeting.attended"), inputMode: "numeric",
        value: body["attended"] === null ? "" : String(body["attended"]), onInput: (text) => change(part, { attended: countOf(text) }),
      })}
      ${textField({ name: "matter", label: t("meeting.matter"), value: body["matter"], rows: 4, longest: longest("meeting", "matter"), onInput: (matter) => change(part, { matter }) })}
      ${section({
        title: t("meeting.decided"),
        body: html`<div class="stack">${decided.map((each, at) => decidedView(part, each, at))}
          ${button({
            label: t("meeting.add"), icon: "add", isWide: true, name: "add-decided",
            onTap: () => change(part, { decided: [...decided, { what: "", who: "", by_on: null }] }),
          })}</div>`,
      })}`,
    bar: html`${part.draft !== null ? button({ label: t("visit.drop"), kind: "quiet", onTap: () => void drop(visit, part) }) : nothing}
      ${button({ label: t("act.done"), kind: "primary", onTap: () => go(address("visit", visit.entity)), name: "done" })}`,
  });
}

/** @param {Part} part @param {Decided} each @param {number} at */
function decidedView(part, each, at) {
  const write = (/** @type {Partial<Decided>} */ changes) => {
    const decided = /** @type {Decided[]} */ (part.body["decided"]);
    change(part, { decided: decided.map((old, index) => (index === at ? { ...old, ...changes } : old)) });
  };
  return html`<div class="visit-item">
    ${textField({ name: `what-${at}`, label: t("meeting.what"), value: each.what, longest: longest("meeting", "decided[].what"), onInput: (what) => write({ what }) })}
    ${textField({ name: `who-${at}`, label: t("meeting.who"), value: each.who, longest: longest("meeting", "decided[].who"), onInput: (who) => write({ who }) })}
    ${textField({ name: `by-${at}`, label: t("meeting.by_on"), type: "date", value: each.by_on ?? "", onInput: (by_on) => write({ by_on: by_on || null }) })}
  </div>`;
}

/** @param {string} text */
function countOf(text) {
  const plain = text.normalize("NFKC").trim();
  return /^\d{1,4}$/.test(plain) ? Number(plain) : null;
}

/** @param {Journey} visit @param {Part} part */
async function drop(visit, part) {
  await discard(part);
  go(address("visit", visit.entity), { isInstead: true });
}
