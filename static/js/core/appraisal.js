// @ts-check
// Appraisal on site: what a ballot holds, how ballots lie together, and what may be told of them. A ballot has no id, no time and no
// order; below five marks nothing is told but how many there were.

import { wellFormed } from "./ijson.js";
import { lengthOf } from "./limit.js";
import { isOn, unitsTied } from "./start.js";

/** @typedef {{id: string, zh: string, en: string}} Wording */
/** @typedef {{noun: string, entity: string, name: string, name_en: string}} Appraised */
/**
 * @typedef {object} Setup what is asked, as it was when the appraisal was opened
 * @property {string} form
 * @property {string} title
 * @property {string} title_en
 * @property {Appraised[]} targets
 * @property {Wording[]} relations what who fills it in is here; empty where that is not asked
 * @property {Wording[]} contacts how well they know whom they appraise
 * @property {Wording[]} options
 * @property {Wording[]} questions
 * @property {Wording[]} words what may be said freely; empty where nobody could read it in confidence
 * @property {{person: string, name: string, name_en: string}[]} readers who will read that, as the raters are told
 */
/** @typedef {{contact: string | null, marks: Record<string, string>}} Opinion marks by question */
/** @typedef {{relation: string | null, opinions: Record<string, Opinion>, words: Record<string, string>}} Ballot opinions by the entity of whom they are about */
/** @typedef {{target: string, question: string, group: string, marks: number[]}} Count */

/** Fewer marks than that would show what single people said. */
export const LEAST = 5;
export const MOST_TARGETS = 8;
/** Of one answer in words; a sentence, not a letter by which somebody could be known. */
export const LONGEST_WORDS = 100;
/** As many as the words of an annex may have, and what each line and heading takes beside the words. */
const LETTER_WORDS = 10_000;
const MARK_CHARS = 3;
const HEAD_CHARS = 450;
const ALL = "all";
const GROUPED = /** @type {const} */ (["relation", "contact"]);

/** @returns {Ballot} */
export function blankBallot() {
  return { relation: null, opinions: {}, words: {} };
}

/** Whether anything is marked; who only says "don't know" has voted. @param {Ballot} ballot */
export function isValid({ opinions }) {
  return Object.values(opinions).some(({ marks }) => Object.keys(marks).length > 0);
}

/**
 * Put a ballot to the others. They lie in the order of their own words, which says nothing of when each was cast.
 * @param {Setup} setup
 * @param {Ballot[]} ballots
 * @param {Ballot} ballot
 * @returns {Ballot[]}
 */
export function withBallot(setup, ballots, ballot) {
  const wordsOf = (/** @type {Ballot} */ each) => JSON.stringify(each);
  return [...ballots, plain(setup, ballot)].sort((a, b) => (wordsOf(a) < wordsOf(b) ? -1 : 1));
}

/** Only what was asked, in the order it was asked: neither more than that nor the order of the taps. @param {Setup} setup @param {Ballot} ballot @returns {Ballot} */
function plain({ targets, relations, contacts, options, questions, words }, { relation, opinions, words: said }) {
  const known = (/** @type {Wording[]} */ words, /** @type {string | null | undefined} */ id) => (words.some((each) => each.id === id) ? id ?? null : null);
  const marksOf = (/** @type {string} */ entity) => questions.flatMap(({ id }) => {
    const mark = known(options, opinions[entity]?.marks[id]);
    return mark === null ? [] : [[id, mark]];
  });
  const texts = words.flatMap(({ id }) => {
    const text = wellFormed(said[id] ?? "").replace(/\s+/gu, " ").trim();
    return text === "" ? [] : [[id, text]];
  });
  return {
    relation: known(relations, relation),
    opinions: Object.fromEntries(targets.map(({ entity }) => [entity, { contact: known(contacts, opinions[entity]?.contact), marks: Object.fromEntries(marksOf(entity)) }])),
    words: Object.fromEntries(texts),
  };
}

/** How many characters of words a ballot holds. @param {Ballot} ballot */
function wordsIn({ words }) {
  return Object.values(words).reduce((sum, text) => sum + lengthOf(text), 0);
}

/**
 * Say whether one more ballot's words have room beside those in the box: all of them go into one letter.
 * @param {Setup} setup
 * @param {Ballot[]} ballots
 */
export function hasRoomForWords({ words }, ballots) {
  const used = ballots.reduce((sum, ballot) => sum + wordsIn(ballot) + words.length * MARK_CHARS, HEAD_CHARS * words.length);
  return words.length > 0 && used + words.length * (LONGEST_WORDS + MARK_CHARS) <= LETTER_WORDS;
}

/**
 * Return what was written, under what was asked, each in the order of its hash: who wrote what and what else they said cannot be seen from it.
 * Fewer than five valid ballots: nothing, as with their marks.
 * @param {Setup} setup
 * @param {Ballot[]} ballots
 * @param {(text: string) => Promise<string>} hashOf
 * @returns {Promise<string>}
 */
export async function remarks({ words }, ballots, hashOf) {
  if (ballots.filter(isValid).length < LEAST) return "";
  const parts = [];
  for (const { id, zh, en } of words) {
    const texts = ballots.flatMap((ballot) => ballot.words[id] ?? []);
    const hashed = await Promise.all(texts.map(async (text) => ({ text, hash: await hashOf(text) })));
    const sorted = hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ text }) => `· ${text}`);
    if (sorted.length > 0) parts.push([`${zh} ${en}`.trim(), ...sorted].join("\n"));
  }
  return parts.join("\n\n");
}

/**
 * Count the ballots.
 * @param {Setup} setup
 * @param {Ballot[]} ballots
 * @returns {{returned: number, valid: number, counts: Count[]}} counts: per target and question of all, then of groups
 */
export function tally(setup, ballots) {
  const valid = ballots.filter(isValid);
  const counts = setup.targets.flatMap(({ entity }) => setup.questions.flatMap(({ id }) => countsOf(setup, valid, entity, id)));
  return { returned: ballots.length, valid: valid.length, counts };
}

/** @param {Setup} setup @param {Ballot[]} ballots @param {string} target @param {string} question @returns {Count[]} */
function countsOf(setup, ballots, target, question) {
  const marked = ballots.filter((ballot) => ballot.opinions[target]?.marks[question] !== undefined);
  if (marked.length < LEAST) return [];
  const count = (/** @type {string} */ group, /** @type {Ballot[]} */ among) => ({
    target, question, group,
    marks: setup.options.map(({ id }) => among.filter((ballot) => ballot.opinions[target]?.marks[question] === id).length),
  });
  const parts = GROUPED.flatMap((by) => {
    const groups = (by === "relation" ? setup.relations : setup.contacts).map(({ id }) => ({
      group: `${by}.${id}`,
      among: marked.filter((ballot) => id === (by === "relation" ? ballot.relation : ballot.opinions[target]?.contact)),
    }));
    return told(groups, marked.length).map(({ group, among }) => count(group, among));
  });
  return [count(ALL, marked), ...parts];
}

/**
 * Return the groups that may be told: each of at least five, and what they leave of the whole nothing or at least five, or it could be reckoned.
 * One group that is the whole says nothing new.
 * @template {{among: Ballot[]}} G
 * @param {G[]} groups @param {number} whole @returns {G[]}
 */
function told(groups, whole) {
  const large = groups.filter(({ among }) => among.length >= LEAST && among.length < whole).sort((a, b) => b.among.length - a.among.length);
  const left = () => whole - large.reduce((sum, { among }) => sum + among.length, 0);
  while (large.length > 0 && left() > 0 && left() < LEAST) large.pop();
  return groups.filter((group) => large.includes(group));
}

/** @typedef {Record<string, any>} Row */
/** @typedef {{noun: "project" | "unit", entity: string, project: Row | null, links: Row[], officials: Row[], tenures: Row[], units: Row[]}} Known what is visited, and all officials, tenures and units */

/**
 * Return who and what may be appraised where one visits: officials tied to it with the posts they hold today, the units that lead or serve it, itself.
 * @param {Known} known
 * @param {string} today
 * @returns {Appraised[]} officials first, by unit and name as given
 */
export function candidates({ noun, entity, project, links, officials, tenures, units }, today) {
  const held = tenures.filter((tenure) => isOn(/** @type {any} */ (tenure), today));
  const present = links.filter((link) => isOn(/** @type {any} */ (link), today));
  const ids = noun === "unit" ? held.filter((tenure) => tenure["unit"] === entity).map((tenure) => tenure["official"]) : present.map((link) => link["official"]);
  const tied = project === null ? [entity] : unitsTied(/** @type {any} */ (project), /** @type {any[]} */ (links), today);
  const named = (/** @type {string} */ of, /** @type {Row} */ row, posts = /** @type {Row[]} */ ([])) => ({
    noun: of, entity: row["entity"], name: withPosts(row["name"], posts.map((each) => each["post"]), "（", "、", "）"),
    name_en: withPosts(row["name_en"], posts.map((each) => each["post_en"]), " (", ", ", ")"),
  });
  return [
    ...officials.filter((row) => ids.includes(row["entity"])).map((row) => named("official", row, held.filter((tenure) => tenure["official"] === row["entity"]))),
    ...units.filter((row) => tied.includes(row["entity"])).map((row) => named("unit", row)),
    ...(project === null ? [] : [named("project", project)]),
  ];
}

/** @param {string} name @param {string[]} posts @param {string} open @param {string} comma @param {string} close */
function withPosts(name, posts, open, comma, close) {
  const held = posts.filter(Boolean).join(comma);
  return held === "" || name === "" ? name : `${name}${open}${held}${close}`;
}
