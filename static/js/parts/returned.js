// @ts-check
// Visits a reviewer sent back: the reviewer's words, for the whole and item by item; each leads to the place where it is mended.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { store } from "../device/store.js";
import { empty, linkButton, row, rows, screen, section } from "./element.js";
import { kindText, lineText } from "./line.js";
import { mainBar } from "./main_bar.js";
import { reading } from "./reading.js";
import { address } from "./router.js";
import { identity } from "./shell.js";
import { askForNews } from "./status.js";
import { dayText, inLanguage, momentText, pair, shortened, t } from "./word.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{visits: Row[], items: Map<string, Row>, projects: Map<string, Row>, people: Map<string, Row>}} Loaded */

const LINE_CHARS = 60;
const TABLES = ["review", "submission", "visit", "draft", "project"];

/** @type {import("./reading.js").Reading<Loaded> | null} */
let shown = null;

/** @returns {Promise<Loaded>} */
async function load() {
  const person = identity.value?.person ?? "";
  const [visits, projects, units, people] = await Promise.all([
    store.call("select", { name: "visit_returned", params: { person } }),
    store.call("rows", { kind: "project", withRetired: true }), store.call("rows", { kind: "unit", withRetired: true }), store.call("rows", { kind: "person" }),
  ]);
  const wanted = [...new Set(visits.flatMap((/** @type {Row} */ visit) => visit["items"].map((/** @type {Row} */ item) => item["record"])))];
  const records = await Promise.all(wanted.map((hash) => store.call("record", { hash })));
  return {
    visits,
    items: new Map(records.filter(Boolean).map((record) => [record["hash"], record])),
    projects: new Map([...projects, ...units].map((/** @type {Row} */ place) => [place["entity"], place])),
    people: new Map(people.map((/** @type {Row} */ each) => [each["person"], each])),
  };
}

function enter() {
  shown = reading(TABLES, load);
  askForNews();
}

function leave() {
  shown?.stop();
  shown = null;
}

function view() {
  const loaded = shown?.value;
  return screen({ title: t("home.returned"), back: address("home"), body: loaded ? list(loaded) : nothing, bar: mainBar("returned", loaded?.visits.length ?? 0) });
}

/** @param {Loaded} loaded */
function list(loaded) {
  if (loaded.visits.length === 0) return empty({ icon: "check", text: t("returned.none") });
  return loaded.visits.map((visit) => one(visit, loaded));
}

/**
 * @param {Row} visit
 * @param {Loaded} loaded
 */
function one(visit, { items, projects, people }) {
  const project = projects.get(visit["stream"].split(":")[1]);
  const reviewer = inLanguage(people.get(visit["reviewer"])) || visit["reviewer"];
  return section({
    title: `${inLanguage(project)} · ${dayText(visit["arrived_at"])}`,
    body: html`<p class="line">${t("returned.by", { name: reviewer, time: momentText(visit["returned_at"]) })}</p>
      ${visit["reason"] ? html`<blockquote class="said" data-name="reason">${visit["reason"]}</blockquote>` : nothing}
      ${visit["items"].length ? rows(visit["items"].map((/** @type {Row} */ item) => itemRow(visit["entity"], item, items))) : nothing}
      ${linkButton({ label: t("returned.correct"), href: address("correct", visit["entity"]), kind: "primary", isWide: true, icon: "note", name: "correct" })}`,
    name: "returned-visit",
  });
}

/**
 * @param {string} visit
 * @param {Row} item
 * @param {Map<string, Row>} items
 */
function itemRow(visit, { entity, record, reason }, items) {
  const found = items.get(record);
  const thing = found?.["body"] ? { kind: found["kind"], body: found["body"] } : null;
  const name = thing ? kindText(thing) : t("word.record");
  const words = thing ? shortened(lineText(thing, () => ""), LINE_CHARS) : "";
  return row({
    label: reason,
    note: words ? pair(name, words) : name,
    href: address("correct", visit, entity),
    icon: "returned",
    tone: "warn",
    name: "returned-item",
  });
}

/** @type {import("./shell.js").Screen} */
export const returnedScreen = { view, enter, leave };
