// @ts-check
// 记一条: a sentence is enough. Which list it belongs to, who answers for it and by when can be said now, at the end, or never.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { LISTS, listOf, newEntry, sorted } from "../../core/entry.js";
import { isOn } from "../../core/start.js";
import { button, chip, chips, row, rows, screen, section } from "../element.js";
import { choice, textField, toggle } from "../field.js";
import { address, go } from "../router.js";
import { attempt } from "../shell.js";
import { dayText, inLanguage, t } from "../word.js";
import { isArchived } from "./archived.js";
import { returnedView } from "./returned.js";
import { change, discard, openPart } from "./journey.js";
import { keptView } from "./kept.js";
import { knownByChoice } from "./known_by.js";
import { longest } from "./limit.js";
import { laterChips } from "./look_back.js";
import { today } from "./moment.js";
import { photosOf, photosView } from "./photo.js";
import { placeField } from "./place.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

const SEVERITIES = ["minor", "major", "serious"];
const CAUSES = ["subjective", "objective", "inherited"];
const HELP_LEVELS = ["unit", "county", "city", "province"];
const LEVELS = ["county", "city", "province", "state"];
const SHARES = ["own", "shared", "inherited"];

const isOpen = signal(false);
/** The entry just opened by a key: its first word is waited for. */
let begun = "";

/**
 * Open a new entry and go to it.
 * @param {Journey} visit
 * @param {{list?: string | null, what?: string, item?: string}} [preset] `item`: of a checklist, which led to it
 */
export async function addEntry(visit, { list = null, what = "", item = "" } = {}) {
  isOpen.value = false;
  await attempt(async () => {
    const blank = newEntry({ visit: visit.entity, list, today: today(), links: /** @type {any[]} */ (visit.target.links) });
    const draft = await openPart(visit, "entry", { ...blank, what, item });
    begun = draft.entity;
    go(address("visit", visit.entity, "entry", draft.entity));
  });
}

/** Return the entry an answer led to, if there is one. @param {Journey} visit @param {string} item */
export function entryOf(visit, item) {
  return visit.parts.find((part) => part.kind === "entry" && part.body["item"] === item);
}

/**
 * @param {Journey} visit
 * @param {Part} part
 */
export function entryView(visit, part) {
  const { body } = part;
  const list = listOf(/** @type {any} */ (body));
  const shows = { about: part.entity, label: list === "later" ? "" : t(`entry.list.${list}`) };
  return screen({
    title: t("visit.note"), back: address("visit", visit.entity), note: part.draft === null ? undefined : keptView(),
    body: html`${returnedView(visit, part)}
      ${textField({
        name: "what", label: t("entry.what"), value: body["what"] === t("entry.see_photo") ? "" : body["what"], rows: 4,
        longest: longest("entry", "what"), placeholder: t("entry.what_hint"), takesFocus: begun === part.entity, onInput: (what) => change(part, { what }),
      })}
      ${listChips(visit, part)}
      ${proposedView(visit, part)}
      ${photosView(visit, shows)}
      ${isOpen.value || isArchived(visit) ? detailView(visit, part) : button({
        label: t("entry.details"), icon: "more", isWide: true, onTap: () => { isOpen.value = true; }, name: "details",
      })}`,
    bar: html`${part.draft !== null ? button({ label: t("visit.drop"), kind: "quiet", onTap: () => void drop(visit, part), name: "drop" }) : nothing}
      ${button({ label: t("act.done"), kind: "primary", onTap: () => go(address("visit", visit.entity)), name: "done" })}`,
  });
}

/**
 * Which list it goes into, one tap each.
 * @param {Journey} visit
 * @param {Part} part
 */
export function listChips(visit, part) {
  const present = listOf(/** @type {any} */ (part.body));
  return chips([...LISTS, "later"].map((list) => chip({
    label: t(`entry.list.${list}`), isOn: present === list, name: `list-${list}`,
    onTap: () => change(part, intoList(visit, part, list)),
  })), t("entry.into"));
}

/** What a list proposes; seen with one's own eyes when a photo of the camera hangs on it. @param {Journey} visit @param {Part} part @param {string} list */
function intoList(visit, part, list) {
  const isPhotographed = photosOf(visit, { about: part.entity }).some((photo) => photo.body["origin"] === "camera");
  const known_by = part.body["known_by"] ?? (isPhotographed ? "seen" : null);
  return { ...sorted(/** @type {any} */ (part.body), list, /** @type {any[]} */ (visit.target.links)), known_by };
}

/**
 * What the list proposes of a problem, said where it is chosen: nobody's name goes on file unseen. A tap leads to where it is changed.
 * @param {Journey} visit
 * @param {Part} part
 */
function proposedView(visit, part) {
  const { body } = part;
  if (body["sort"] !== "fault" || isOpen.value) return nothing;
  const open = () => {
    isOpen.value = true;
  };
  const link = linkOf(visit, part);
  return html`<div data-name="proposed">${rows([
    row({ label: t("entry.severity"), value: t(`entry.severity.${body["severity"]}`), onTap: open }),
    row({ label: t("entry.deadline"), value: body["deadline_on"] ? dayText(body["deadline_on"]) : t("entry.none"), onTap: open }),
    row({
      label: t("entry.responsible"), value: body["responsible"] ? officialName(visit, body["responsible"]) : t("entry.none"), onTap: open, name: "proposed-responsible",
      note: link ? t("entry.tied_since", { role: t(`word.link.${link["role"]}`), date: dayText(link["from_on"]) }) : undefined,
    }),
  ])}</div>`;
}

/** How the responsible official was tied to the project on the day. @param {Journey} visit @param {Part} part */
function linkOf(visit, { body }) {
  return visit.target.links.filter((link) => link["official"] === body["responsible"] && isOn(/** @type {any} */ (link), body["seen_on"])).at(-1);
}

/** @param {Journey} visit @param {Part} part */
function detailView(visit, part) {
  const { body } = part;
  const list = listOf(/** @type {any} */ (body));
  return html`<div class="stack" data-name="detail">
    ${knownByChoice({ value: body["known_by"], isOptional: true, onChoose: (known_by) => change(part, { known_by }) })}
    ${placeField(visit, part)}
    ${list === "problem" ? faultView(visit, part) : nothing}
    ${list === "difficulty" ? difficultyView(part) : nothing}
    ${list === "achievement" ? achievementView(part) : nothing}
    ${list === "duty" ? shareChoice(part) : nothing}
  </div>`;
}

/** @param {Journey} visit @param {Part} part */
function faultView(visit, part) {
  const { body } = part;
  return html`
    ${choice({
      name: "severity", label: t("entry.severity"), isTight: true, value: body["severity"], options: words(SEVERITIES, "entry.severity."),
      onChoose: (severity) => change(part, { severity }),
    })}
    ${section({
      title: t("entry.cause"),
      body: chips(CAUSES.map((cause) => chip({
        label: t(`entry.cause.${cause}`), isOn: body["cause"].includes(cause),
        onTap: () => change(part, { cause: withOrWithout(body["cause"], cause) }),
      })), t("entry.cause")),
    })}
    ${toggle({
      name: "is_fixed_at_once", label: t("entry.fix_now"), note: t("entry.fix_now_note"), isOn: body["is_fixed_at_once"],
      onChange: (is_fixed_at_once) => change(part, { is_fixed_at_once }),
    })}
    ${textField({
      name: "deadline_on", label: t("entry.deadline"), type: "date", value: body["deadline_on"] ?? "",
      onInput: (deadline_on) => change(part, { deadline_on: deadline_on || null }),
    })}
    ${responsibleChoice(visit, part)}
    ${shareChoice(part)}
    ${textField({ name: "wanted", label: t("entry.wanted"), value: body["wanted"], longest: longest("entry", "wanted"), onInput: (wanted) => change(part, { wanted }) })}`;
}

/** @param {string[]} list @param {string} word */
function withOrWithout(list, word) {
  return list.includes(word) ? list.filter((each) => each !== word) : [...list, word];
}

/** Officials tied to the project; who led it on the day is proposed. @param {Journey} visit @param {Part} part */
function responsibleChoice(visit, part) {
  const tied = visit.target.links.filter((link) => link["official"] !== null && link["from_on"] <= part.body["seen_on"]);
  const options = tied.reverse().filter((link, at) => tied.findIndex((each) => each["official"] === link["official"]) === at).map((link) => ({
    value: link["official"], label: officialName(visit, link["official"]), note: t(`word.link.${link["role"]}`),
  }));
  if (options.length === 0) return nothing;
  return choice({
    name: "responsible", label: t("entry.responsible"), options, value: part.body["responsible"],
    onChoose: (responsible) => change(part, { responsible }), onClear: () => change(part, { responsible: null, share: null }),
  });
}

/** @param {Journey} visit @param {string} entity */
function officialName(visit, entity) {
  return inLanguage(visit.target.officials.find((each) => each["entity"] === entity)) || t("word.official");
}

/** @param {Part} part */
function shareChoice(part) {
  return choice({
    name: "share", label: t("entry.share"), isTight: true, value: part.body["share"], options: words(SHARES, "word.share."),
    onChoose: (share) => change(part, { share }), onClear: () => change(part, { share: null }),
  });
}

/** @param {Part} part */
function difficultyView(part) {
  const { body } = part;
  return html`
    ${choice({
      name: "help_level", label: t("entry.help_level"), value: body["help_level"], options: words(HELP_LEVELS, "entry.level."),
      onChoose: (help_level) => change(part, { help_level }), onClear: () => change(part, { help_level: null }),
    })}
    ${textField({ name: "wanted", label: t("entry.asked_before"), value: body["wanted"], longest: longest("entry", "wanted"), rows: 2, onInput: (wanted) => change(part, { wanted }) })}
    ${textField({
      name: "raised_by", label: t("entry.raised_by"), hint: t("interview.no_name"), value: body["raised_by"], longest: longest("entry", "raised_by"),
      onInput: (raised_by) => change(part, { raised_by }),
    })}`;
}

/** @param {Part} part */
function achievementView(part) {
  const { body } = part;
  return html`
    ${choice({
      name: "visibility", label: t("list.achievement"), isTight: true, value: body["visibility"],
      options: [{ value: "visible", label: t("entry.visible") }, { value: "latent", label: t("entry.latent") }],
      onChoose: (visibility) => change(part, { visibility, look_back_on: visibility === "latent" ? body["look_back_on"] : null }),
    })}
    ${body["visibility"] === "latent" ? html`${laterChips(body["seen_on"], body["look_back_on"], (look_back_on) => change(part, { look_back_on }))}${textField({
      name: "look_back_on", label: t("entry.look_back"), type: "date", value: body["look_back_on"] ?? "",
      onInput: (look_back_on) => change(part, { look_back_on: look_back_on || null }),
    })}` : nothing}
    ${choice({
      name: "level", label: t("entry.level"), isTight: true, value: body["level"], options: words(LEVELS, "entry.level."),
      onChoose: (level) => change(part, { level }), onClear: () => change(part, { level: null }),
    })}
    ${shareChoice(part)}`;
}

/** @param {string[]} values @param {string} prefix */
function words(values, prefix) {
  return values.map((value) => ({ value, label: t(prefix + value) }));
}

/** @param {Journey} visit @param {Part} part */
async function drop(visit, part) {
  await discard(part);
  go(address("visit", visit.entity), { isInstead: true });
}
