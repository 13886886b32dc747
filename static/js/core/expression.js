// @ts-check
// The expressions of checklists (`relevant`, `constraint`): the part of XForms XPath that inspection checklists use. Parsed by
// hand into a tree, evaluated without eval. Values are text, numbers and booleans; an unknown word is a `Refusal`, never false.

import { dayNumber } from "./day.js";
import { Refusal } from "./refusal.js";

/** @typedef {string | number | boolean} Value */
/**
 * @typedef {object} Scope
 * @property {string} self the answer the expression stands at (`.`)
 * @property {Record<string, string>} answers by item; `${m01}` without an answer is empty text
 * @property {string} today the local day
 */
/**
 * @typedef {{op: "value", value: Value} | {op: "self"} | {op: "answer", name: string}
 *   | {op: "call", name: string, inner: Tree[]} | {op: "binary", sign: string, left: Tree, right: Tree}} Tree
 */

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|'([^']*)'|"([^"]*)"|\$\{([A-Za-z_][\w.-]*)\}|([A-Za-z_][\w-]*)|(<=|>=|!=|[=<>().,+*-]))/y;
/** Loosest first: each level binds tighter than the one before. */
const LEVELS = [["or"], ["and"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "div", "mod"]];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

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
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw bad(`cannot read from ${text.slice(at)}`);
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

/** @param {Token[]} rest @returns {Tree} */
function operand(rest) {
  const token = rest.shift();
  if (token === undefined) throw bad("ends too early");
  if (token.is === "number") return { op: "value", value: Number(token.text) };
  if (token.is === "text") return { op: "value", value: token.text };
  if (token.is === "answer") return { op: "answer", name: token.text };
  if (token.is === "word") return call(token.text, rest);
  if (token.text === ".") return { op: "self" };
  if (token.text === "-") return { op: "binary", sign: "-", left: { op: "value", value: 0 }, right: operand(rest) };
  if (token.text !== "(") throw bad(`unexpected ${token.text}`);
  const inner = level(rest, 0);
  expect(rest, ")");
  return inner;
}

/** @param {string} name @param {Token[]} rest @returns {Tree} */
function call(name, rest) {
  const count = CALLS[name]?.count;
  if (count === undefined) throw bad(`unknown function ${name}`);
  expect(rest, "(");
  const inner = [];
  while (rest[0]?.text !== ")" || rest[0].is !== "mark") {
    if (inner.length > 0) expect(rest, ",");
    inner.push(level(rest, 0));
  }
  rest.shift();
  if (inner.length !== count) throw bad(`${name} takes ${count}`);
  return { op: "call", name, inner };
}

/** @param {Token[]} rest @param {string} mark */
function expect(rest, mark) {
  const token = rest.shift();
  if (token?.is !== "mark" || token.text !== mark) throw bad(`${mark} expected`);
}

/** @type {Record<string, {count: number, run: (values: Value[], scope: Scope) => Value}>} */
const CALLS = {
  not: { count: 1, run: ([value]) => !isTrue(value) },
  true: { count: 0, run: () => true },
  false: { count: 0, run: () => false },
  today: { count: 0, run: (_, scope) => scope.today },
  selected: { count: 2, run: ([value, name]) => chosen(value).includes(text(name)) },
  "count-selected": { count: 1, run: ([value]) => chosen(value).length },
  "string-length": { count: 1, run: ([value]) => [...text(value)].length },
  number: { count: 1, run: ([value]) => number(value) },
  if: { count: 3, run: ([test, then, otherwise]) => (isTrue(test) ? then : otherwise) ?? "" },
};

/** @param {Tree} tree @param {Scope} scope @returns {Value} */
function evaluate(tree, scope) {
  if (tree.op === "value") return tree.value;
  if (tree.op === "self") return scope.self;
  if (tree.op === "answer") return scope.answers[tree.name] ?? "";
  if (tree.op === "call") {
    const values = tree.inner.map((inner) => evaluate(inner, scope));
    return /** @type {{run: (values: Value[], scope: Scope) => Value}} */ (CALLS[tree.name]).run(values, scope);
  }
  return binary(tree.sign, evaluate(tree.left, scope), () => evaluate(tree.right, scope));
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

/** XPath 1.0 §3.4: booleans win over numbers, numbers over text. @param {Value} left @param {Value} right */
function isEqual(left, right) {
  if (typeof left === "boolean" || typeof right === "boolean") return isTrue(left) === isTrue(right);
  if (typeof left === "number" || typeof right === "number") return number(left) === number(right);
  return left === right;
}

/** @param {Value | undefined} value */
function isTrue(value) {
  return typeof value === "number" ? value !== 0 && !Number.isNaN(value) : Boolean(value);
}

/** Days count as their number, so that two of them compare (XForms). @param {Value | undefined} value */
function number(value) {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const plain = (value ?? "").trim();
  if (DAY.test(plain)) return dayNumber(plain);
  return plain === "" ? Number.NaN : Number(plain);
}

/** @param {Value | undefined} value */
function text(value) {
  return String(value ?? "");
}

/** @param {Value | undefined} value */
function chosen(value) {
  return text(value).split(" ").filter(Boolean);
}

/** @param {string} detail */
function bad(detail) {
  return new Refusal("bad-expression", detail);
}
