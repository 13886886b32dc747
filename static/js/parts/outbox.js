// @ts-check
// The outbox: the exact state of everything not yet safe in the archive, why, and when it is tried again. Words are bound to
// what is proven (core/state.js).

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { colleagueLines } from "./colleague.js";
import { banner, button, empty, row, rows, screen, section, stateWord } from "./element.js";
import { kindText, lineText, subjectName } from "./line.js";
import { mainBar } from "./main_bar.js";
import { packageSection } from "./package.js";
import { layerOf, marked } from "./marked.js";
import { picture } from "./picture.js";
import { reading } from "./reading.js";
import { address } from "./router.js";
import { attempt, identity } from "./shell.js";
import { loginBanner, sync, tally, wayText } from "./status.js";
import { unsentLine } from "./unsent.js";
import { dayText, hasWord, inLanguage, momentText, shortened, sizeText, t, timeText } from "./word.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{items: Row[], shown: Row[], received: Row[], bodies: Map<string, Row>, subjects: Map<string, Row>, visits: Map<string, Row>, places: Map<string, Row>, storage: Row, returned: number}} Loaded */

/** So many rows are drawn: thousands would make the screen stall, and nobody reads them. */
const SHOWN_LIMIT = 200;
const LINE_CHARS = 60;
const TABLES = ["record", "naming", "visit", "draft", "review", "submission", "joined"];

/** @type {import("./reading.js").Reading<Loaded> | null} */
let shown = null;
/** Whether what the archive holds is listed too. */
const isLookedUp = signal(false);

/** @returns {Promise<Loaded>} */
async function load() {
  const [all, visits, joined, projects, units, storage, returned] = await Promise.all([
    store.call("outbox", { safe: isLookedUp.peek() }), store.call("rows", { kind: "visit", where: { author: identity.value?.person ?? "" } }),
    store.call("joined"),
    store.call("rows", { kind: "project", withRetired: true }), store.call("rows", { kind: "unit", withRetired: true }), store.call("storage"),
    store.call("select", { name: "visit_returned", params: { person: identity.value?.person ?? "" } }),
  ]);
  const items = all.filter(isOpen);
  const received = all.filter((/** @type {Row} */ item) => !isOpen(item)).reverse().slice(0, SHOWN_LIMIT);
  const shown = worstFirst(items).slice(0, SHOWN_LIMIT);
  const bodies = await readBodies([...shown, ...received]);
  const subjects = await readSubjects([...bodies.values()]);
  return { items, shown, received, bodies, subjects, visits: new Map([...joined.map((/** @type {Row} */ each) => [each["visit"], each]), ...byEntity(visits)]), places: byEntity([...projects, ...units]), storage, returned: returned.length };
}

/**
 * What needs a look before what only waits; within each, the oldest first.
 * @param {Row[]} items
 */
function worstFirst(items) {
  const needsLook = (/** @type {Row} */ { state: now }) => now === "refused" || now === "held";
  return [...items.filter(needsLook), ...items.filter((item) => !needsLook(item))];
}

/** @param {Row} item */
function isOpen(item) {
  return item["completed_at"] === null;
}

/** Read what the items hold, one call a kind. @param {Row[]} items */
async function readBodies(items) {
  /** @type {Map<string, string[]>} */
  const wanted = new Map();
  for (const { kind, entity } of items) wanted.set(kind, [...(wanted.get(kind) ?? []), entity]);
  const found = await Promise.all([...wanted].map(([kind, entity]) => store.call("rows", { kind, where: { entity }, limit: entity.length })));
  return byEntity(found.flat());
}

/** Read what outcomes, rechecks and milestone checks are about. @param {Row[]} bodies */
async function readSubjects(bodies) {
  const entity = bodies.flatMap((body) => [body["about"], body["entry"], body["milestone"]]).filter(Boolean);
  const kinds = ["question", "claim", "entry", "milestone", "meeting"];
  const found = await Promise.all(kinds.map((kind) => store.call("rows", { kind, where: { entity }, limit: entity.length })));
  return byEntity(found.flat());
}

/**
 * @param {Row[]} list
 * @returns {Map<string, Row>}
 */
function byEntity(list) {
  return new Map(list.map((each) => [each["entity"], each]));
}

function enter() {
  isLookedUp.value = false;
  shown = reading(TABLES, load);
}

function leave() {
  shown?.stop();
  shown = null;
}

function view() {
  const loaded = shown?.value;
  return screen({
    title: t("outbox.title"),
    back: address("home"),
    body: loaded ? html`${state(loaded)}${colleagueLines()}${sendNow(loaded)}${visitsOf(loaded, loaded.shown, "outbox-visit")}${more(loaded)}${loaded.items.length > 0 ? packageSection() : nothing}${lookUp(loaded)}${space(loaded)}` : nothing,
    bar: mainBar("outbox", loaded?.returned ?? 0),
  });
}

/** @param {Loaded} loaded */
function sendNow({ items }) {
  if (items.length === 0) return nothing;
  return button({ label: t("outbox.send_now"), icon: "send", kind: "primary", isWide: true, onTap: () => void attempt(() => store.call("sync", { do: "now" })), name: "send-now" });
}

/** @param {Loaded} loaded */
function state({ items }) {
  if (items.length === 0) {
    const isSafe = (tally.value?.safe ?? 0) > 0;
    return empty({ icon: "safe", text: t(isSafe ? "outbox.all_safe" : "outbox.nothing"), name: isSafe ? "all-safe" : "nothing" });
  }
  return html`${wayLine()}${unsentLine()}
    ${rows([row({ label: t("outbox.order"), icon: "send", note: counts() }), row({ label: t("outbox.do_not_clear"), icon: "warning", tone: "warn" })])}`;
}

function counts() {
  const { saved = 0, handed = 0, sent = 0, held = 0, refused = 0 } = tally.value ?? {};
  const parts = [["state.saved", saved], ["state.handed", handed], ["outbox.received", sent], ["outbox.held", held], ["outbox.refused", refused]];
  return parts.filter(([, n]) => Number(n) > 0).map(([key, n]) => `${t(String(key))} ${n}`).join(" · ");
}

/** How the way to the archive is. */
function wayLine() {
  const now = sync.value;
  if (!now) return nothing;
  if (!now.is_reachable) {
    const retry = now.next_try_at ? t("outbox.retry_at", { time: timeText(now.next_try_at) }) : "";
    return banner({ tone: now.trouble === "network" || now.station !== null ? "plain" : "warn", icon: "offline", title: wayText(now), body: retry, name: "way" });
  }
  return now.is_login_needed ? loginBanner() : nothing;
}

/** Say how many are not drawn. @param {Loaded} loaded */
function more({ items, shown }) {
  return items.length > shown.length ? html`<p data-name="more-items">${t("outbox.more", { n: items.length - shown.length })}</p>` : nothing;
}

/**
 * Items by visit.
 * @param {Loaded} loaded
 * @param {Row[]} items
 * @param {string} name
 */
function visitsOf(loaded, items, name) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const item of items) {
    const visit = item["visit"] ?? (item["kind"] === "visit" ? item["entity"] : "");
    const group = groups.get(visit);
    if (group) group.push(item);
    else groups.set(visit, [item]);
  }
  return [...groups].map(([visit, list]) => section({
    title: titleOf(loaded, loaded.visits.get(visit)),
    body: rows(list.map((item) => itemRow(loaded, item))),
    name,
  }));
}

/**
 * @param {Loaded} loaded
 * @param {Row | undefined} visit
 */
function titleOf({ places }, visit) {
  if (!visit) return t("outbox.single");
  const place = places.get(visit["stream"].split(":")[1]);
  return `${inLanguage(place ?? (visit["name"] ? visit : undefined)) || t("word.visit")} · ${dayText(visit["arrived_at"])}`;
}

/** What the archive has confirmed, newest first, on the person's wish. @param {Loaded} loaded */
function lookUp(loaded) {
  if ((tally.value?.safe ?? 0) + (tally.value?.erased ?? 0) === 0) return nothing;
  const toggle = () => {
    isLookedUp.value = !isLookedUp.peek();
    void shown?.again();
  };
  return html`${button({ label: t(isLookedUp.value ? "outbox.look_up_end" : "outbox.look_up"), icon: "list", kind: "quiet", isWide: true, onTap: toggle, name: "look-up" })}
    ${isLookedUp.value ? visitsOf(loaded, loaded.received, "received-visit") : nothing}`;
}

/**
 * @param {Loaded} loaded
 * @param {Row} item
 */
function itemRow({ bodies, subjects }, item) {
  const { kind, entity, visit, state: now, reason, photos } = item;
  const body = bodies.get(entity);
  const what = body ? kindText({ kind, body }) : t(hasWord(`word.${kind}`) ? `word.${kind}` : "word.record");
  const line = body ? shortened(lineText({ kind, body }, (about, item) => subjectName(subjects.get(about), item)), LINE_CHARS) : "";
  return row({
    label: line || what,
    note: html`${line ? `${what} · ` : ""}${timesText(item)}<br>${stateWord(now, { photos, reason: reasonWord(reason) })}`,
    ...(kind === "photo" && body ? { picture: marked(picture((body["view"] ?? body["original"])?.sha256 ?? null, ""), layerOf(body), { isTile: true }) } : {}),
    ...(visit || kind === "interview" ? { href: address("visit", visit ?? entity) } : {}),
    name: `item-${kind}`,
  });
}

/** When it was written, and when the archive had the text and the whole; of what was erased, when this phone learned of it. @param {Row} item */
function timesText({ kind, captured_at, received_at, completed_at, detail, state: now }) {
  if (now === "erased") return momentText(completed_at);
  // An appraisal is dated to the day.
  const written = kind === "appraisal" ? dayText(captured_at) : momentText(captured_at);
  if (completed_at !== null) return t("outbox.times", { written, received: momentText(received_at), safe: momentText(completed_at) });
  return html`${written}${detail && now !== "sent" ? html`<br>${detail}` : nothing}`;
}

/** @param {string | null} reason a word of the protocol */
function reasonWord(reason) {
  if (!reason) return "";
  return hasWord(`refusal.${reason}`) ? t(`refusal.${reason}`) : reason;
}

/** @param {Loaded} loaded */
function space({ storage }) {
  const used = storage["usage_bytes"] ?? 0;
  const free = Math.max(0, (storage["quota_bytes"] ?? 0) - used);
  const isFull = storage["quota_bytes"] > 0 && free < 100 * 1024 * 1024;
  return section({
    title: t("outbox.storage"),
    body: html`${isFull ? banner({ tone: "bad", icon: "warning", body: t("outbox.nearly_full", { b: sizeText(free) }) }) : nothing}
      ${rows([
        row({ label: t("outbox.space", { a: sizeText(used), b: sizeText(free) }), icon: "saved" }),
        row({ label: t("outbox.photos_here", { n: storage["photos"] ?? 0 }), value: sizeText(storage["photo_bytes"] ?? 0), icon: "camera" }),
      ])}`,
    name: "storage",
  });
}

/** @type {import("./shell.js").Screen} */
export const outboxScreen = { view, enter, leave };
