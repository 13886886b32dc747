// @ts-check
// I-JSON as PROTOCOL 1 narrows it. A parser of our own, because JSON.parse keeps the last of two equal names and rounds
// large numbers in silence. It never repairs: what is not exactly in the form raises a Refusal.

import { Refusal } from "./refusal.js";

/** @import { Json, JsonObject } from "./port.js" */

const DEPTH_LIMIT = 32;
const BYTE_ORDER_MARK = "\ufeff";
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?[0-9][0-9.eE+-]*/y;
const INTEGER = /^-?(0|[1-9][0-9]*)$/;
const HEX4 = /^[0-9a-fA-F]{4}$/;
const FORBIDDEN = /[\u0000\ud800-\udfff]/u;
const FORBIDDEN_ALL = /[\u0000\ud800-\udfff]/gu;
/** @type {Record<string, string>} */
const ESCAPE = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** @type {[string, null | boolean][]} */
const WORDS = [["null", null], ["true", true], ["false", false]];

/**
 * Parse I-JSON. Objects have no prototype, so a member named `__proto__` is a member like any other.
 * @param {Uint8Array | string} source
 * @returns {Json}
 */
export function parse(source) {
  const text = typeof source === "string" ? source : decodeUtf8(source);
  if (text.startsWith(BYTE_ORDER_MARK)) throw new Refusal("not-i-json", "begins with a byte order mark");
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.skip();
  if (reader.at !== text.length) reader.fail("something follows the value");
  return value;
}

/**
 * Say whether a value is an object (neither null nor an array).
 * @param {Json | undefined} value
 * @returns {value is JsonObject}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Make a text fit to be sealed: U+0000 and lone surrogates, which keyboards and pasted text may hold, become U+FFFD.
 * @param {string} text
 */
export function wellFormed(text) {
  return text.replace(FORBIDDEN_ALL, "\ufffd");
}

/** @param {Uint8Array} bytes */
function decodeUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Refusal("not-i-json", "not UTF-8", { cause });
  }
}

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /**
   * @param {string} what
   * @returns {never}
   */
  fail(what) {
    throw new Refusal("not-i-json", `${what} at character ${this.at}`);
  }

  skip() {
    while (" \t\n\r".includes(this.text.charAt(this.at) || "x")) this.at += 1;
  }

  /** @param {string} mark */
  take(mark) {
    this.skip();
    if (this.text.charAt(this.at) !== mark) return false;
    this.at += 1;
    return true;
  }

  /** @param {string} mark */
  expect(mark) {
    if (!this.take(mark)) this.fail(`'${mark}' is missing`);
  }

  /**
   * @param {number} depth how many arrays and objects are open around the value
   * @returns {Json}
   */
  value(depth) {
    this.skip();
    const first = this.text.charAt(this.at);
    if (first === '"') return this.string();
    if (first === "{") return this.object(depth + 1);
    if (first === "[") return this.array(depth + 1);
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  /** @param {number} depth */
  object(depth) {
    if (depth > DEPTH_LIMIT) this.fail("too deep");
    /** @type {JsonObject} */
    const members = Object.create(null);
    this.expect("{");
    if (this.take("}")) return members;
    do {
      this.skip();
      const name = this.string();
      if (name in members) this.fail("a name occurs twice");
      this.expect(":");
      members[name] = this.value(depth);
    } while (this.take(","));
    this.expect("}");
    return members;
  }

  /** @param {number} depth */
  array(depth) {
    if (depth > DEPTH_LIMIT) this.fail("too deep");
    /** @type {Json[]} */
    const items = [];
    this.expect("[");
    if (this.take("]")) return items;
    do items.push(this.value(depth));
    while (this.take(","));
    this.expect("]");
    return items;
  }

  string() {
    if (this.text.charAt(this.at) !== '"') this.fail("a string is missing");
    this.at += 1;
    let value = "";
    for (;;) {
      PLAIN.lastIndex = this.at;
      const plain = /** @type {RegExpExecArray} */ (PLAIN.exec(this.text))[0];
      value += plain;
      this.at += plain.length;
      const stop = this.text.charAt(this.at);
      this.at += 1;
      if (stop === '"') break;
      if (stop !== "\\") this.fail("a string is not closed, or holds a control character");
      value += this.escape();
    }
    if (FORBIDDEN.test(value)) this.fail("U+0000 or a lone surrogate in a string");
    return value;
  }

  escape() {
    const letter = this.text.charAt(this.at);
    this.at += 1;
    if (letter !== "u") return ESCAPE[letter] ?? this.fail("unknown escape");
    const digits = this.text.slice(this.at, this.at + 4);
    if (!HEX4.test(digits)) this.fail("bad \\u escape");
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  number() {
    NUMBER.lastIndex = this.at;
    const literal = NUMBER.exec(this.text)?.[0];
    if (literal === undefined) this.fail("no value");
    if (!INTEGER.test(literal) || literal === "-0") this.fail("not an integer literal");
    const value = Number(literal);
    if (!Number.isSafeInteger(value)) this.fail("an integer beyond 2^53");
    this.at += literal.length;
    return value;
  }
}
