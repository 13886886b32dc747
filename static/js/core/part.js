// @ts-check
// One thing recorded on a visit: what it still lacks before it can be sealed, and the body as it is sealed. The archive judges
// bodies strictly, so a part with anything in `lacking` must not be sealed.

import { isUnsorted } from "./entry.js";
import { wellFormed } from "./ijson.js";

/** @typedef {Record<string, any>} Body */
/**
 * @typedef {object} Part
 * @property {string} entity
 * @property {string} kind
 * @property {Body} body
 * @property {string | null} draft id of the open draft; null when sealed and unchanged
 * @property {string} stream
 * @property {string} opened_at
 * @property {string} saved_at
 * @property {string | null} discarded_at
 * @property {string | null} record hash of the sealed record, when there is one
 */

/** Members without which a body of the kind is none. */
const NEEDED = /** @type {Record<string, string[]>} */ ({
  entry: ["what", "seen_on"],
  interview: ["code", "role", "relation", "knows", "mode"],
  claim: ["what", "claimed_by"],
  outcome: ["outcome"],
  recheck: ["outcome", "known_by"],
  look_back: ["outcome"],
  confirmation: ["outcome", "by"],
  reconciliation: ["state", "known_by"],
  progress: ["observed_permille"],
  meeting: ["title"],
  day_log: ["what"],
});
const DAY = /^20\d\d-\d\d-\d\d$/;
const QUANTITY = /^-?\d{1,12}(\.\d{1,6})?$/;
/** What somebody may have typed into a part before the words it needs. */
const TYPED = /** @type {Record<string, string[]>} */ ({
  entry: ["what", "place", "wanted", "raised_by"],
  claim: ["what", "claimed_by", "figure"],
  confirmation: ["by", "said"],
  meeting: ["title", "chair", "matter"],
  day_log: ["what"],
  annex: ["identity", "words"],
});

/**
 * Return the members a part still lacks, and those nobody could read: half a date, a quantity that is no number.
 * @param {string} kind
 * @param {Body} body
 * @returns {string[]}
 */
export function lacking(kind, body) {
  if (kind === "photo") return body.view || body.original ? [] : ["bytes"];
  const absent = (NEEDED[kind] ?? []).filter((name) => body[name] === null || body[name] === undefined || isBlank(body[name]));
  return [...absent, ...(kind === "look_back" ? untold(body) : []), ...(kind === "confirmation" ? unsigned(body) : []), ...unreadable(body)];
}

/** What can be told says how it is known; what cannot yet has a later day. @param {Body} body @returns {string[]} */
function untold({ outcome, known_by, looked_on, again_on }) {
  if (outcome !== "too_early") return known_by === null ? ["known_by"] : [];
  return again_on === null || again_on <= looked_on ? ["again_on"] : [];
}

/** Whoever confirms does it by hand; whoever does not simply agree says why. @param {Body} body @returns {string[]} */
function unsigned({ outcome, proof, said, signature }) {
  if (outcome === null) return [];
  const isByHand = outcome === "refused" || proof === "paper" || (proof === "screen" && signature.length > 0);
  return [...(isByHand ? [] : [proof === "screen" ? "signature" : "proof"]), ...(outcome !== "correct" && isBlank(said) ? ["said"] : [])];
}

/** @param {Body} body @returns {string[]} */
function unreadable(body) {
  const days = Object.entries(body).filter(([name, value]) => name.endsWith("_on") && value !== null && !DAY.test(value));
  const decided = (body.decided ?? []).some((/** @type {{by_on: string | null}} */ each) => each.by_on !== null && !DAY.test(each.by_on));
  const quantity = body.observed_quantity;
  return [
    ...days.map(([name]) => name),
    ...(decided ? ["decided"] : []),
    ...(quantity !== null && quantity !== undefined && !QUANTITY.test(quantity) ? ["observed_quantity"] : []),
  ];
}

/** @param {unknown} value */
function isBlank(value) {
  return typeof value === "string" && value.trim() === "";
}

/**
 * Say whether somebody has put anything into a part: what is empty is dropped when the visit is sealed.
 * @param {string} kind
 * @param {Body} body
 */
export function isEmpty(kind, body) {
  if (kind === "photo") return !body.view && !body.original;
  if (kind === "interview") return body.knows === null && isBlank(body.notes) && isBlank(body.about ?? "") && body.asked.every((/** @type {{note: string}} */ each) => isBlank(each.note));
  if (kind === "answer") return Object.keys(body.answers).length === 0 && Object.values(body.notes ?? {}).every(isBlank);
  if (kind === "outcome") return body.outcome === null && isBlank(body.what ?? "");
  if (kind === "recheck" || kind === "look_back") return body.outcome === null && isBlank(body.what ?? "");
  if (kind === "reconciliation") return [body.state, body.known_by, body.observed_on, body.observed_quantity].every((each) => each === null) && isBlank(body.reason ?? "") && (body.slip_causes ?? []).length === 0;
  if (kind === "confirmation" && (body.outcome !== null || body.signature.length > 0)) return false;
  if (kind === "progress") return body.observed_permille === null && isBlank(body.physical ?? "");
  if (kind === "appraisal") return false;
  if (kind === "meeting" && body.decided.length > 0) return false;
  return (TYPED[kind] ?? []).every((name) => isBlank(body[name]));
}

/**
 * Say whether a part may be dropped: empty, and nothing hangs on it. A talk with a confidential annex is a talk.
 * @param {Part} part
 * @param {Part[]} parts of the same visit
 */
export function isUnused({ kind, entity, body }, parts) {
  return isEmpty(kind, body) && !(kind === "interview" && annexesOf(parts, entity).length > 0);
}

/**
 * Return the annexes of a talk that say something, sealed or not.
 * @template {Part} P
 * @param {P[]} parts
 * @param {string} interview
 * @returns {P[]}
 */
export function annexesOf(parts, interview) {
  return parts.filter(({ kind, body }) => kind === "annex" && body.interview === interview && (body.letter !== undefined || !isEmpty("annex", body)));
}

/**
 * Return the body as it is sealed: text trimmed and well formed, notes without a question dropped.
 * @param {string} kind
 * @param {Body} body
 * @returns {Body}
 */
export function sealedBody(kind, body) {
  const clean = /** @type {Body} */ (cleaned(body));
  if (kind === "interview") clean.asked = clean.asked.filter((/** @type {{note: string}} */ each) => each.note !== "");
  if (kind === "visit") clean.next_time = clean.next_time.filter((/** @type {string} */ each) => each !== "");
  if (kind === "answer") clean.answers = withoutBlank(clean.answers);
  if (kind === "answer") clean.notes = withoutBlank(clean.notes);
  return clean;
}

/** @param {Record<string, string>} values */
function withoutBlank(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

/** @param {unknown} value @returns {unknown} */
function cleaned(value) {
  if (typeof value === "string") return wellFormed(value).trim();
  if (Array.isArray(value)) return value.map(cleaned);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cleaned(inner)]));
}

/**
 * Return the parts with words for entries that are a photo only: a photo says enough to be kept.
 * @template {Part} P
 * @param {P[]} parts of the visit
 * @param {string} words
 * @returns {P[]}
 */
export function withPhotoWords(parts, words) {
  const shown = new Set(parts.filter((part) => part.kind === "photo" && !isEmpty("photo", part.body)).map((part) => part.body.about));
  return parts.map((part) => {
    const isWordless = part.kind === "entry" && isBlank(part.body.what) && shown.has(part.entity);
    return isWordless ? { ...part, body: { ...part.body, what: words } } : part;
  });
}

/**
 * Return the entries no list was chosen for.
 * @template {Part} P
 * @param {P[]} parts of the visit
 * @returns {P[]}
 */
export function unsortedEntries(parts) {
  return parts.filter((part) => part.kind === "entry" && part.discarded_at === null && isUnsorted(/** @type {{list: string}} */ (part.body)));
}
