// @ts-check
// The expressions of checklists (`relevant`, `constraint`, `calculation`, …): the part of XForms XPath that XLSForm uses. Parsed by
// hand into a tree, evaluated without eval. Values are text, numbers and booleans; an unknown word is a `Refusal`, never false.

import { CALLS } from "./expression_call.js";
import { Refusal } from "./refusal.js";
import { UNCHECKED, isEqual, isTrue, number, text } from "./value.js";

/** @typedef {import("./value.js").Value} Value */
/**
 * @typedef {object} Scope
 * @property {string} self the answer the expression stands at (`.`)
 * @property {Record<string, string>} answers by item; `${m01}` without an answer is empty text. In a repeat `name[3]`, and under the repeat's name its instances
 * @property {string} today the local day
 * @property {string} [now] the instant, as records write it
 * @property {Record<string, string>} [homes] the repeat of each item that stands in one
 * @property {{repeat: string, number: number} | null} [place] the instance the expression stands in
 * @property {Record<string, string>} [columns] of the choice that is looked at
 * @property {(name: string, value: string) => string} [labelOf] an item's choice
 */
/**
 * @typedef {{op: "value", value: Value} | {op: "self"} | {op: "place"} | {op: "answer", name: string} | {op: "column", name: string}
 *   | {op: "call", name: string, inner: Tree[]} | {op: "binary", sign: string, left: Tree, right: Tree}} Tree
 */

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|'([^']*)'|"([^"]*)"|\$\{\s*([\p{L}_][\p{L}\p{N}_.-]*)\s*\}|([A-Za-z_][\w-]*(?::[A-Za-z][\w-]*)?)|(<=|>=|!=|\.\.|[=<>().,+*\-]))/uy;
/** Loosest first: each level binds tighter than the one before. */
const LEVELS = [["or"], ["and"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "div", "mod"]];

/** @typedef {{is: "number" | "text" | "answer" | "word" | "mark", text: string}} Token */

/** @type {Map<string, Tree>} */
const parsed = new Map();

/**
 * Evaluate an expression to true or false.
 * @param {string} expression
 * @param {Scope} scope
 */
export function holds(expression, scope) {
  return isTrue(evaluate(treeOf(expression), scope));
}

/**
 * Evaluate an expression.
 * @param {string} expression
 * @param {Scope} scope
 */
export function valueOf(expression, scope) {
  return evaluate(treeOf(expression), scope);
}

/**
 * Return the numbers of a repeat's instances, in the order they were added.
 * @param {Record<string, string>} answers
 * @param {string} repeat
 */
export function instancesOf(answers, repeat) {
  return (answers[repeat] ?? "").split(" ").filter((each) => /^[1-9]\d*$/.test(each)).map(Number);
}

/**
 * Parse an expression; raises `Refusal` (`bad-expression`) for what is not understood, so that a checklist can be judged before
 * anybody relies on it.
 * @param {string} expression
 * @returns {Tree}
 */
export function treeOf(expression) {
  const known = parsed.get(expression);
  if (known !== undefined) return known;
  const rest = tokens(expression);
  const tree = level(rest, 0);
  if (rest.length > 0) throw bad(`unexpected ${rest[0]?.text}`);
  parsed.set(expression, tree);
  return tree;
}

/** @param {string} expression @returns {Token[]} */
function tokens(expression) {
  const found = [];
  const whole = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < whole.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(whole);
    if (match === null) throw bad(`cannot read from ${whole.slice(at)}`);
    found.push(tokenOf(match));
  }
  return found;
}

/** @param {RegExpExecArray} match @returns {Token} */
function tokenOf(match) {
  if (match[1] !== undefined) return { is: "number", text: match[1] };
  if (match[2] !== undefined) return { is: "text", text: match[2] };
  if (match[3] !== undefined) return { is: "text", text: match[3] };
  if (match[4] !== undefined) return { is: "answer", text: match[4] };
  if (match[5] !== undefined) return { is: "word", text: match[5] };
  return { is: "mark", text: match[6] ?? "" };
}

/** @param {Token[]} rest @param {number} depth @returns {Tree} */
function level(rest, depth) {
  const signs = LEVELS[depth];
  if (signs === undefined) return operand(rest);
  let left = level(rest, depth + 1);
  while (isSign(rest[0], signs)) {
    const sign = /** @type {Token} */ (rest.shift()).text;
    left = { op: "binary", sign, left, right: level(rest, depth + 1) };
  }
  return left;
}

/** @param {Token | undefined} token @param {string[]} signs */
function isSign(token, signs) {
  return token !== undefined && (token.is === "mark" || token.is === "word") && signs.includes(token.text);
}

/** @param {Token | undefined} token @param {string} mark */
function isMark(token, mark) {
  return token !== undefined && token.is === "mark" && token.text === mark;
}

/** @param {Token[]} rest @returns {Tree} */
function operand(rest) {
  const token = rest.shift();
  if (token === undefined) throw bad("ends too early");
  if (token.is === "number") return { op: "value", value: Number(token.text) };
  if (token.is === "text") return { op: "value", value: token.text };
  if (token.is === "answer") return { op: "answer", name: token.text };
  if (token.is === "word") return isMark(rest[0], "(") ? call(token.text, rest) : { op: "column", name: token.text };
  if (token.text === ".") return { op: "self" };
  if (token.text === "-") return { op: "binary", sign: "-", left: { op: "value", value: 0 }, right: operand(rest) };
  if (token.text !== "(") throw bad(`unexpected ${token.text}`);
  const inner = level(rest, 0);
  expect(rest, ")");
  return inner;
}

/** @param {string} name @param {Token[]} rest @returns {Tree} */
function call(name, rest) {
  const known = own(CALLS, name);
  if (known === undefined) throw bad(`unknown function ${name}`);
  expect(rest, "(");
  /** @type {Tree[]} */
  const inner = [];
  while (!isMark(rest[0], ")")) {
    if (inner.length > 0) expect(rest, ",");
    inner.push(argument(name, rest));
  }
  rest.shift();
  if (inner.length < known.least || inner.length > known.most) throw bad(`${name} takes ${known.least} to ${known.most}`);
  if (name.startsWith("count") && known.isMany && inner[0]?.op !== "answer") throw bad(`${name} counts answers`);
  return { op: "call", name, inner };
}

/** `position(..)` alone looks one step up. @param {string} name @param {Token[]} rest @returns {Tree} */
function argument(name, rest) {
  if (name !== "position") return level(rest, 0);
  expect(rest, "..");
  return { op: "place" };
}

/** @param {Token[]} rest @param {string} mark */
function expect(rest, mark) {
  const token = rest.shift();
  if (!isMark(token, mark)) throw bad(`${mark} expected`);
}

/** @param {Tree} tree @param {Scope} scope @returns {Value} */
function evaluate(tree, scope) {
  if (tree.op === "value") return tree.value;
  if (tree.op === "self") return scope.self;
  if (tree.op === "place") return scope.place ? instancesOf(scope.answers, scope.place.repeat).indexOf(scope.place.number) + 1 : 0;
  if (tree.op === "answer") return answerTo(tree.name, scope);
  if (tree.op === "column") return columnOf(tree.name, scope);
  if (tree.op === "call") return called(tree, scope);
  return binary(tree.sign, evaluate(tree.left, scope), () => evaluate(tree.right, scope));
}

/** @param {Tree & {op: "call"}} tree @param {Scope} scope @returns {Value} */
function called({ name, inner }, scope) {
  const { isMany = false, run } = /** @type {import("./expression_call.js").Call} */ (CALLS[name]);
  const values = inner.map((each, at) => {
    const isList = each.op === "answer" && (isMany || (name === "indexed-repeat" && at === 0));
    return isList ? everyAnswer(each.name, scope) : evaluate(each, scope);
  });
  return run(values, scope);
}

/** What an answer says; "not checked this time" says nothing that another question could follow from. @param {string | undefined} answer */
function told(answer) {
  return answer === undefined || answer === UNCHECKED ? "" : answer;
}

/** The answer in the same instance; from outside a repeat that of its first. @param {string} name @param {Scope} scope */
function answerTo(name, scope) {
  const home = own(scope.homes ?? {}, name);
  if (home === undefined) return told(own(scope.answers, name));
  const instance = scope.place?.repeat === home ? scope.place.number : instancesOf(scope.answers, home)[0];
  return told(scope.answers[`${name}[${instance}]`]);
}

/** The answers in all instances of a repeat, or the instances themselves. @param {string} name @param {Scope} scope @returns {Value[]} */
function everyAnswer(name, scope) {
  const homes = scope.homes ?? {};
  const home = own(homes, name);
  if (home !== undefined) return instancesOf(scope.answers, home).map((each) => told(scope.answers[`${name}[${each}]`]));
  return Object.values(homes).includes(name) ? instancesOf(scope.answers, name) : [told(own(scope.answers, name))];
}

/** @param {string} name @param {Scope} scope */
function columnOf(name, scope) {
  if (scope.columns === undefined) throw bad(`unknown word ${name}`);
  return own(scope.columns, name) ?? "";
}

/** What a record itself holds under a name: people choose the names. @template T @param {Record<string, T>} record @param {string} name @returns {T | undefined} */
function own(record, name) {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** @param {string} sign @param {Value} left @param {() => Value} later @returns {Value} */
function binary(sign, left, later) {
  if (sign === "or") return isTrue(left) || isTrue(later());
  if (sign === "and") return isTrue(left) && isTrue(later());
  const right = later();
  if (sign === "=") return isEqual(left, right);
  if (sign === "!=") return !isEqual(left, right);
  const [a, b] = [number(left), number(right)];
  if (sign === "<") return a < b;
  if (sign === "<=") return a <= b;
  if (sign === ">") return a > b;
  if (sign === ">=") return a >= b;
  if (sign === "+") return a + b;
  if (sign === "-") return a - b;
  if (sign === "*") return a * b;
  return sign === "div" ? a / b : a % b;
}

/** Write what an expression came to as an answer: a number that is none is no answer. @param {Value} value */
export function asAnswer(value) {
  return typeof value === "number" && !Number.isFinite(value) ? "" : text(value);
}

/** @param {string} detail */
function bad(detail) {
  return new Refusal("bad-expression", detail);
}
