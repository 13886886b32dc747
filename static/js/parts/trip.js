// @ts-check
// Before a trip: choose projects, see what they take, fetch it, then try whether all of it works without a network. A tick is given only by
// a self-test that passed whole; what makes it stale is said.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { hereBytes, staleness, toFetchBytes, verdictOf } from "../core/trip.js";
import { persist } from "../device/capability.js";
import { keptVersion } from "../device/kept_shell.js";
import { store } from "../device/store.js";
import { version } from "../device/version.js";
import { banner, button, row, rows, screen, section, tag } from "./element.js";
import { toggle } from "./field.js";
import { loadMonth, MONTH_TABLES } from "./home.js";
import { homeScreenAdvice } from "./home_screen.js";
import { reading } from "./reading.js";
import { address } from "./router.js";
import { checkLines, testPhone } from "./self_test.js";
import { attempt, fail } from "./shell.js";
import { askForNews, loginBanner, sync, wayText } from "./status.js";
import { inLanguage, momentText, sizeText, t } from "./word.js";

/** @typedef {import("../core/trip.js").Part} Part */
/** @typedef {import("../core/trip.js").Tick} Tick */
/** @typedef {import("../device/store/readiness.js").Readiness} Readiness */
/** @typedef {import("./self_test.js").Line} Line */
/** @typedef {Awaited<ReturnType<typeof loadMonth>>} Month */
/** @typedef {Readiness & {app: string | null}} Ready */

/** @type {import("./reading.js").Reading<Month> | null} */
let month = null;
/** @type {import("./reading.js").Reading<Ready> | null} */
let ready = null;
let offSync = () => {};
/** Streams that are ticked in the list; nothing is before a person does it. */
const picked = signal(/** @type {ReadonlySet<string>} */ (new Set()));
const isRestShown = signal(false);
const isTesting = signal(false);
/** The last self-test: of this phone, and of each project. */
const tested = signal(/** @type {{at: number, common: Line[], projects: Map<string, Line[]>} | null} */ (null));
/** Choices the self-test followed by itself already. */
let testedFor = "";

/** @returns {Promise<Ready>} */
async function loadReady() {
  const [app, found] = await Promise.all([keptVersion(), store.call("readiness")]);
  const loaded = { ...found, app };
  testWhenWhole(loaded);
  return loaded;
}

function enter() {
  picked.value = new Set();
  isRestShown.value = false;
  tested.value = null;
  testedFor = "";
  month = reading(MONTH_TABLES, loadMonth);
  ready = reading(["setting", "stream_head", "earlier"], loadReady);
  offSync = store.on("sync", () => void ready?.again());
  askForNews();
}

function leave() {
  offSync();
  month?.stop();
  ready?.stop();
  month = ready = null;
}

/** Projects chosen for this trip whose tick is not of this choice. @param {Ready} now @returns {[string, Part][]} */
function underWay({ projects }) {
  return Object.entries(projects).filter(([, { chosen_at, tick }]) => chosen_at !== null && (tick === null || tick.at_ms < Date.parse(chosen_at)));
}

/** Once everything is here, the test runs by itself: once for a choice. @param {Ready} now */
function testWhenWhole(now) {
  const open = underWay(now);
  const name = open.map(([stream, { chosen_at }]) => `${stream} ${chosen_at}`).join(" ");
  const isWhole = open.length > 0 && now.behind.length === 0 && open.every(([, part]) => Object.values(verdictOf(part)).every(Boolean));
  if (!isWhole || testedFor === name || isTesting.peek()) return;
  testedFor = name;
  void test();
}

/** Try everything for the projects of the trip, and tick those for which all of it passes. */
async function test() {
  if (isTesting.peek()) return;
  isTesting.value = true;
  try {
    const phone = await testPhone();
    /** @type {Readiness} */
    const now = await store.call("readiness");
    const common = [...phone.lines, commonLine(now)];
    const chosen = Object.entries(now.projects).filter(([, { chosen_at }]) => chosen_at !== null);
    if (common.every(({ is_good }) => is_good) && phone.app !== null) await store.call("tickTrip", { streams: chosen.map(([stream]) => stream), app: phone.app });
    tested.value = { at: phone.at, common, projects: new Map(chosen.map(([stream, part]) => [stream, projectLines(part)])) };
  } catch (error) {
    fail(error, () => void test());
  }
  isTesting.value = false;
  await ready?.again();
}

/** @param {Readiness} now @returns {Line} */
function commonLine({ listed_at, behind }) {
  const is_good = listed_at !== null && behind.length === 0;
  return { name: "common", label: t("trip.common"), is_good, text: t(is_good ? "trip.common_good" : "trip.common_bad"), todo: t("trip.connect") };
}

/** @param {Part} part @returns {Line[]} */
function projectLines(part) {
  const { held, named, is_named, pictures } = part;
  const whole = verdictOf(part);
  const text = !is_named ? t("trip.not_asked") : named === null ? t("trip.not_listed") : t(whole.text ? "trip.text_good" : "trip.text_bad", { a: held, n: named });
  const todo = is_named && named === null ? t("trip.ask_desk") : t("trip.connect");
  const there = pictures.wanted - pictures.absent;
  const count = there === 0 ? t("trip.pictures_none") : t(whole.pictures ? "trip.pictures_good" : "trip.pictures_bad", { a: pictures.here, n: there });
  return [
    { name: "text", label: t("trip.text"), is_good: whole.text, text, todo },
    { name: "pictures", label: t("trip.pictures"), is_good: whole.pictures, text: pictures.absent > 0 ? `${count} ${t("trip.pictures_absent", { n: pictures.absent })}` : count, todo: t("trip.connect") },
  ];
}

function view() {
  const [loaded, now] = [month?.value, ready?.value];
  return screen({
    title: t("trip.title"),
    back: address("home"),
    body: loaded && now ? html`<p class="field-hint">${t("trip.explain")}</p>${wayLines()}${standing(loaded, now)}${results(loaded)}${lists(loaded, now)}` : nothing,
    bar: loaded && now ? bar(now) : nothing,
  });
}

function wayLines() {
  const state = sync.value;
  if (state?.is_login_needed) return loginBanner();
  if (state && !state.is_reachable) return banner({ icon: "offline", body: `${wayText(state)} ${t("trip.interrupted")}`, name: "trip-offline" });
  return nothing;
}

/** How far the fetching is, and that it goes on by itself. @param {Month} loaded @param {Ready} now */
function standing(loaded, now) {
  const open = underWay(now);
  if (isTesting.value) return html`<p role="status" data-name="trip-testing">${t("self_test.running")}</p>`;
  if (open.length === 0) return nothing;
  const [here, all] = progressOf(open, now);
  return section({
    title: t(here < all ? "trip.fetching" : "trip.fetched", { n: open.length }), name: "trip-progress",
    aside: html`<span class="line">${t("trip.of", { a: here, n: all })}</span>`,
    body: html`<p class="tally" role="status"><svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bars-ground" width="1000" height="10"/>
        <rect class="tally-fill" width=${all === 0 ? 0 : Math.floor((1000 * here) / all)} height="10"/></svg></p>
      <p class="field-hint">${t(here < all ? "trip.goes_on" : "trip.all_here")}</p>
      ${rows(open.map(([stream, part]) => row({ label: nameOf(loaded, stream), note: leftText(part, now), icon: "update", name: "trip-open" })))}
      ${here === all ? nothing : button({ label: t("trip.go_on"), isWide: true, icon: "update", onTap: () => void attempt(() => store.call("sync", { do: "now" })), name: "trip-go-on" })}
      ${button({ label: t(here < all ? "trip.test_now" : "self_test.again"), isWide: true, icon: "check", onTap: () => void test(), name: "trip-test" })}
      ${button({ label: t("trip.stop"), isWide: true, kind: "quiet", onTap: () => void attempt(() => stop(open.map(([stream]) => stream))), name: "trip-stop" })}`,
  });
}

/** Records and pictures here, and those there are. @param {[string, Part][]} open @param {Ready} now */
function progressOf(open, now) {
  let [here, all] = [0, now.behind.length];
  for (const [, { held, named, is_named, pictures }] of open) {
    const records = Math.max(named ?? 0, held, 1);
    all += records + pictures.wanted - pictures.absent;
    here += (is_named ? Math.min(held, records) : 0) + pictures.here;
  }
  return [here, Math.max(all, here)];
}

/** @param {Part} part @param {Ready} now */
function leftText(part, now) {
  if (!part.is_named) return t("trip.not_asked");
  const bytes = toFetchBytes(part, now.mean);
  return bytes > 0 ? t("trip.left", { a: sizeText(bytes) }) : t("trip.here");
}

/** @param {string[]} streams */
async function stop(streams) {
  await store.call("unchooseTrip", { streams });
  await ready?.again();
}

/** What the last self-test found, in full. @param {Month} loaded */
function results(loaded) {
  const found = tested.value;
  if (found === null || isTesting.value) return nothing;
  const of_projects = [...found.projects].map(([stream, lines]) => section({ title: nameOf(loaded, stream), body: checkLines(lines), name: "trip-tested" }));
  const is_good = [...found.common, ...[...found.projects.values()].flat()].every((line) => line.is_good);
  return html`${is_good
      ? banner({ tone: "good", icon: "check", title: t("trip.passed", { time: momentText(found.at) }), body: t("trip.passed_means"), name: "trip-passed" })
      : banner({ tone: "bad", icon: "warning", title: t("trip.failed"), body: t("trip.failed_means"), name: "trip-failed" })}
    ${section({ title: t("trip.of_phone"), body: checkLines(found.common), name: "trip-phone" })}
    ${found.common.some(({ name, is_good: passed }) => name === "persisted" && !passed) ? homeScreenAdvice() : nothing}${of_projects}`;
}

/** @param {Month} loaded @param {Ready} now */
function lists(loaded, now) {
  const { returned, under_way, todo, done, rest } = loaded.plan;
  const due = [...returned, ...under_way, ...todo].map(({ project }) => project);
  const others = [...done, ...rest].map(({ project }) => project);
  return html`${due.length > 0 ? section({ title: t("trip.due"), body: choices(due, loaded, now), name: "trip-due" }) : nothing}
    ${others.length === 0 ? nothing : isRestShown.value || due.length === 0 || others.some((entity) => hasPart(now.projects[`project:${entity}`]))
      ? section({ title: t("trip.others"), body: choices(others, loaded, now), name: "trip-others" })
      : button({ label: t("trip.show_others", { n: others.length }), icon: "list", kind: "quiet", isWide: true, onTap: () => void (isRestShown.value = true), name: "trip-show-others" })}`;
}

/** Whether a project was chosen or tested before: then it is not folded away. @param {Part | undefined} part */
function hasPart(part) {
  return part !== undefined && (part.tick !== null || part.chosen_at !== null);
}

/** @param {string[]} entities @param {Month} loaded @param {Ready} now */
function choices(entities, loaded, now) {
  return html`<div class="rows trip-choices">${entities.map((entity) => {
    const stream = `project:${entity}`;
    const part = now.projects[stream];
    return html`<div class="trip-choice" data-stream=${stream}>
      ${toggle({ name: stream, label: nameOf(loaded, stream), isOn: picked.value.has(stream), onChange: (isOn) => pick(stream, isOn), note: part ? sizesText(part, now) : t("trip.not_listed") })}
      ${part ? tickView(part, now) : nothing}</div>`;
  })}</div>`;
}

/** @param {string} stream @param {boolean} isOn */
function pick(stream, isOn) {
  const next = new Set(picked.peek());
  if (isOn) next.add(stream);
  else next.delete(stream);
  picked.value = next;
}

/** @param {Month} loaded @param {string} stream */
function nameOf(loaded, stream) {
  return inLanguage(loaded.projects.get(stream.slice("project:".length))) || t("word.project");
}

/** @param {Part} part @param {Ready} now */
function sizesText(part, now) {
  const left = toFetchBytes(part, now.mean);
  const here = t("trip.size_here", { a: sizeText(hereBytes(part, now.mean)) });
  return left > 0 ? t("trip.size_left", { a: sizeText(left), here }) : here;
}

/** The tick, or why the one there was says nothing any more. @param {Part} part @param {Ready} now */
function tickView(part, now) {
  const { tick } = part;
  if (tick === null) return nothing;
  const why = staleness({ ...part, tick }, { ...now, now_ms: Date.now(), is_newer: version.state.value === "newer" });
  const time = momentText(tick.at);
  return why === null
    ? html`<p class="trip-tick">${tag({ label: t("trip.tick", { time }), tone: "good", icon: "check", state: "fresh" })}</p>`
    : html`<p class="trip-tick">${tag({ label: t(`trip.stale_${why}`, { time }), tone: "warn", icon: "warning", state: `stale-${why}` })}</p>`;
}

/** @param {Ready} now */
function bar(now) {
  const parts = [...picked.value].flatMap((stream) => now.projects[stream] ?? []);
  const bytes = parts.reduce((sum, part) => sum + toFetchBytes(part, now.mean), 0);
  const picks = picked.value.size === 0 ? nothing : html`<small data-name="trip-picked">${bytes > 0 ? t("trip.picked", { n: picked.value.size, a: sizeText(bytes) }) : t("trip.picked_here", { n: picked.value.size })}</small>`;
  return button({
    label: html`<span class="trip-prepare">${t("trip.prepare")}${picks}</span>`, kind: "primary",
    isDisabled: picked.value.size === 0 || isTesting.value, onTap: () => void attempt(prepare), name: "trip-prepare",
  });
}

/** Choose what is ticked and fetch it now, and ask the browser to keep it; the self-test follows when it is here. */
async function prepare() {
  await persist();
  await store.call("chooseTrip", { streams: [...picked.peek()] });
  picked.value = new Set();
  tested.value = null;
  await store.call("sync", { do: "now" });
  await ready?.again();
}

/** @type {import("./shell.js").Screen} */
export const tripScreen = { view, enter, leave };
