// @ts-check
// The home screen: what is to be visited this month, most urgent first, and what needs the person before that: visits sent
// back and visits not finished.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { agenda } from "../core/agenda.js";
import { position } from "../device/position.js";
import { store } from "../device/store.js";
import { barKey, button, card, empty, linkButton, screen, section, tag } from "./element.js";
import { finder } from "./finder.js";
import { icon } from "./icon.js";
import { noticeBanners } from "./notice.js";
import { reading } from "./reading.js";
import { address } from "./router.js";
import { identity } from "./shell.js";
import { syncLine, tally, tripLine, updateLine } from "./status.js";
import { dayText, distanceText, inLanguage, localDay, t } from "./word.js";

/** @typedef {import("../core/agenda.js").Due} Due */
/** @typedef {Record<string, any>} Row */
/** @typedef {{person: string, projects: Map<string, Row>, milestones: Map<string, Row>, plan: ReturnType<typeof agenda>, drafts: Row[], returned: Row[]}} Loaded */

const TABLES = ["team", "person", "project", "milestone", "visit", "submission", "review", "progress", "question", "outcome", "draft", "assignment"];

/** @type {import("./reading.js").Reading<Loaded> | null} */
let home = null;
const isSettledShown = signal(false);

/** @returns {Promise<Loaded>} */
async function load() {
  const person = identity.value?.person ?? "";
  const [teams, projects, milestones, visits, questions, outcomes, drafts, returned, assignments] = await Promise.all([
    store.call("rows", { kind: "team" }),
    store.call("rows", { kind: "project", limit: 5000 }),
    store.call("rows", { kind: "milestone", limit: 20000 }),
    store.call("select", { name: "visit_submitted", params: { stream: null } }),
    store.call("rows", { kind: "question", limit: 5000 }),
    store.call("rows", { kind: "outcome", limit: 20000 }),
    store.call("drafts", { kind: "visit" }),
    store.call("select", { name: "visit_returned", params: { person } }),
    store.call("rows", { kind: "assignment", where: { month: localDay(Date.now()).slice(0, 7) } }),
  ]);
  const mine = ownProjects(person, teams, projects, assignments);
  const here = position.latest.peek();
  const facts = { projects: mine, milestones, visits, questions, outcomes, today: localDay(Date.now()), here };
  return {
    person,
    projects: byEntity(projects),
    milestones: byEntity(milestones),
    plan: agenda(/** @type {any} */ (facts)),
    drafts,
    returned,
  };
}

/**
 * Return the projects of a person's teams and those their teams are sent to this month; a desk's person sees all.
 * @param {string} person
 * @param {Row[]} teams
 * @param {Row[]} projects
 * @param {Row[]} assignments
 */
function ownProjects(person, teams, projects, assignments) {
  if (identity.value?.role !== "inspector") return projects;
  const own = new Set(teams.filter((team) => team.members.some((/** @type {Row} */ member) => member.person === person)).map((team) => team.entity));
  const sent = new Set(assignments.filter((each) => own.has(each.stream.slice("team:".length))).map((each) => each.project));
  return projects.filter((project) => own.has(project.team) || sent.has(project.entity));
}

/**
 * @param {Row[]} rows
 * @returns {Map<string, Row>}
 */
function byEntity(rows) {
  return new Map(rows.map((row) => [row.entity, row]));
}

function enter() {
  home = reading(TABLES, load);
  void position.peek().then(() => home?.again());
}

function leave() {
  home?.stop();
  home = null;
}

function view() {
  const loaded = home?.value;
  return screen({
    title: t("home.title"),
    note: identity.value ? `${identity.value.name} · ${identity.value.archive_name}` : "",
    aside: html`<a class="head-key" href=${address("settings")} aria-label=${t("settings.title")}>${icon("settings")}</a>`,
    body: html`<div class="lines">${noticeBanners()}${updateLine()}${syncLine()}${tripLine()}</div>
      ${loaded ? content(loaded) : nothing}`,
    bar: html`${barKey({ label: t("bar.home"), icon: "home", href: address("home"), isHere: true })}
      ${barKey({ label: t("bar.returned"), icon: "returned", href: address("returned"), count: loaded?.returned.length ?? 0, name: "returned" })}
      ${barKey({ label: t("outbox.title"), icon: "send", href: address("outbox"), count: waiting(), name: "outbox" })}`,
  });
}

function waiting() {
  const { saved = 0, sent = 0, held = 0, refused = 0 } = tally.value ?? {};
  return saved + sent + held + refused;
}

/** @param {Loaded} loaded */
function content(loaded) {
  return finder({
    projects: loaded.projects,
    rest: () => html`${progress(loaded)}${sentBack(loaded)}${unfinished(loaded)}${todo(loaded)}${settled(loaded)}`,
  });
}

/** @param {Loaded} loaded */
function progress({ plan: { done, asked } }) {
  if (asked === 0) return nothing;
  return html`<p class="tally" data-name="progress"><span>${t("home.progress", { a: done, n: asked })}</span>
    <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bars-ground" width="1000" height="10"/>
    <rect class="tally-fill" width=${Math.round((1000 * done) / asked)} height="10"/></svg></p>`;
}

/** @param {Loaded} loaded */
function sentBack({ returned, projects }) {
  if (returned.length === 0) return nothing;
  return section({
    title: `${t("home.returned")} ${returned.length}`,
    body: html`<div class="cards">${returned.map((visit) => card({
      tone: "warn",
      tag: tag({ label: t("bar.returned"), tone: "warn", icon: "returned" }),
      title: inLanguage(projects.get(visit.stream.split(":")[1])) || t("word.visit"),
      body: visit.reason || visit.items[0]?.reason,
      href: address("returned"),
      name: "returned",
    }))}</div>`,
  });
}

/** @param {Loaded} loaded */
function unfinished({ drafts, projects, returned }) {
  const corrected = new Set(returned.map((visit) => visit.entity));
  const open = drafts.filter((draft) => !corrected.has(draft.entity));
  if (open.length === 0) return nothing;
  return section({
    title: t("home.drafts"),
    body: html`<div class="cards">${open.map((draft) => draftCard(draft, projects))}</div>`,
  });
}

/**
 * @param {Row} draft
 * @param {Map<string, Row>} projects
 */
function draftCard(draft, projects) {
  const project = projects.get(draft.stream.split(":")[1]);
  return card({
    tone: "warn",
    tag: tag({ label: t("state.draft"), icon: "note" }),
    title: inLanguage(project) || t("word.visit"),
    body: t("visit.arrived", { time: `${dayText(draft.body.arrived_at ?? draft.opened_at)} ${(draft.body.arrived_at ?? draft.opened_at).slice(11, 16)}` }),
    href: address("visit", draft.entity),
    foot: linkButton({ label: t("home.continue"), href: address("visit", draft.entity), kind: "primary", name: "continue" }),
    name: "draft",
  });
}

/** @param {Loaded} loaded */
function todo(loaded) {
  const { plan, returned } = loaded;
  // What was sent back stands above and is mended there; a second card would invite a second visit.
  const back = new Set(returned.map(({ stream }) => stream));
  const list = plan.todo.filter(({ project }) => !back.has(`project:${project}`));
  if (plan.asked === 0 && plan.todo.length === 0) return empty({ icon: "list", text: t("home.none") });
  if (list.length === 0) return back.size > 0 ? nothing : empty({ icon: "check", text: t("home.empty") });
  const isNear = list.some(({ distance_m }) => distance_m !== null);
  return section({
    title: `${t("home.due")} ${list.length}`,
    aside: html`<span class="line">${t(isNear ? "home.sorted_near" : "home.sorted_long")}</span>`,
    body: html`<div class="cards">${list.map((due, at) => dueCard(due, at, loaded))}</div>`,
  });
}

/**
 * @param {Due} due
 * @param {number} at its place in the list; the first is the most urgent
 * @param {Loaded} loaded
 */
function dueCard(due, at, { projects, milestones, drafts }) {
  const draft = drafts.find(({ stream }) => stream === `project:${due.project}`);
  const way = draft ? { label: t("home.continue"), href: address("visit", draft.entity), name: "continue" }
    : { label: t("home.start"), href: address("start", due.project), name: "start" };
  return card({
    tone: due.state === "overdue" ? "bad" : due.milestone ? "warn" : "plain",
    tag: whyTags(due),
    title: inLanguage(projects.get(due.project)),
    body: due.milestone ? milestoneText(due.milestone, milestones) : nothing,
    href: address("project", due.project),
    foot: html`<span class="card-where">${whenAndWhere(due)}</span>${linkButton({ ...way, kind: at === 0 ? "primary" : "plain" })}`,
    name: "due",
  });
}

/** @param {Due} due */
function whyTags({ state, milestone }) {
  return html`${state === "overdue" ? tag({ label: t("home.overdue"), tone: "bad", icon: "warning" }) : nothing}
    ${milestone ? tag({ label: t(milestone.is_passed ? "home.milestone_passed" : "home.milestone_near"), tone: "warn", icon: "flag" }) : nothing}
    ${state !== "due" && state !== "overdue" ? tag({ label: t(`coverage.${state}`) }) : nothing}`;
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

/** @param {Loaded} loaded */
function settled({ plan, projects }) {
  if (plan.settled.length === 0) return nothing;
  const label = t("home.settled", { n: plan.settled.length });
  const toggle = () => {
    isSettledShown.value = !isSettledShown.value;
  };
  return html`${button({ label, onTap: toggle, icon: "list", kind: "quiet", isWide: true, name: "settled" })}
    ${isSettledShown.value ? html`<div class="cards">${plan.settled.map((due) => card({
      tag: tag({ label: t(`coverage.${due.state}`), tone: due.state === "covered" ? "good" : "plain" }),
      title: inLanguage(projects.get(due.project)),
      body: whenAndWhere(due),
      href: address("project", due.project),
    }))}</div>` : nothing}`;
}

/** @type {import("./shell.js").Screen} */
export const homeScreen = { view, enter, leave };
