// @ts-check
// The outbox: the exact state of everything not yet safe in the archive, why, and when it is tried again. Words are bound to
// what is proven (core/state.js).

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { store } from "../device/store.js";
import { banner, button, empty, row, rows, screen, section, stateWord } from "./element.js";
import { reading } from "./reading.js";
import { address } from "./router.js";
import { attempt, identity } from "./shell.js";
import { loginBanner, sync, tally, troubleText } from "./status.js";
import { dayText, hasWord, inLanguage, momentText, sizeText, t, timeText } from "./word.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{items: Row[], visits: Map<string, Row>, projects: Map<string, Row>, storage: Row}} Loaded */

const DAY_MS = 86_400_000;
const TABLES = ["record", "naming", "visit", "draft"];

/** @type {import("./reading.js").Reading<Loaded> | null} */
let shown = null;

/** @returns {Promise<Loaded>} */
async function load() {
  const [items, visits, projects, storage] = await Promise.all([
    store.call("outbox"), store.call("rows", { kind: "visit", where: { author: identity.value?.person ?? "" } }),
    store.call("rows", { kind: "project" }), store.call("storage"),
  ]);
  return { items, visits: byEntity(visits), projects: byEntity(projects), storage };
}

/**
 * @param {Row[]} list
 * @returns {Map<string, Row>}
 */
function byEntity(list) {
  return new Map(list.map((each) => [each["entity"], each]));
}

function enter() {
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
    body: loaded ? html`${state(loaded)}${waitingVisits(loaded)}${space(loaded)}` : nothing,
    bar: loaded && loaded.items.length > 0
      ? button({ label: t("outbox.send_now"), icon: "send", kind: "primary", onTap: () => void attempt(() => store.call("sync", { do: "now" })), name: "send-now" })
      : nothing,
  });
}

/** @param {Loaded} loaded */
function state({ items }) {
  if (items.length === 0) {
    const isSafe = (tally.value?.safe ?? 0) > 0;
    return empty({ icon: "safe", text: t(isSafe ? "outbox.all_safe" : "outbox.nothing"), name: isSafe ? "all-safe" : "nothing" });
  }
  return html`${wayLine()}${ageBanner(items)}
    ${rows([row({ label: t("outbox.order"), icon: "send", note: counts() }), row({ label: t("outbox.do_not_clear"), icon: "warning", tone: "warn" })])}`;
}

function counts() {
  const { saved = 0, sent = 0, held = 0, refused = 0 } = tally.value ?? {};
  const parts = [["state.saved", saved], ["outbox.received", sent], ["outbox.held", held], ["outbox.refused", refused]];
  return parts.filter(([, n]) => Number(n) > 0).map(([key, n]) => `${t(String(key))} ${n}`).join(" · ");
}

/** How the way to the archive is. */
function wayLine() {
  const now = sync.value;
  if (!now) return nothing;
  if (!now.is_reachable) {
    const retry = now.next_try_at ? t("outbox.retry_at", { time: timeText(now.next_try_at) }) : "";
    return banner({ tone: now.trouble === "network" ? "plain" : "warn", icon: "offline", title: troubleText(now.trouble), body: retry, name: "way" });
  }
  return now.is_login_needed ? loginBanner() : nothing;
}

/** @param {Row[]} items */
function ageBanner(items) {
  const unsent = items.filter((item) => item["state"] === "saved");
  if (unsent.length === 0) return nothing;
  const days = Math.floor((Date.now() - Date.parse(unsent[0]?.["captured_at"])) / DAY_MS);
  if (days >= 7) return banner({ tone: "bad", icon: "warning", body: t("outbox.warn_7"), isUrgent: true });
  if (days >= 3) return banner({ tone: "warn", icon: "warning", body: t("outbox.warn_3") });
  return days >= 1 ? html`<p>${t("outbox.oldest", { n: days })}</p>` : nothing;
}

/** @param {Loaded} loaded */
function waitingVisits({ items, visits, projects }) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const item of items) {
    const visit = item["visit"] ?? (item["kind"] === "visit" ? item["entity"] : "");
    groups.set(visit, [...(groups.get(visit) ?? []), item]);
  }
  return [...groups].map(([visit, list]) => section({
    title: titleOf(visits.get(visit), projects),
    body: rows(list.map(itemRow)),
    name: "outbox-visit",
  }));
}

/**
 * @param {Row | undefined} visit
 * @param {Map<string, Row>} projects
 */
function titleOf(visit, projects) {
  if (!visit) return t("outbox.single");
  const project = projects.get(visit["stream"].split(":")[1]);
  return `${inLanguage(project) || t("word.visit")} · ${dayText(visit["arrived_at"])}`;
}

/** @param {Row} item */
function itemRow({ kind, captured_at, state: now, reason, detail, photos }) {
  const word = hasWord(`word.${kind}`) ? t(`word.${kind}`) : t("word.record");
  return row({
    label: word,
    note: html`${momentText(captured_at)}${detail && now !== "sent" ? html`<br>${detail}` : nothing}`,
    value: stateWord(now, { photos, reason: reasonWord(reason) }),
    name: `item-${kind}`,
  });
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
