// @ts-check
// The visit on screen: what it is, what it holds (drafts and what is sealed already), and how its parts are changed. Screens read
// `journey.value`; they never ask the store for parts themselves.

import { computed, signal } from "../../../vendor/signals-core/signals-core.mjs";
import { nextCode } from "../../core/interviewee.js";
import { withPhotoWords } from "../../core/part.js";
import { store } from "../../device/store.js";
import { reading } from "../reading.js";
import { attempt, identity, say } from "../shell.js";
import { embedded, t } from "../word.js";
import { readTarget } from "./target.js";
import { allKept, forgetChanges, forgetChangesOf, keep, withChanges } from "./keep.js";

/** @typedef {import("../../device/store/draft.js").Draft} Draft */
/** @typedef {import("./target.js").Target} Target */
/** @typedef {import("./keep.js").Body} Body */
/**
 * @typedef {import("../../core/part.js").Part & import("./keep.js").Kept & {isOwn: boolean, author: string,
 *   local: import("../../device/store/draft.js").Local, sealed: Body | null}} Part `sealed`: the body that stands, beside a draft that corrects it
 */
/**
 * @typedef {object} Journey
 * @property {string} entity of the visit
 * @property {Part} visit
 * @property {Part[]} parts what was recorded, newest first; without the visit itself, its submission, and discarded ones
 * @property {Part[]} discarded newest first
 * @property {Part | null} submission this person's: each of the team submits what they recorded
 * @property {string | null} judged hash of the submission a decision must cover to be about what is shown here: this person's, else the main recorder's
 * @property {Map<string, number | null>} places where submissions stand in the archive's order, by hash
 * @property {Body[]} reviews oldest first
 * @property {Record<string, {state: string, photos: {held: number, count: number}}>} states by entity, of what is sealed
 * @property {Target} target
 */

const PART_KINDS = ["photo", "entry", "interview", "answer", "progress", "reconciliation", "outcome", "recheck", "look_back", "claim", "meeting", "day_log", "confirmation"];
const SEALED_TABLES = [...PART_KINDS, "visit", "submission", "review", "record"];

/** @typedef {{drafts: Draft[], discarded: Draft[], joined: import("../../device/store/joined.js").JoinedRow | null}} Open */
/** @typedef {{rows: {kind: string, row: Body}[], reviews: Body[], states: Journey["states"], places: Journey["places"]}} Sealed */

const present = signal(/** @type {{entity: string, open: import("../reading.js").Reading<Open>, sealed: import("../reading.js").Reading<Sealed>, target: import("../reading.js").Reading<Target | null>} | null} */ (null));

/** Drafts opened here that the reading has not met yet: the screen that follows the tap must not wait for it. */
const fresh = signal(/** @type {Draft[]} */ ([]));

/** The visit on screen; undefined while it is being read, null when this phone does not know it. */
export const journey = computed(() => {
  const reads = present.value;
  if (reads === null) return undefined;
  const [open, sealed, target] = [reads.open.value, reads.sealed.value, reads.target.value];
  if (open === undefined || sealed === undefined || target === undefined) return undefined;
  return target === null ? null : assembled(reads.entity, open, sealed, target);
});

/**
 * Open a visit for the screens; nothing happens when it is open already.
 * @param {string} entity
 */
export function openJourney(entity) {
  if (present.peek()?.entity === entity) return;
  closeJourney();
  present.value = {
    entity,
    open: reading(["draft", "joined"], () => readOpen(entity)),
    sealed: reading(SEALED_TABLES, () => readSealed(entity)),
    target: reading(["project", "milestone", "link", "question", "claim", "checklist", "assignment", "team", "person", "photo", "joined"], () => readTargetOf(entity)),
  };
}

/** Put the visit away when its screens are left. */
export function closeJourney() {
  const reads = present.peek();
  if (reads === null) return;
  for (const each of [reads.open, reads.sealed, reads.target]) each.stop();
  present.value = null;
  fresh.value = [];
  forgetChanges();
}

/** @param {string} entity @returns {Promise<Open>} */
async function readOpen(entity) {
  const known = fresh.peek();
  const drafts = await store.call("drafts", { visit: entity });
  const discarded = await store.call("drafts", { visit: entity, discarded: true });
  fresh.value = fresh.peek().filter((draft) => !known.includes(draft));
  const [joined = null] = await store.call("joined", { visit: entity });
  return { drafts, discarded, joined };
}

/** @param {string} entity @returns {Promise<Sealed>} */
async function readSealed(entity) {
  const found = await Promise.all(PART_KINDS.map(async (kind) => {
    const rows = await store.call("rows", { kind, where: { visit: entity }, order: "captured_at" });
    return rows.map((/** @type {Body} */ row) => ({ kind, row }));
  }));
  const own = await store.call("row", { kind: "visit", entity });
  const submissions = await store.call("rows", { kind: "submission", where: { visit: entity }, order: "captured_at" });
  return {
    rows: [
      ...(own ? [{ kind: "visit", row: own }] : []),
      ...found.flat(),
      ...submissions.map((/** @type {Body} */ row) => ({ kind: "submission", row })),
    ],
    reviews: await store.call("rows", { kind: "review", where: { visit: entity }, order: "captured_at" }),
    states: await store.call("states", { visit: entity }),
    places: new Map((await store.call("select", { name: "submission_place", params: { visit: entity } })).map((/** @type {Body} */ each) => [each["hash"], each["position"]])),
  };
}

/** @param {string} entity */
async function readTargetOf(entity) {
  const drafts = await store.call("drafts", { visit: entity, kind: "visit" });
  const [joined] = await store.call("joined", { visit: entity });
  const stream = drafts[0]?.stream ?? (await store.call("row", { kind: "visit", entity }))?.stream ?? joined?.stream;
  if (stream === undefined) return null;
  const target = await readTarget(stream, entity);
  return { ...target, named: joined ?? null };
}

/**
 * @param {string} entity
 * @param {Open} open
 * @param {Sealed} sealed
 * @param {Target} target
 * @returns {Journey | null}
 */
function assembled(entity, open, sealed, target) {
  const written = [...open.drafts, ...fresh.value.filter((draft) => !open.drafts.some((each) => each.id === draft.id))];
  const drafts = new Map(written.map((draft) => [draft.entity, draft]));
  const rows = sealed.rows.filter(({ row }) => !drafts.has(row.entity)).map(({ kind, row }) => partOfRow(kind, row));
  const revised = new Map(sealed.rows.map(({ row }) => [row.entity, row]));
  const all = [...written.map((draft) => partOfDraft(draft, revised.get(draft.entity) ?? null)), ...rows];
  const visit = all.find((part) => part.entity === entity) ?? (open.joined === null ? undefined : partOfCode(open.joined));
  if (visit === undefined) return null;
  const recorded = all.filter((part) => PART_KINDS.includes(part.kind)).sort((a, b) => (a.opened_at < b.opened_at ? 1 : -1));
  const submissions = all.filter((part) => part.kind === "submission");
  const submission = submissions.find((part) => part.isOwn) ?? null;
  const parts = withPhotoWords(recorded, t("entry.see_photo"));
  return {
    entity, visit, parts, target,
    discarded: open.discarded.map((draft) => partOfDraft(draft, null)).reverse(),
    submission,
    judged: (submission ?? submissions.find((part) => part.author === visit.author))?.record ?? null,
    reviews: sealed.reviews,
    states: sealed.states,
    places: sealed.places,
  };
}

/** The visit of a colleague as its code said it, until the archive tells of it. @param {import("../../device/store/joined.js").JoinedRow} joined @returns {Part} */
function partOfCode({ visit, stream, purpose, manner, milestone, arrived_at, author, team, joined_at }) {
  const body = { purpose, manner, milestone, team, accompanied_by: "", arrived_at, left_at: arrived_at, is_left_late: false, summary: "", next_time: [] };
  return {
    key: visit, entity: visit, kind: "visit", body, draft: null, stream, record: null, local: {}, sealed: null, opened_at: arrived_at, saved_at: joined_at,
    discarded_at: null, isOwn: false, author, open: () => Promise.reject(new Error("a joined visit has no draft")),
  };
}

/** @type {Map<string, string>} entity → the key it had on screen before its draft was opened */
const keys = new Map();

/** @param {Draft} draft @param {Body | null} sealed @returns {Part} */
function partOfDraft(draft, sealed) {
  const key = keys.get(draft.entity) ?? draft.entity;
  return {
    key, entity: draft.entity, kind: draft.kind, body: withChanges(key, draft.body), draft: draft.id, stream: draft.stream,
    opened_at: draft.opened_at, saved_at: draft.saved_at, discarded_at: draft.discarded_at, record: sealed?.record ?? null, local: draft.local, sealed,
    isOwn: true, author: identity.peek()?.person ?? "", open: async () => draft.id,
  };
}

const PROVENANCE = ["entity", "stream", "record", "author", "kid", "captured_at", "captured_offset_min", "revisions", "is_conflict"];

/** @param {string} kind @param {Body} row @returns {Part} */
function partOfRow(kind, row) {
  const key = keys.get(row["entity"]) ?? row["entity"];
  const body = Object.fromEntries(Object.entries(row).filter(([name]) => !PROVENANCE.includes(name)));
  const open = async () => (await store.call("revise", { kind, entity: row["entity"], visit: present.peek()?.entity ?? null })).id;
  return {
    key, entity: row["entity"], kind, body: withChanges(key, body), draft: null, stream: row["stream"], record: row["record"], local: {}, sealed: null,
    opened_at: row["captured_at"], saved_at: row["captured_at"], discarded_at: null,
    isOwn: row["author"] === identity.peek()?.person, author: row["author"], open,
  };
}

/**
 * Return the part of a kind whose body has these members, or one not stored yet: its draft is opened by the first change.
 * @param {Journey} visit
 * @param {string} kind
 * @param {Body} match
 * @param {() => Body} blank the body it begins with
 * @returns {Part}
 */
export function partFor(visit, kind, match, blank) {
  const found = visit.parts.find((part) => part.kind === kind && part.isOwn && Object.entries(match).every(([name, value]) => part.body[name] === value));
  if (found !== undefined) return found;
  const key = `${visit.entity}/${kind}/${JSON.stringify(match)}`;
  const body = blank();
  return {
    key, entity: "", kind, body: withChanges(key, body), draft: null, stream: visit.visit.stream, record: null, local: {}, sealed: null,
    opened_at: "", saved_at: "", discarded_at: null, isOwn: true, author: identity.peek()?.person ?? "",
    open: async (changes) => {
      const draft = await openPart(visit, kind, { ...body, ...changes });
      keys.set(draft.entity, key);
      return draft.id;
    },
  };
}

/**
 * Open the draft of a new part.
 * @param {Journey} visit
 * @param {string} kind
 * @param {Body} body
 * @param {import("../../device/store/draft.js").Local} [local]
 * @returns {Promise<Draft>}
 */
export async function openPart(visit, kind, body, local = {}) {
  const draft = await store.call("openDraft", { kind, v: embedded("kinds")[kind].v, stream: visit.visit.stream, body, visit: visit.entity, local });
  fresh.value = [...fresh.peek(), draft];
  return draft;
}

/**
 * Change a part; it saves itself. What somebody else recorded stays theirs.
 * @param {Part} part
 * @param {Body} changes
 */
export function change(part, changes) {
  if (part.isOwn) keep(part, changes);
  else say(t("visit.not_own"));
}

/**
 * Say whether a part's draft changes what was sealed: one that says the same as before is no correction.
 * @param {Pick<Part, "draft" | "sealed" | "body">} part
 */
export function isCorrected({ draft, sealed, body }) {
  if (draft === null || sealed === null) return false;
  return Object.entries(body).some(([name, value]) => JSON.stringify(value) !== JSON.stringify(sealed[name] ?? null));
}

/** Return the visit as it stands in the store now, with every draft opened so far. */
export async function journeyNow() {
  await present.peek()?.open.again();
  return journey.peek() ?? null;
}

/**
 * Discard a part's draft and say how to get it back.
 * @param {Part} part
 */
export async function discard(part) {
  const id = part.draft;
  if (id === null) return;
  await allKept();
  const isDone = await attempt(() => store.call("discardDraft", { id }));
  if (isDone) forgetChangesOf(part.key);
  if (isDone) say(t("visit.discarded"), { label: t("visit.undo"), onTap: () => void restore(part) });
}

/**
 * Restore what was dropped. A talk whose code went to another meanwhile gets the next one.
 * @param {Part} part
 */
export async function restore(part) {
  await attempt(async () => {
    const visit = part.kind === "interview" ? await journeyNow() : null;
    const isTaken = visit !== null && codesOf(visit, [part]).includes(part.body["code"]);
    if (isTaken) await store.call("patchDraft", { id: part.draft, body: { code: freeCode(visit, [part]) } });
    await store.call("restoreDraft", { id: part.draft });
  });
}

/**
 * Return the code of the next talk: the first one no other talk of this inspector has here, so that dropped talks leave no gap.
 * @param {Journey} visit
 * @param {Part[]} [without] talks whose codes are free
 */
export function freeCode(visit, without = []) {
  return nextCode(identity.peek()?.person ?? "", codesOf(visit, without));
}

/** @param {Journey} visit @param {Part[]} without @returns {string[]} */
function codesOf(visit, without) {
  const others = visit.parts.filter((part) => part.kind === "interview" && !without.some((each) => each.entity === part.entity));
  return [...visit.target.interviews, ...others.map((part) => part.body)].map((body) => body["code"]);
}

/**
 * Discard a whole visit with everything not yet sealed of it.
 * @param {Journey} visit
 */
export async function discardVisit(visit) {
  const drafts = [visit.visit, ...visit.parts].map((part) => part.draft).filter((id) => id !== null);
  const each = async (/** @type {string} */ call) => {
    for (const id of drafts) await store.call(call, { id });
  };
  const isDone = await attempt(() => each("discardDraft"));
  if (isDone) say(t("visit.discarded"), { label: t("visit.undo"), onTap: () => void attempt(() => each("restoreDraft")) });
  return isDone;
}

/** Leave a colleague's visit that nothing was recorded on. @param {Journey} visit */
export function leaveVisit({ entity }) {
  return attempt(() => store.call("leave", { visit: entity }));
}

/**
 * Restore a discarded visit with what was discarded with it.
 * @param {Draft} draft of the visit
 */
export async function restoreVisit(draft) {
  await attempt(async () => {
    const all = await store.call("drafts", { visit: draft.entity, discarded: true });
    const together = all.filter((/** @type {Draft} */ each) => (each.discarded_at ?? "") >= (draft.discarded_at ?? ""));
    for (const each of together) await store.call("restoreDraft", { id: each.id });
  });
}
