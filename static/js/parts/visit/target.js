// @ts-check
// What is visited, and everything known of it beforehand: read from the phone's own tables, nothing is asked of a network.

import { closedProblems, openProblems, stillOpen } from "../../core/follow_up.js";
import { openDecisions } from "../../core/decision.js";
import { dueLookBacks } from "../../core/look_back.js";
import { milestonesAtHand, milestonesOverdue } from "../../core/start.js";
import { store } from "../../device/store.js";
import { today } from "./moment.js";

/** @typedef {Record<string, any>} Row */

const PHOTOS_READ = 100;
/** Items in turn come up within two years of visits. */
const ANSWERS_READ = 100;

/**
 * @typedef {object} Target
 * @property {"project" | "unit"} noun
 * @property {string} entity
 * @property {string} stream
 * @property {Row | null} project
 * @property {Row | null} unit the unit visited, or the one that leads the project
 * @property {Row | null} named its name, where this phone knows nothing of it but a colleague's code
 * @property {Row[]} milestones by planned day
 * @property {Row[]} milestonesAtHand those whose window is open and that nobody has seen reached
 * @property {Row[]} milestonesOverdue planned before today and seen reached by nobody, the latest first
 * @property {Row[]} reconciliations
 * @property {Row[]} links
 * @property {Row | null} report the newest monthly report
 * @property {Row | null} lastProgress seen on an earlier visit
 * @property {Row | null} lastVisit
 * @property {Row[]} subjects questions, claims, problems, achievements kept for later and meetings, settled ones too: what outcomes and rechecks name
 * @property {Row[]} questions still open
 * @property {Row[]} claims still open
 * @property {Row[]} problems still open
 * @property {Row[]} decisions of meetings, not yet found done
 * @property {Row[]} lookBacks achievements whose day to look back has come
 * @property {Row[]} closed problems that were closed: anybody may look again
 * @property {Row[]} answers of earlier visits, newest first
 * @property {Row[]} interviews known here
 * @property {Row[]} photos taken here on other visits: the last ones, newest first, then older ones of problems
 * @property {Row[]} assignments
 * @property {Row[]} sheets all checklists
 * @property {Row[]} editions earlier ones of checklists that the visit's answers began with
 * @property {Row | null} team that looks after it
 * @property {Row[]} people
 * @property {Row[]} officials
 */

/**
 * Read a project or a unit by its stream. `visit` is the visit under way: what it recorded itself settles nothing yet.
 * @param {string} stream
 * @param {string | null} visit
 * @returns {Promise<Target>}
 */
export async function readTarget(stream, visit) {
  const [noun, entity] = /** @type {["project" | "unit", string]} */ (stream.split(":"));
  const [own, all, begun] = await Promise.all([readOwn(noun, entity, stream, visit), readShared(), readBegun(visit)]);
  // A checklist that was retired meanwhile is finished where it was begun.
  const shared = { ...all, sheets: all.sheets.filter((/** @type {Row} */ sheet) => !sheet["is_retired"] || begun.some((body) => body["checklist"] === sheet["entity"])) };
  const project = noun === "project" ? await store.call("row", { kind: "project", entity }) : null;
  const seen = /** @type {any[]} */ (own.reconciliations.filter((row) => row["visit"] !== visit));
  const unitEntity = noun === "unit" ? entity : project?.unit;
  return {
    noun, entity, stream, project, named: null, ...own, ...shared, editions: await readEditions(shared.sheets, begun),
    unit: unitEntity ? await store.call("row", { kind: "unit", entity: unitEntity }) : null,
    team: shared.teams.find((team) => (project ? team["entity"] === project.team : team["units"].includes(entity))) ?? null,
    milestonesAtHand: milestonesAtHand(
      /** @type {any[]} */ (own.milestones), seen, project?.coverage ?? { days_before_milestone: 0, days_after_milestone: 0 }, today(),
    ),
    milestonesOverdue: milestonesOverdue(/** @type {any[]} */ (own.milestones), seen, today()),
  };
}

/** Return what is visited, for its name. @param {Pick<Target, "project" | "unit" | "named">} target @returns {Row | null} */
export function subjectOf({ project, unit, named }) {
  return project ?? unit ?? named;
}

/**
 * @param {string} kind
 * @param {Row} where
 * @param {string} order
 * @param {number} [limit]
 * @returns {Promise<Row[]>}
 */
function rows(kind, where, order, limit) {
  return store.call("rows", { kind, where, order, ...(limit === undefined ? {} : { limit }) });
}

/** @param {"project" | "unit"} noun @param {string} entity @param {string} stream @param {string | null} visit */
async function readOwn(noun, entity, stream, visit) {
  const here = { stream };
  const sealed = visit === null ? null : await store.call("row", { kind: "visit", entity: visit });
  const earlier = sealed ? { arrived_at: { before: sealed.arrived_at } } : {};
  const seen = sealed ? { seen_on: { upto: sealed.arrived_at.slice(0, 10) } } : {};
  const [milestones, reconciliations, links, reports, progress, visits, assignments, answers, interviews, photos, followed] = await Promise.all([
    rows("milestone", here, "planned_on"), rows("reconciliation", here, "captured_at"), rows("link", here, "from_on"),
    rows("progress_report", here, "-month", 1), rows("progress", { stream, visit: { not: visit }, ...seen }, "-seen_on", 1),
    rows("visit", { stream, entity: { not: visit }, ...earlier }, "-arrived_at", 1),
    rows("assignment", { [noun]: entity }, "-month"), rows("answer", { stream, visit: { not: visit } }, "-captured_at", ANSWERS_READ), rows("interview", here, "captured_at"),
    store.call("select", { name: "photo_of_stream", params: { stream, limit: PHOTOS_READ } }), readFollowed(stream, visit),
  ]);
  const asked = [...followed.problems, ...followed.closed].map((each) => each["entity"]);
  const ofProblems = await store.call("select", { name: "photo_about", params: { abouts: JSON.stringify(asked) } });
  const known = new Map([...photos, ...ofProblems].map((/** @type {Row} */ row) => [row["entity"], row]));
  return {
    milestones, reconciliations, links, assignments, interviews, answers, ...followed,
    photos: [...known.values()].filter((row) => row["visit"] !== visit),
    report: reports[0] ?? null,
    lastProgress: progress[0] ?? null,
    lastVisit: visits[0] ?? null,
  };
}

/** @param {string} stream @param {string | null} visit */
async function readFollowed(stream, visit) {
  const here = { stream };
  const [faults, achievements, ...others] = await Promise.all([
    rows("entry", { stream, list: "problem" }, "-captured_at"), rows("entry", { stream, list: "achievement", look_back_on: { not: null } }, "-captured_at"),
    ...["question", "claim", "outcome", "recheck", "look_back", "meeting"].map((kind) => rows(kind, here, "captured_at")),
  ]);
  const [questions = [], claims = [], outcomes = [], rechecks = [], looks = [], meetings = []] = /** @type {any[][]} */ (others);
  const entries = /** @type {any[]} */ (faults);
  return {
    subjects: [...questions, ...claims, ...faults, ...achievements, ...meetings],
    questions: stillOpen(questions, outcomes, visit),
    claims: stillOpen(claims.filter((each) => visit === null || each["visit"] !== visit), outcomes, visit),
    problems: openProblems(entries, rechecks, visit),
    closed: closedProblems(entries, rechecks, visit),
    decisions: openDecisions(meetings, outcomes, visit),
    lookBacks: dueLookBacks(/** @type {any[]} */ (achievements), looks, visit, today()),
  };
}

async function readShared() {
  const [sheets, teams, people, officials] = await Promise.all([
    store.call("rows", { kind: "checklist", order: "code", withRetired: true }), rows("team", {}, "code"), rows("person", {}, "person"),
    store.call("rows", { kind: "official", order: "code", withRetired: true }),
  ]);
  return { sheets, teams, people, officials };
}

/** What a visit answered so far. @param {string | null} visit @returns {Promise<Row[]>} */
async function readBegun(visit) {
  if (visit === null) return [];
  const drafts = await store.call("drafts", { visit, kind: "answer" });
  return [...drafts.map((/** @type {Row} */ draft) => draft["body"]), ...(await rows("answer", { visit }, "captured_at"))];
}

/** What was begun with an edition that is not the present one any more. @param {Row[]} sheets @param {Row[]} begun */
async function readEditions(sheets, begun) {
  const older = sheets.filter((sheet) => begun.some((body) => body["checklist"] === sheet["entity"] && body["edition"] !== sheet["edition"]));
  const found = await Promise.all(older.map(({ entity }) => store.call("wordings", { entity })));
  return /** @type {Row[]} */ (found.flat());
}
