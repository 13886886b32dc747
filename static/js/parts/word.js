// @ts-check
// Words, dates and quantities as the reader expects them. All wording comes from the catalogue embedded in the shell;
// none stands in code.

import { closed } from "../core/direction.js";
import { percentText } from "../core/due.js";

export { percentText };

/** Nearer than one percentage point is on schedule: plans are not finer than that. */
const ON_SCHEDULE_PERMILLE = 10;

/** @type {Record<string, string> | null} */
let catalogue = null;

/** @returns {Record<string, string>} */
function messages() {
  return (catalogue ??= /** @type {Record<string, string>} */ (embedded("messages")));
}

/**
 * Read a JSON block of the shell.
 * @param {string} id of a `<script type="application/json">`
 * @returns {any}
 */
export function embedded(id) {
  const block = document.getElementById(id);
  if (!block) throw new Error(`the shell lacks its ${id}`);
  return JSON.parse(block.textContent ?? "");
}

/** The language of the shell: `zh-CN` or `en`. */
export function language() {
  return document.documentElement.lang || "zh-CN";
}

/**
 * Return the wording of a key, its `{placeholders}` filled. A key without wording shows itself and is logged.
 * @param {string} key
 * @param {Record<string, string | number>} [params]
 */
export function t(key, params = {}) {
  const wording = messages()[key];
  if (wording === undefined) {
    console.error(`message ${key} is missing`);
    return key;
  }
  return wording.replace(/\{(\w+)\}/g, (open, name) => closed(String(params[name] ?? open)));
}

/**
 * Say whether the catalogue has a key: for words that come with data.
 * @param {string} key
 */
export function hasWord(key) {
  return Object.hasOwn(messages(), key);
}

/**
 * Return the label of a member of a kind's body, by the rule of `fieldapp/word.py`.
 * @param {string} kind
 * @param {string} member
 */
export function labelOf(kind, member) {
  const own = `field.${kind}.${member}`;
  return t(hasWord(own) ? own : `field.${member}`);
}

/**
 * Return a row's text in the reader's language; Chinese where no English is given.
 * @param {Record<string, any> | null | undefined} row
 * @param {string} [member] `name`, `what`, `post` …; its English twin ends in `_en`
 * @returns {string}
 */
export function inLanguage(row, member = "name") {
  if (!row) return "";
  const english = language() === "en" ? row[`${member}_en`] : "";
  return closed(english || row[member] || "");
}

/**
 * Write a day as 11月12日 or 12 Nov; with the year when it is not this one.
 * @param {string} on `YYYY-MM-DD`, or an instant whose first ten characters are the local day
 */
export function dayText(on) {
  const [year, month, day] = on.slice(0, 10).split("-").map(Number);
  if (!year || !month || !day) return on;
  const date = new Date(year, month - 1, day);
  const isThisYear = year === new Date().getFullYear();
  return new Intl.DateTimeFormat(language(), {
    ...(isThisYear ? {} : { year: "numeric" }),
    month: language() === "en" ? "short" : "long",
    day: "numeric",
  }).format(date);
}

/**
 * Write the local time of day of an instant, 14:05.
 * @param {string | number | Date} at
 */
export function timeText(at) {
  const date = new Date(at);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/**
 * Write day and time of an instant; the time alone when it is today.
 * @param {string | number | Date} at
 */
export function momentText(at) {
  const day = localDay(at);
  return day === localDay(Date.now()) ? timeText(at) : `${dayText(day)} ${timeText(at)}`;
}

/**
 * Return the local day of an instant as `YYYY-MM-DD`.
 * @param {string | number | Date} at
 */
export function localDay(at) {
  const date = new Date(at);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day}`;
}

/**
 * Write a distance: 850 米 below a kilometre, else 3.2 公里.
 * @param {number} distance_m
 */
export function distanceText(distance_m) {
  if (distance_m < 1000) return t("measure.metres", { n: Math.round(distance_m / 10) * 10 });
  const km = distance_m / 1000;
  return t("measure.kilometres", { n: km < 10 ? km.toFixed(1) : Math.round(km) });
}

/**
 * Write a size in KB, MB or GB.
 * @param {number} size_bytes
 */
export function sizeText(size_bytes) {
  if (size_bytes < 1024 * 1024) return `${Math.ceil(size_bytes / 1024)} KB`;
  if (size_bytes < 1024 ** 3) return `${(size_bytes / 1024 ** 2).toFixed(1)} MB`;
  return `${(size_bytes / 1024 ** 3).toFixed(1)} GB`;
}

/**
 * Say how progress stands against what is due, in percentage points; within one point it is on schedule.
 * @param {number} permille the progress
 * @param {number} due_permille
 */
export function gapText(permille, due_permille) {
  const gap = permille - due_permille;
  if (Math.abs(gap) < ON_SCHEDULE_PERMILLE) return t("project.on_schedule");
  return t(gap > 0 ? "project.ahead" : "project.behind", { n: percentText(Math.abs(gap)) });
}

/**
 * Shorten a text for a list; a Latin word stays whole.
 * @param {string} text
 * @param {number} most characters
 */
export function shortened(text, most) {
  const letters = [...text];
  if (letters.length <= most) return closed(text);
  const head = letters.slice(0, most).join("");
  return `${closed((/\w/.test(letters[most] ?? "") ? head.replace(/\w+$/, "") || head : head).trimEnd())}…`;
}

/**
 * Write a word and what it says, parted as the language does; what ends in a mark of its own gets no second one.
 * @param {string} label
 * @param {string} text
 */
export function pair(label, text) {
  return t(/[。？！；：，、….?!;:,][”’"']?$/u.test(label) ? "mark.pair_marked" : "mark.pair", { a: label, b: text });
}

/**
 * Write a thing with an aside in brackets.
 * @param {string} thing
 * @param {string} note
 */
export function aside(thing, note) {
  return t("mark.aside", { a: thing, b: note });
}

/**
 * Write several things one after another.
 * @param {string[]} items
 */
export function listed(items) {
  return items.map(closed).join(t("mark.comma"));
}
