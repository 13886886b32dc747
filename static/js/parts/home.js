// @ts-check
// The home screen: what is to be visited this month, most urgent first, and what needs the person before that: visits sent
// back and visits not finished.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { agenda } from "../core/agenda.js";
import { monthBefore } from "../core/coverage.js";
import { addDays, monthOf } from "../core/day.js";
import { dueLookBacks } from "../core/look_back.js";
import { position } from "../device/position.js";
import { store } from "../device/store.js";
import { colleagueLines } from "./colleague.js";
import { button, card, empty, linkButton, row, rows, screen, section, tag } from "./element.js";
import { finder } from "./finder.js";
import { homeScreenBanner } from "./home_screen.js";
import { icon } from "./icon.js";
import { mainBar } from "./main_bar.js";
import { noticeBanners } from "./notice.js";
import { reading } from "./reading.js";
import { address } from "./router.js";
import { identity } from "./shell.js";
import { unsentBanner } from "./unsent.js";
import { askForNews, syncLine, tripLine, updateLine } from "./status.js";
import { dayText, distanceText, inLanguage, localDay, t } from "./word.js";

/** @typedef {import("../core/agenda.js").Due} Due */
/** @typedef {Record<string, any>} Row */
/** @typedef {{person: string, projects: Map<string, Row>, milestones: Map<string, Row>, plan: import("../core/agenda.js").Agenda, drafts: Row[], talks: Row[], joined: Row[], returned: Row[],
 *   allUnits: Map<string, Row>, units: Row[]}} Loaded */

/** What the month's list depends on. */
export const MONTH_TABLES = ["team", "person", "project", "milestone", "visit", "submission", "review", "progress", "question", "outcome", "draft", "assignment", "unit", "entry", "look_back", "joined"];

/** Coverage looks at this month, the one before, and the days around a milestone at hand; nobody visits a project so often beyond its rule. */
const VISITS_READ = 12;

/** @type {import("./reading.js").Reading<Loaded> | null} */
let home = null;
let stopFollowing = () => {};
/** The folded lists that are open. */
const shown = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** Read what is asked of this person this month. @returns {Promise<Loaded>} */
export async function loadMonth() {
  const person = identity.value?.person ?? "";
  const today = localDay(Date.now());
  const [teams, projects, milestones, visits, questions, outcomes, drafts, talks, returned, assignments, units, achievements, looks, joined] = await Promise.all([
    store.call("rows", { kind: "team" }),
    store.call("rows", { kind: "project", limit: 5000, withRetired: true }),
    store.call("rows", { kind: "milestone", limit: 20000 }),
    store.call("select", { name: "visit_since", params: { since: addDays(`${monthBefore(monthOf(today))}-01`, -1), today, most: VISITS_READ } }),
    store.call("rows", { kind: "question", limit: 5000 }),
    store.call("rows", { kind: "outcome", limit: 20000 }),
    store.call("drafts", { kind: "visit" }),
    store.call("drafts", { kind: "interview" }),
    store.call("select", { name: "visit_returned", params: { person } }),
    store.call("rows", { kind: "assignment", where: { month: monthOf(today) } }),
    store.call("rows", { kind: "unit", limit: 5000, withRetired: true }),
    store.call("rows", { kind: "entry", where: { list: "achievement", look_back_on: { not: null } } }),
    store.call("rows", { kind: "look_back", limit: 5000 }),
    store.call("joined"),
  ]);
  // A colleague's visit that this phone joined is under way here until it is submitted and the archive has told of it.
  const beside = joined.filter((/** @type {Row} */ each) => each["is_open"] || !each["is_submitted"] || !each["is_known"]);
  const [under_way, back] = [streamsOf([...drafts, ...beside]), streamsOf(returned)];
  const counted = ownProjects(person, teams, projects, assignments, new Set([...under_way, ...back]));
  const allUnits = byEntity(units);
  const here = position.latest.peek();
  const look_backs = streamsOf(dueLookBacks(/** @type {any[]} */ (achievements), /** @type {any[]} */ (looks), null, today));
  const own = new Set(ownTeams(person, teams).map(({ entity }) => `team:${entity}`));
  const facts = { assignments: assignments.filter((/** @type {Row} */ each) => own.has(each["stream"])), look_backs, projects: counted, milestones, visits, questions, outcomes, today, here, under_way, returned: back };
  return {
    person,
    projects: byEntity(projects),
    milestones: byEntity(milestones),
    plan: agenda(/** @type {any} */ (facts)),
    drafts,
    talks: talks.filter((/** @type {Row} */ { visit }) => visit === null),
    joined: joined.filter((/** @type {Row} */ each) => each["is_open"] || !(each["is_submitted"] || each["is_known"])),
    returned,
    allUnits,
    units: ownUnits(person, teams, assignments, allUnits),
  };
}

/**
 * Return the projects of a person's teams, those their teams are sent to this month, and those with a visit of theirs to go on with.
 * @param {string} person
 * @param {Row[]} teams
 * @param {Row[]} projects
 * @param {Row[]} assignments
 * @param {Set<string>} touched streams
 */
function ownProjects(person, teams, projects, assignments, touched) {
  const going = projects.filter((project) => !project.is_retired || touched.has(`project:${project.entity}`));
  if (identity.value?.role !== "inspector") return going;
  const own = new Set(ownTeams(person, teams).map((team) => team.entity));
  const sent = new Set(assignments.filter((each) => own.has(each.stream.slice("team:".length))).map((each) => each.project));
  return going.filter((project) => own.has(project.team) || sent.has(project.entity) || touched.has(`project:${project.entity}`));
}

/** @param {string} person @param {Row[]} teams @returns {Row[]} */
function ownTeams(person, teams) {
  return teams.filter((team) => team.members.some((/** @type {Row} */ member) => member.person === person));
}

/** @param {Row[]} visits @returns {string[]} */
function streamsOf(visits) {
  return visits.map(({ stream }) => stream);
}

/**
 * Return the units a person may be stationed at: those of their teams, and before them those their teams are sent to this month.
 * @param {string} person
 * @param {Row[]} teams
 * @param {Row[]} assignments
 * @param {Map<string, Row>} units
 */
function ownUnits(person, teams, assignments, units) {
  const own = ownTeams(person, teams);
  const names = new Set(own.map((team) => `team:${team.entity}`));
  const sent = assignments.filter((each) => each.unit && names.has(each.stream)).map((each) => each.unit);
  const wanted = [...new Set([...sent, ...own.flatMap((team) => team.units)])];
  return wanted.flatMap((entity) => units.get(entity) ?? []).filter((unit) => !unit.is_retired).map((unit) => ({ ...unit, is_sent: sent.includes(unit.entity) }));
}

/**
 * @param {Row[]} rows
 * @returns {Map<string, Row>}
 */
function byEntity(rows) {
  return new Map(rows.map((row) => [row.entity, row]));
}

function enter() {
  home = reading(MONTH_TABLES, loadMonth);
  askForNews();
  // Distances are reckoned anew when a position comes.
  const known = position.latest.peek();
  stopFollowing = position.latest.subscribe((latest) => {
    if (latest !== known) void home?.again();
  });
  void position.peek();
}

function leave() {
  stopFollowing();
  home?.stop();
  home = null;
}

function view() {
  const loaded = home?.value;
  return screen({
    title: t("home.title"),
    note: identity.value ? `${identity.value.name} · ${identity.value.archive_name}` : "",
    aside: html`<a class="head-key" href=${address("settings")} aria-label=${t("settings.title")}>${icon("settings")}</a>`,
    body: html`<div class="lines">${noticeBanners()}${updateLine()}${unsentBanner({ isElsewhere: true })}${syncLine()}${colleagueLines()}${tripLine()}${homeScreenBanner()}</div>
      ${loaded ? content(loaded) : nothing}${loaded && loaded.projects.size > 0 ? prepareTrip() : nothing}`,
    bar: mainBar("home", loaded?.returned.length ?? 0),
  });
}

function prepareTrip() {
  return rows([row({ label: t("trip.title"), note: t("trip.note"), icon: "saved", href: address("trip"), name: "trip" })]);
}

/** @param {Loaded} loaded */
function content(loaded) {
  return finder({
    projects: loaded.projects,
    units: loaded.allUnits,
    rest: () => html`${progress(loaded)}${sentBack(loaded)}${unfinished(loaded)}${todo(loaded)}${joinKey()}${folded(loaded, "done")}${folded(loaded, "rest")}${stationed(loaded)}`,
  });
}

/** Visited, and what is still to be done: together all that is asked this month. @param {Loaded} loaded */
function progress({ plan: { returned, under_way, todo, done } }) {
  const asked = returned.length + under_way.length + todo.length + done.length;
  if (asked === 0) return nothing;
  return html`<p class="tally" data-name="progress"><span>${t("home.progress", { a: done.length, n: asked })}</span>
    <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bars-ground" width="1000" height="10"/>
    <rect class="tally-fill" width=${Math.round((1000 * done.length) / asked)} height="10"/></svg></p>`;
}

/** Visits sent back: those to projects are counted with the projects, those to units by themselves. @param {Loaded} loaded */
function sentBack({ returned, projects, allUnits }) {
  const cards = (/** @type {Row[]} */ visits) => visits.map((visit) => card({
    tone: "warn",
    tag: tag({ label: t("bar.returned"), tone: "warn", icon: "returned" }),
    title: placeName(visit["stream"], projects, allUnits),
    body: visit["reason"] || visit["items"][0]?.reason,
    href: address("returned"),
    name: "returned",
  }));
  return html`${cardSection("home.returned", "sent-back", cards(returned.filter(isOfProject)))}
    ${cardSection("home.returned_unit", "sent-back-unit", cards(returned.filter((visit) => !isOfProject(visit))))}`;
}

/** @param {Loaded} loaded */
function unfinished({ drafts, talks, joined, projects, allUnits, returned }) {
  const corrected = new Set(returned.map((visit) => visit["entity"]));
  const open = drafts.filter((draft) => !corrected.has(draft["entity"]));
  const cards = (/** @type {Row[]} */ some) => some.map((draft) => draftCard(draft, placeName(draft["stream"], projects, allUnits)));
  return html`${cardSection("home.drafts", "drafts", cards(open.filter(isOfProject)))}
    ${cardSection("home.drafts_unit", "drafts-unit", cards(open.filter((draft) => !isOfProject(draft))))}
    ${cardSection("home.drafts_talk", "drafts-talk", cards(talks))}
    ${cardSection("join.joined", "joined", joined.map((each) => joinedCard(each, placeName(each["stream"], projects, allUnits, each))))}`;
}

/** The way to a colleague's visit. */
function joinKey() {
  return linkButton({ label: t("join.scan"), icon: "people", kind: "quiet", isWide: true, href: address("join"), name: "join" });
}

/** @param {Row} visit */
function isOfProject(visit) {
  return visit["stream"].startsWith("project:");
}

/** @param {string} title its key @param {string} name @param {unknown[]} cards */
function cardSection(title, name, cards) {
  if (cards.length === 0) return nothing;
  return section({ title: `${t(title)} ${cards.length}`, name, body: html`<div class="cards">${cards}</div>` });
}

/**
 * @param {string} stream
 * @param {Map<string, Row>} projects
 * @param {Map<string, Row>} units
 * @param {Row} [named] what a code called it
 */
function placeName(stream, projects, units, named) {
  const [, entity = ""] = stream.split(":");
  return inLanguage(projects.get(entity) ?? units.get(entity) ?? named) || t("word.visit");
}

/** @param {Row} draft @param {string} title */
function draftCard(draft, title) {
  return card({
    tone: "warn",
    tag: tag({ label: t("state.draft"), icon: "note" }),
    title,
    body: t("visit.started", { time: `${dayText(draft.body.arrived_at ?? draft.opened_at)} ${(draft.body.arrived_at ?? draft.opened_at).slice(11, 16)}` }),
    href: address("visit", draft.entity),
    foot: linkButton({ label: t("home.continue"), href: address("visit", draft.entity), kind: "primary", name: "continue" }),
    name: "draft",
  });
}

/** @param {Row} joined @param {string} title */
function joinedCard({ visit, joined_at }, title) {
  return card({
    tone: "warn", title, name: "joined-visit",
    body: t("visit.started", { time: `${dayText(joined_at)} ${joined_at.slice(11, 16)}` }), href: address("visit", visit),
    foot: linkButton({ label: t("home.continue"), href: address("visit", visit), kind: "primary", name: "continue-joined" }),
  });
}

/** @param {Loaded} loaded */
function todo(loaded) {
  const { returned, under_way, todo: list, done } = loaded.plan;
  if (list.length === 0 && returned.length + under_way.length > 0) return nothing;
  if (list.length === 0) return done.length > 0 ? empty({ icon: "check", text: t("home.empty") }) : empty({ icon: "list", text: t("home.none") });
  const isNear = list.some(({ distance_m }) => distance_m !== null);
  return section({
    title: `${t("home.due")} ${list.length}`, name: "todo",
    aside: html`<span class="line">${t(isNear ? "home.sorted_near" : "home.sorted_long")}</span>`,
    body: html`<div class="cards">${list.map((due, at) => dueCard(due, at, loaded))}</div>`,
  });
}

/**
 * @param {Due} due
 * @param {number} at its place in the list; the first is the most urgent
 * @param {Loaded} loaded
 */
function dueCard(due, at, { projects, milestones }) {
  return card({
    tone: due.state === "overdue" ? "bad" : due.milestone ? "warn" : "plain",
    tag: whyTags(due),
    title: inLanguage(projects.get(due.project)),
    body: due.milestone ? milestoneText(due.milestone, milestones) : nothing,
    href: address("project", due.project),
    foot: html`<span class="card-where">${whenAndWhere(due)}</span>${linkButton({
      label: t("home.start"), href: address("start", due.project), name: "start", kind: at === 0 ? "primary" : "plain",
    })}`,
    name: "due",
  });
}

/** What is to be done, and why where the month and its milestones do not say it; that a project was visited this month says its last day. @param {Due} due */
function whyTags({ state, milestone, look_backs, is_assigned }) {
  return html`${state === "overdue" ? tag({ label: t("home.overdue"), tone: "bad", icon: "warning" }) : nothing}
    ${milestone ? tag({ label: t(milestone.is_passed ? "home.milestone_passed" : "home.milestone_near"), tone: "warn", icon: "flag" }) : nothing}
    ${is_assigned && state !== "due" && state !== "overdue" && milestone === null ? tag({ label: t("assignment.sent"), icon: "person", state: "assigned" }) : nothing}
    ${look_backs > 0 ? tag({ label: t("look_back.count", { n: look_backs }), icon: "list", state: "look-back" }) : nothing}`;
}

/**
 * @param {{entity: string, planned_on: string}} milestone
 * @param {Map<string, Row>} milestones
 */
function milestoneText({ entity, planned_on }, milestones) {
  return t("home.milestone_on", { name: inLanguage(milestones.get(entity)), date: dayText(planned_on) });
}

/** @param {Due} due */
function whenAndWhere({ last_on, distance_m }) {
  const last = last_on ? t("home.last_visit", { date: dayText(last_on) }) : t("project.never_visited");
  return html`<span>${last}</span>${distance_m === null ? nothing : html` <span>${t("home.distance", { d: distanceText(distance_m) })}</span>`}`;
}

/**
 * A list that is folded until it is asked for.
 * @param {string} name
 * @param {string} label
 * @param {() => unknown} body
 */
function fold(name, label, body) {
  const toggle = () => {
    const next = new Set(shown.peek());
    if (!next.delete(name)) next.add(name);
    shown.value = next;
  };
  return html`${button({ label, onTap: toggle, icon: "list", kind: "quiet", isWide: true, name })}${shown.value.has(name) ? body() : nothing}`;
}

/** @param {Loaded} loaded @param {"done" | "rest"} name */
function folded({ plan, projects }, name) {
  const list = plan[name];
  if (list.length === 0) return nothing;
  return fold(name, t(`home.${name}`, { n: list.length }), () => html`<div class="cards" data-name=${`${name}-cards`}>${list.map((due) => card({
    tag: tag({ label: t(`coverage.${due.state}`), tone: due.state === "covered" ? "good" : "plain" }),
    title: inLanguage(projects.get(due.project)),
    body: whenAndWhere(due),
    href: address("project", due.project),
  }))}</div>`);
}

/** Units to be stationed at: those assigned this month stand open, the others behind a tap. @param {Loaded} loaded */
function stationed({ units }) {
  const sent = units.filter(({ is_sent }) => is_sent);
  const others = units.filter(({ is_sent }) => !is_sent);
  const list = (/** @type {Row[]} */ some) => rows(some.map((unit) => row({
    label: inLanguage(unit), icon: "place", href: address("start", "unit", unit["entity"]), name: "unit",
  })));
  return html`${sent.length > 0 ? section({ title: `${t("home.stationed")} ${sent.length}`, name: "stationed", body: list(sent) }) : nothing}
    ${others.length > 0 ? fold("units", t("home.units", { n: others.length }), () => list(others)) : nothing}`;
}

/** @type {import("./shell.js").Screen} */
export const homeScreen = { view, enter, leave };
