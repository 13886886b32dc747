// @ts-check
// A checklist from an XLSForm (version 2 of its body) as it stands with some answers: which groups, instances of repeats and items are
// asked, what is calculated, what is proposed. Nothing is answered by itself but what nobody could answer.

import { UNCHECKED, choicesOf, formOf } from "./checklist.js";
import { asAnswer, holds, instancesOf, valueOf } from "./expression.js";
import { moment } from "./value.js";

/** @typedef {import("./checklist.js").Sheet} Sheet */
/** @typedef {import("./checklist.js").Known} Known */
/** @typedef {{repeat: string, number: number}} Place */
/** @typedef {{homes: Record<string, string>, place: Place | null}} Stand */
/** @typedef {import("./checklist.js").Item & {required?: string, calculation?: string, default?: string, read_only?: string}} FormItem */
/** @typedef {{id: string, zh: string, en: string, relevant?: string, appearance?: string, repeat?: {count?: string}, items: (FormItem | FormGroup)[]}} FormGroup */
/** @typedef {FormItem & {stem: string, mark: string, stands: Stand, is_fixed: boolean, is_needed: boolean, proposed: string}} Asked `id` is the name of its answer, `stem` that of the template's item */
/**
 * @typedef {object} Branch a group, or one instance of a repeat
 * @property {FormGroup} group
 * @property {Place | null} instance
 * @property {number} ordinal of the instance, from 1; 0 for a group
 * @property {boolean} isOpen whether people add and take away instances
 * @property {(Asked | Branch)[]} nodes
 */

const MOST_TURNS = 100;
export const MOST_INSTANCES = 99;

/** Say whether a sheet is an XLSForm's. @param {{groups: any[]}} sheet */
export function isForm(sheet) {
  return sheet.groups.some((group) => group.items.some((/** @type {any} */ each) => each.core === undefined));
}

/** @param {FormItem | FormGroup | Asked | Branch} node @returns {node is FormGroup} */
function isGroup(node) {
  return "items" in node;
}

/** @param {Asked | Branch} node @returns {node is Branch} */
export function isBranch(node) {
  return "nodes" in node;
}

/** Return the groups of a form. @param {Sheet} sheet @returns {FormGroup[]} */
function groupsOf(sheet) {
  return /** @type {any[]} */ (sheet.groups);
}

/**
 * Return the repeat of each item that stands in one.
 * @param {Sheet} sheet
 * @returns {Record<string, string>}
 */
export function homesOf(sheet) {
  /** @type {[string, string][]} */
  const found = [];
  /** @param {FormGroup} group @param {string} home */
  const walk = (group, home) => {
    const inside = group.repeat ? group.id : home;
    for (const node of group.items) {
      if (isGroup(node)) walk(node, inside);
      else if (inside !== "") found.push([node.id, inside]);
    }
  };
  for (const group of groupsOf(sheet)) walk(group, "");
  return Object.fromEntries(found);
}

/** Return every item of a form, asked or not. @param {Sheet} sheet @returns {FormItem[]} */
export function formItems(sheet) {
  /** @param {FormItem | FormGroup} node @returns {FormItem[]} */
  const walk = (node) => (isGroup(node) ? node.items.flatMap(walk) : [node]);
  return groupsOf(sheet).flatMap(walk);
}

/** @param {string} name @param {Place | null} place */
function keyOf(name, place) {
  return place === null ? name : `${name}[${place.number}]`;
}

/**
 * Return the answers as they count: those of what is asked now, with everything calculated. Others stay in the draft and come back
 * when they are asked again.
 * @param {Sheet} sheet
 * @param {Record<string, string>} answers as written
 * @param {Omit<Known, "answers">} known
 * @returns {Record<string, string>}
 */
export function settled(sheet, answers, known) {
  const homes = homesOf(sheet);
  let now = answers;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const next = counted(sheet, answers, { ...known, homes, code: sheet.code, answers: now });
    if (isSame(next, now)) return next;
    now = next;
  }
  return now;
}

/** @param {Record<string, string>} one @param {Record<string, string>} other */
function isSame(one, other) {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** @typedef {Known & {homes: Record<string, string>, code: string}} Here */

/** @param {Sheet} sheet @param {Record<string, string>} written @param {Here} here */
function counted(sheet, written, here) {
  /** @type {Record<string, string>} */
  const found = {};
  /** @param {FormGroup} group @param {Place | null} place */
  const walk = (group, place) => {
    if (!isAsked(group, place, here, "")) return;
    for (const inner of placesOf(group, place, written, here, found)) {
      for (const node of group.items) {
        if (isGroup(node)) walk(node, inner);
        else answer(node, inner);
      }
    }
  };
  /** @param {FormItem} item @param {Place | null} place */
  const answer = (item, place) => {
    const key = keyOf(item.id, place);
    if (!isAsked(item, place, here, written[key] ?? "")) return;
    const value = answerOf(sheet, item, place, written[key] ?? "", here);
    if (value !== "") found[key] = value;
  };
  for (const group of groupsOf(sheet)) walk(group, null);
  return found;
}

/** Where the items of a group stand: once, or in each instance, which is noted. @param {FormGroup} group @param {Place | null} place @param {Record<string, string>} written @param {Here} here @param {Record<string, string>} found */
function placesOf(group, place, written, here, found) {
  if (!group.repeat) return [place];
  const numbers = numbersOf(group, written, here);
  if (numbers.length > 0) found[group.id] = numbers.join(" ");
  return numbers.map((number) => ({ repeat: group.id, number }));
}

/** @param {FormGroup} group @param {Record<string, string>} written @param {Here} here */
function numbersOf(group, written, here) {
  const count = group.repeat?.count;
  if (!count) return instancesOf(written, group.id);
  const wanted = Math.floor(Number(asAnswer(valueOf(count, { ...here, place: null, self: "" })) || 0));
  return Array.from({ length: Math.max(0, Math.min(MOST_INSTANCES, wanted || 0)) }, (_, at) => at + 1);
}

/** @param {{relevant?: string}} node @param {Place | null} place @param {Here} here @param {string} self */
function isAsked(node, place, here, self) {
  return !node.relevant || holds(node.relevant, { ...here, place, self });
}

/** @param {Sheet} sheet @param {FormItem} item @param {Place | null} place @param {string} written @param {Here} here */
function answerOf(sheet, item, place, written, here) {
  const scope = { ...here, place, self: written };
  if (isComputed(item, scope)) return computed(item, scope);
  if (!item.choice_filter || written === UNCHECKED) return written;
  const names = choicesOf(sheet, { ...item, stands: { homes: here.homes, place } }, here).map((choice) => choice.name);
  return written.split(" ").filter((name) => names.includes(name)).join(" ");
}

/** @param {FormItem} item */
function sourceOf(item) {
  return item.calculation || item.default || "";
}

/** What an item's source comes to, in the form its answer has. @param {FormItem} item @param {import("./expression.js").Scope} scope */
function computed(item, scope) {
  const value = valueOf(sourceOf(item), scope);
  const [from, to] = PIECES[item.type] ?? [];
  return from === undefined ? asAnswer(value) : moment(value).slice(from, to);
}

/** What is filled in of a moment, `YYYY-MM-DDThh:mm:ss`. */
const PIECES = /** @type {Record<string, [number, number]>} */ ({ date: [0, 10], dateTime: [0, 16], time: [11, 16] });

/** What nobody can answer is filled in. @param {FormItem} item @param {import("./expression.js").Scope} scope */
function isComputed(item, scope) {
  return sourceOf(item) !== "" && (formOf(item) === "silent" || isFixed(item, scope));
}

/** @param {FormItem} item @param {import("./expression.js").Scope} scope */
function isFixed(item, scope) {
  return Boolean(item.read_only) && holds(item.read_only ?? "", scope);
}

/**
 * Return what is asked now as a tree. `filled` writes the words of an item or group, with the answers they quote.
 * @param {Sheet} sheet
 * @param {Known} known with settled answers
 * @param {(words: string, place: Place | null) => string} filled
 * @returns {Branch[]}
 */
export function branchesOf(sheet, known, filled) {
  const here = { ...known, homes: homesOf(sheet), code: sheet.code };
  return groupsOf(sheet).flatMap((group) => branches(group, null, here, filled));
}

/** @param {FormGroup} group @param {Place | null} place @param {Here} here @param {(words: string, place: Place | null) => string} filled @returns {Branch[]} */
function branches(group, place, here, filled) {
  if (!isAsked(group, place, here, "")) return [];
  const worded = withWords(group, place, filled);
  if (!group.repeat) return [{ group: worded, instance: null, ordinal: 0, isOpen: false, nodes: nodesOf(group, place, here, filled) }];
  const isOpen = !group.repeat.count;
  const instances = instancesOf(here.answers, group.id).map((number, at) => {
    const instance = { repeat: group.id, number };
    return { group: withWords(group, instance, filled), instance, ordinal: at + 1, isOpen, nodes: nodesOf(group, instance, here, filled) };
  });
  return [{ group: worded, instance: null, ordinal: 0, isOpen, nodes: instances }];
}

/** @param {FormGroup} group @param {Place | null} place @param {Here} here @param {(words: string, place: Place | null) => string} filled */
function nodesOf(group, place, here, filled) {
  return group.items.flatMap((node) => /** @type {(Asked | Branch)[]} */ (isGroup(node) ? branches(node, place, here, filled) : asked(node, place, here, filled)));
}

/** @param {FormItem} item @param {Place | null} place @param {Here} here @param {(words: string, place: Place | null) => string} filled @returns {Asked[]} */
function asked(item, place, here, filled) {
  const id = keyOf(item.id, place);
  const self = here.answers[id] ?? "";
  const scope = { ...here, place, self };
  if (formOf(item) === "silent" || !isAsked(item, place, here, self)) return [];
  const is_fixed = isFixed(item, scope);
  return [{
    ...withWords(item, place, filled), id, stem: item.id, mark: `${here.code}/${id}`, stands: { homes: here.homes, place }, is_fixed,
    is_needed: !is_fixed && Boolean(item.required) && holds(item.required ?? "", scope),
    proposed: is_fixed || sourceOf(item) === "" ? "" : computed(item, scope),
  }];
}

const WORDS = ["zh", "en", "hint_zh", "hint_en", "constraint_zh", "constraint_en", "required_zh", "required_en"];

/** @template {object} T @param {T} node @param {Place | null} place @param {(words: string, place: Place | null) => string} filled @returns {T} */
function withWords(node, place, filled) {
  const words = Object.entries(node).filter(([name]) => WORDS.includes(name)).map(([name, said]) => [name, filled(said, place)]);
  return { ...node, ...Object.fromEntries(words) };
}

/**
 * Return the items of a tree that can be answered, in its order.
 * @param {(Branch | Asked)[]} nodes
 * @returns {Asked[]}
 */
export function answerable(nodes) {
  return nodes.flatMap((node) => (isBranch(node) ? answerable(node.nodes) : node.is_fixed || formOf(node) === "note" ? [] : [node]));
}

/**
 * Write words with the answers they quote (`${name}`), each as `wordOf` says it.
 * @param {string} words
 * @param {Place | null} place
 * @param {Record<string, string>} homes
 * @param {(name: string, key: string) => string} wordOf
 */
export function quoted(words, place, homes, wordOf) {
  return words.replace(/\$\{\s*([^}]*?)\s*\}/g, (_, name) => wordOf(name, keyOf(name, homes[name] === place?.repeat ? place ?? null : null)));
}

/**
 * Return the answers with one more instance of a repeat; its number was never used before, so nothing hangs on it.
 * @param {Record<string, string>} answers
 * @param {string} repeat
 * @param {string[]} keys everything that hangs on an answer: notes, photos
 */
export function withInstance(answers, repeat, keys) {
  const present = instancesOf(answers, repeat);
  const used = [...Object.keys(answers), ...keys].map((key) => Number(/\[(\d+)\]$/.exec(key)?.[1] ?? 0));
  return { ...answers, [repeat]: [...present, Math.max(0, ...present, ...used) + 1].join(" ") };
}

/** @param {Record<string, string>} answers @param {Place} instance */
export function withoutInstance(answers, { repeat, number }) {
  const { [repeat]: _, ...others } = answers;
  const left = instancesOf(answers, repeat).filter((each) => each !== number);
  return left.length === 0 ? others : { ...answers, [repeat]: left.join(" ") };
}
