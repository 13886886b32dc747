// @ts-check
// A project on one screen, readable in the car: how it looked, how far it should be and is, what is open, what comes next,
// who is responsible since when. Facts only.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { dayOf, monthOf } from "../core/day.js";
import { duePermille } from "../core/due.js";
import { closedProblems, openProblems, stillOpen } from "../core/follow_up.js";
import { openDecisions } from "../core/decision.js";
import { dueLookBacks } from "../core/look_back.js";
import { overviewItems, overviewOf } from "../core/overview.js";
import { isOn } from "../core/start.js";
import { store } from "../device/store.js";
import { absentView } from "./absent.js";
import { lessTag } from "./attention.js";
import { briefingView, openBriefing } from "./briefing.js";
import { button, linkButton, photoStrip, progressBars, row, rows, screen, section, tag } from "./element.js";
import { marked } from "./marked.js";
import { picture } from "./picture.js";
import { reading } from "./reading.js";
import { address } from "./router.js";
import { attempt, identity } from "./shell.js";
import { roleName } from "./visit/interview.js";
import { aside, dayText, gapText, inLanguage, listed, localDay, pair, percentText, t } from "./word.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{project: Row | null, unit: Row | null, draft: Row | null, isToBeObserved: boolean, progress: Row | undefined, before: Row | undefined, report: Row | undefined, milestones: Row[], seen: Row[],
  *   questions: Row[], problems: Row[], closed: Row[], lookBacks: Row[], decisions: Row[], claims: Row[], sources: Row[], assignments: Row[], units: Map<string, Row>, links: Row[], officials: Map<string, Row>, tenures: Row[], visits: Row[], photos: Row[], sheets: Row[], talks: Row[]}} Loaded */

const TABLES = ["project", "unit", "draft", "progress", "progress_report", "milestone", "reconciliation", "question", "outcome", "entry",
  "recheck", "look_back", "meeting", "claim", "source", "link", "official", "tenure", "visit", "submission", "review", "photo", "checklist", "assignment", "team", "interview"];
const SHOWN = 5;
/** The newest, and the one of another visit before it. */
const SEEN_READ = 20;
/** One of them has photos, or none of the last two years has. */
const VISITS_READ = 24;
/** More than any visit takes, so that its first one is among them. */
const PHOTOS_READ = 300;
const PHOTOS_SHOWN = 6;
const ROLES = ["lead", "owner", "patron", "local", "support"];

/** @type {import("./reading.js").Reading<Loaded> | null} */
let shown = null;
const isReportShown = signal(false);

/** @param {string} id @returns {Promise<Loaded>} */
async function load(id) {
  const stream = `project:${id}`;
  /** @param {string} kind @param {string} [order] @param {Row} [where] */
  const of = (kind, order = "captured_at", where = {}) => store.call("rows", { kind, where: { stream, ...where }, order });
  const [project, drafts, progress, reports, milestones, seen, questions, outcomes, faults, achievements, rechecks, links, officials, tenures, visits, photos, sheets, looks, meetings, claims, sources, assignments, teams, units] =
    await Promise.all([
      store.call("row", { kind: "project", entity: id }), store.call("drafts", { kind: "visit" }),
      store.call("rows", { kind: "progress", where: { stream }, order: "-seen_on", limit: SEEN_READ }), of("progress_report", "-month"), of("milestone", "planned_on"), of("reconciliation"), of("question"), of("outcome"),
      of("entry", "-captured_at", { list: "problem" }), of("entry", "-captured_at", { list: "achievement", look_back_on: { not: null } }), of("recheck"), of("link", "from_on"), store.call("rows", { kind: "official", withRetired: true }), store.call("rows", { kind: "tenure" }),
      store.call("select", { name: "visit_of_stream", params: { stream, limit: VISITS_READ } }), store.call("select", { name: "photo_of_stream", params: { stream, limit: PHOTOS_READ } }),
      store.call("rows", { kind: "checklist" }), of("look_back"), of("meeting"), of("claim"), of("source", "-dated_on"),
      store.call("rows", { kind: "assignment", where: { project: id, month: monthOf(localDay(Date.now())) } }), store.call("rows", { kind: "team" }),
      store.call("rows", { kind: "unit", withRetired: true }),
    ]);
  const unit = project ? await store.call("row", { kind: "unit", entity: project.unit }) : null;
  const talks = await readTalks(stream);
  const draft = drafts.find((/** @type {Row} */ each) => each.stream === stream) ?? null;
  return {
    project, unit, draft, isToBeObserved: draft !== null && !(await isObserved(draft.entity, progress)),
    progress: progress[0], before: progress.find((/** @type {Row} */ each) => each.visit !== progress[0]?.visit), report: reports[0], milestones, seen, links, tenures, visits, photos, sheets, talks,
    questions: stillOpen(questions, outcomes, null),
    problems: openProblems(faults, rechecks, null),
    closed: closedProblems(faults, rechecks, null),
    claims: stillOpen(claims, outcomes, null),
    sources,
    assignments: assignments.filter(isToOwnTeam(teams)),
    units: new Map(units.map((/** @type {Row} */ each) => [each.entity, each])),
    decisions: openDecisions(meetings, outcomes, null),
    lookBacks: dueLookBacks(achievements, looks, null, localDay(Date.now())),
    officials: new Map(officials.map((/** @type {Row} */ official) => [official.entity, official])),
  };
}

/** Those of other teams, which a desk's phone holds, are not one's own to follow. @param {Row[]} teams @returns {(assignment: Row) => boolean} */
function isToOwnTeam(teams) {
  const own = new Set(teams.filter((team) => team["members"].some((/** @type {Row} */ member) => member["person"] === identity.peek()?.person)).map((team) => `team:${team["entity"]}`));
  return (assignment) => own.has(assignment["stream"]);
}

/** Talks outside any visit: those under way, then the newest of this phone's person. @param {string} stream @returns {Promise<Row[]>} */
async function readTalks(stream) {
  const person = identity.peek()?.person ?? "";
  const [drafts, sealed] = await Promise.all([
    store.call("drafts", { kind: "interview" }), store.call("rows", { kind: "interview", where: { stream, visit: null, author: person }, order: "-captured_at", limit: SHOWN }),
  ]);
  const open = drafts.filter((/** @type {Row} */ each) => each.stream === stream && each["visit"] === null);
  const revised = new Set(open.map((/** @type {Row} */ each) => each["entity"]));
  return [...open.map((/** @type {Row} */ { entity, body }) => ({ ...body, entity, is_draft: true })), ...sealed.filter((/** @type {Row} */ row) => !revised.has(row["entity"]))];
}

/** Whether a visit under way holds an observation. @param {string} visit @param {Row[]} sealed */
async function isObserved(visit, sealed) {
  const drafts = await store.call("drafts", { visit, kind: "progress" });
  return [...sealed, ...drafts.map((/** @type {Row} */ each) => each["body"])].some((each) => each["visit"] === visit && each["observed_permille"] !== null);
}

/** @param {string[]} args the project's entity */
function enter([id = ""]) {
  isReportShown.value = false;
  shown = reading(TABLES, () => load(id));
  void attempt(() => openBriefing(id));
}

function leave() {
  shown?.stop();
  shown = null;
}

function view() {
  const loaded = shown?.value;
  if (!loaded) return screen({ title: t("word.project"), back: address("home"), body: nothing });
  const { project, draft } = loaded;
  if (!project) return absentView("project");
  return screen({
    title: inLanguage(project),
    note: [...new Set([inLanguage(loaded.unit), inLanguage(project, "district")])].filter(Boolean).join(" · "),
    back: address("home"),
    body: html`${overview(loaded)}${stands(project)}${assigned(loaded)}${progress(loaded)}${briefingView(loaded)}${closed(loaded)}${next(loaded)}${responsible(loaded)}${formerly(loaded)}${photosBefore(loaded)}${before(loaded)}${talksAlone(loaded)}`,
    bar: draft
      ? linkButton({ label: t("home.continue"), href: address("visit", draft.entity), kind: "primary", icon: "onward", name: "continue" })
      : linkButton({ label: t("home.start"), href: address("start", project.entity), kind: "primary", icon: "camera", name: "start" }),
  });
}

/** @param {Loaded} loaded */
function overview({ photos, visits, sheets, draft }) {
  const photo = overviewOf(/** @type {any[]} */ (photos), visits.map(({ entity }) => entity), overviewItems(/** @type {any[]} */ (sheets)));
  if (photo === null) return nothing;
  return html`<figure class="overview" data-here=${String(photo.is_here)}>${marked(picture(photo.sha256, photo.caption, { canFetch: true }), /** @type {Row} */ (photo), { isTile: true })}
    <figcaption>${t("project.last_photos")} · ${dayText(photo.taken_at)}${photo.caption ? ` · ${photo.caption}` : nothing}</figcaption></figure>
    ${draft ? linkButton({ label: t("photo.take_same"), icon: "camera", isWide: true, href: address("visit", draft["entity"], "same", photo.entity), name: "take-same" }) : nothing}`;
}

/** @param {Row} project */
function stands(project) {
  if (project["state"] === "building") return nothing;
  return html`<p>${tag({ label: t(`project.state.${project["state"]}`), tone: "warn" })} ${inLanguage(project, "state_reason")}</p>`;
}

/** What the desk ordered for this month; who else may be there sees no manner on any other screen. @param {Loaded} loaded */
function assigned({ assignments, milestones }) {
  if (assignments.length === 0) return nothing;
  return section({
    title: t("assignment.title"), name: "assignments",
    body: rows(assignments.map((each) => row({
      label: each["note"] || t(`manner.${each["manner"]}`), icon: "person", name: "assignment",
      note: [each["note"] ? t(`manner.${each["manner"]}`) : "", inLanguage(milestones.find((one) => one["entity"] === each["milestone"]))].filter(Boolean).join(" · "),
    }))),
  });
}

/**
 * What was reported anchors whoever reads it before looking: hidden while a visit of one's own has no observation yet, else one tap away.
 * @param {Loaded} loaded
 * @returns {"none" | "hidden" | "folded" | "shown"}
 */
function standingOfReport({ report, isToBeObserved }) {
  if (report === undefined) return "none";
  if (isToBeObserved) return "hidden";
  return isReportShown.value ? "shown" : "folded";
}

/** @param {Loaded} loaded */
function progress(loaded) {
  const { project, progress: seen, before, report } = loaded;
  const standing = standingOfReport(loaded);
  const reported = standing === "shown" ? report?.["reported_permille"] : undefined;
  const due = duePermille(/** @type {any} */ (project), localDay(Date.now()));
  /** @param {number | undefined | null} permille */
  const figure = (permille) => (permille === undefined || permille === null ? t("project.unknown") : `${percentText(permille)}%`);
  const observed = seen?.["observed_permille"];
  const reportedText = standing === "hidden" ? t("progress.after_look") : standing === "folded" ? "–" : figure(reported);
  return section({
    title: t("visit.reconcile"),
    aside: seen ? html`<span class="line">${t("project.seen_on", { date: dayText(seen["seen_on"]) })}</span>` : nothing,
    body: html`${progressBars([
        { label: t("project.due"), permille: due, text: figure(due) },
        { label: t("project.reported"), permille: reported ?? null, text: reportedText },
        { label: t("project.observed"), permille: observed ?? null, text: figure(observed), isMain: true },
      ])}
      ${standing === "folded" ? button({ label: t("project.show_reported"), kind: "quiet", isWide: true, onTap: () => { isReportShown.value = true; }, name: "show-reported" }) : nothing}
      ${lessTag(before, observed)}
      <ul class="plainlist">${gaps(due, reported, observed).map((text) => html`<li>${text}</li>`)}
      ${seen?.["physical"] ? html`<li>${pair(t("word.physical_progress"), seen["physical"])}</li>` : nothing}</ul>`,
    name: "progress",
  });
}

/**
 * @param {number} due
 * @param {number | undefined} reported
 * @param {number | undefined} observed
 */
function gaps(due, reported, observed) {
  const words = [];
  if (observed !== undefined) words.push(gapText(observed, due));
  else if (reported !== undefined) words.push(pair(t("project.reported"), gapText(reported, due)));
  if (observed !== undefined && reported !== undefined && observed < reported) {
    words.push(t("project.gap_reported", { n: percentText(reported - observed) }));
  }
  return words;
}

/** Those that were closed: whoever finds one again rechecks it on a visit. @param {Loaded} loaded */
function closed({ closed: list, draft, project }) {
  if (list.length === 0) return nothing;
  const href = draft ? address("visit", draft.entity, "before") : address("start", project?.["entity"]);
  return html`<details class="visit-dropped" data-name="closed"><summary>${t("recheck.closed", { n: list.length })}</summary>
    ${rows(list.map((entry) => row({ label: entry.what, icon: "check", note: dayText(entry["seen_on"]), href, name: "closed-problem" })))}</details>`;
}

/**
 * The milestone passed last without having been seen reached, and the one ahead.
 * @param {Loaded} loaded
 */
function next({ milestones, seen }) {
  const today = localDay(Date.now());
  const reached = new Set(seen.filter(({ state }) => state === "reached").map(({ milestone }) => milestone));
  const open = milestones.filter(({ entity }) => !reached.has(entity));
  const passed = open.filter(({ planned_on }) => planned_on < today).slice(-1);
  const ahead = open.filter(({ planned_on }) => planned_on >= today).slice(0, 1);
  if (passed.length + ahead.length === 0) return nothing;
  return section({
    title: t("project.next_milestone"),
    body: rows([
      ...passed.map((milestone) => row({ label: inLanguage(milestone), icon: "flag", note: milestoneNote(milestone), value: t("project.passed"), tone: "warn" })),
      ...ahead.map((milestone) => row({ label: inLanguage(milestone), icon: "flag", note: milestoneNote(milestone) })),
    ]),
    name: "milestones",
  });
}

/** @param {Row} milestone */
function milestoneNote(milestone) {
  const { planned_on, reported_on } = milestone;
  const key_part = inLanguage(milestone, "key_part");
  return [
    `${t("milestone.plan_date")} ${dayText(planned_on)}`,
    reported_on ? `${t("milestone.reported_date")} ${dayText(reported_on)}` : "",
    key_part ? pair(t("project.key_part"), key_part) : "",
  ].filter(Boolean).join(" · ");
}

/** @param {Loaded} loaded */
function responsible(loaded) {
  const { links, tenures } = loaded;
  const today = localDay(Date.now());
  const present = links.filter((link) => isOn(/** @type {any} */ (link), today));
  if (present.length === 0) return nothing;
  const ordered = [...present].sort((a, b) => ROLES.indexOf(a["role"]) - ROLES.indexOf(b["role"]));
  return section({
    title: t("project.responsible"),
    body: rows(ordered.map((link) => row({
      label: tiedName(link, loaded),
      note: html`${[postOf(link["official"], tenures, today), t("project.since", { date: dayText(link["from_on"]) })].filter(Boolean).join(" · ")}
        ${predecessor(link, loaded)}`,
      icon: link["official"] ? "person" : "place",
    }))),
    name: "responsible",
  });
}

/** Who was tied to the project and is no more, the last first. @param {Loaded} loaded */
function formerly(loaded) {
  const today = localDay(Date.now());
  const former = loaded.links.filter(({ to_on }) => to_on && to_on <= today).sort((a, b) => (a["to_on"] < b["to_on"] ? 1 : -1));
  if (former.length === 0) return nothing;
  return section({
    title: t("project.formerly"), name: "formerly",
    body: rows(former.map((link) => row({
      label: tiedName(link, loaded), icon: link["official"] ? "person" : "place", note: `${dayText(link["from_on"])}–${dayText(link["to_on"])}`,
    }))),
  });
}

/** @param {Row} link @param {Loaded} loaded */
function tiedName(link, { officials, units }) {
  return aside(inLanguage(officials.get(link["official"]) ?? units.get(link["unit"])), t(`word.link.${link["role"]}`));
}

/** Photos of earlier visits that are on this phone, the newest first. @param {Loaded} loaded */
function photosBefore({ photos }) {
  const here = photos.filter(({ is_here }) => is_here).slice(0, PHOTOS_SHOWN);
  if (here.length === 0) return nothing;
  return section({
    title: t("project.photos"), name: "photos",
    body: photoStrip({ photos: here.map((photo) => ({
      key: photo.entity, sha256: photo.sha256, layer: photo, caption: [dayText(photo.taken_at), photo.caption].filter(Boolean).join(" "),
    })) }),
  });
}

/**
 * @param {string | null} official null for a unit
 * @param {Row[]} tenures
 * @param {string} today
 */
function postOf(official, tenures, today) {
  const held = tenures.filter((tenure) => tenure["official"] === official && isOn(/** @type {any} */ (tenure), today));
  return listed(held.map((tenure) => inLanguage(tenure, "post")).filter(Boolean));
}

/** @param {Row} link @param {Loaded} loaded */
function predecessor(link, { links, officials }) {
  const former = links
    .filter(({ role, official, to_on }) => role === link["role"] && official && official !== link["official"] && to_on === link["from_on"])
    .map(({ official, from_on, to_on }) => aside(inLanguage(officials.get(official)), `${dayText(from_on)}–${dayText(to_on)}`));
  return former.length ? html`<br>${pair(t("project.predecessor"), listed(former))}` : nothing;
}

/** @param {Loaded} loaded */
function before({ visits }) {
  if (visits.length === 0) return section({ title: t("project.last_visits"), body: html`<p>${t("project.never_visited")}</p>` });
  return section({
    title: t("project.last_visits"),
    body: rows(visits.slice(0, SHOWN).map((visit) => row({
      label: `${dayText(dayOf(visit["arrived_at"]))} ${t(`purpose.${visit["purpose"]}`)}`,
      note: html`${visit["summary"]}${visit["next_time"]?.length ? html`<br>${pair(t("visit.next_time"), listed(visit["next_time"]))}` : nothing}`,
      value: decisionTag(visit["decision"]), name: "visit", ...(isToBeRead(visit) ? { href: address("visit", visit["entity"]) } : {}),
    }))),
    name: "visits",
  });
}

/** @param {Loaded} loaded */
function talksAlone({ talks, project }) {
  return section({
    title: t("interview.outside"), name: "talks",
    body: html`${talks.length > 0 ? rows(talks.map((talk) => row({
      label: `${dayText(talk["talked_on"])} ${roleName(talk["role"])}`, note: t("interview.code", { code: talk["code"] }), icon: "talk", name: "talk",
      value: talk["is_draft"] ? tag({ label: t("state.draft"), tone: "warn" }) : "", href: address("visit", talk["entity"]),
    }))) : nothing}
    ${linkButton({ label: t("interview.begin"), icon: "talk", isWide: true, href: address("talk", "project", project?.["entity"]), name: "begin-talk" })}`,
  });
}

/** One's own, and what is filed; a colleague's visit under way is theirs to go on with. @param {Row} visit */
function isToBeRead(visit) {
  return visit["author"] === identity.value?.person || visit["decision"] === "accepted";
}

/** @param {string | null} decision */
function decisionTag(decision) {
  if (decision === "accepted") return tag({ label: t("review.filed"), tone: "good" });
  if (decision === "returned") return tag({ label: t("bar.returned"), tone: "warn" });
  return tag({ label: t("review.queue") });
}

/** @type {import("./shell.js").Screen} */
export const projectScreen = { view, enter, leave };
