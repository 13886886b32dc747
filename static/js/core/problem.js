// @ts-check
// A problem of the archive (RFC 9457), rebuilt as the same object the archive raised. A plain object crosses the worker
// boundary, so `toPlain` and `fromPlain` are inverses.

import { isObject } from "./ijson.js";

/** @import { Json } from "./port.js" */

/** @typedef {"never" | "later" | "after-pull"} Retry */
/** @typedef {{type: string, title: string, status: number, detail: string | null, retry: Retry}} PlainProblem */

export class Problem extends Error {
  /** @param {PlainProblem} plain */
  constructor(plain) {
    super(plain.detail ?? plain.title);
    this.name = "Problem";
    this.type = plain.type;
    this.title = plain.title;
    this.status = plain.status;
    this.detail = plain.detail;
    this.retry = plain.retry;
  }

  /** @returns {PlainProblem} */
  toPlain() {
    const { type, title, status, detail, retry } = this;
    return { type, title, status, detail, retry };
  }
}

/**
 * Rebuild a problem from the body of an answer; what is missing or malformed is taken from the status.
 * @param {Json | undefined} body parsed problem+json, or anything else
 * @param {number} status of the answer
 * @returns {Problem}
 */
export function fromPlain(body, status) {
  const found = body !== undefined && isObject(body) ? body : {};
  const { type, title, detail, retry } = found;
  return new Problem({
    type: typeof type === "string" ? type : "about:blank",
    title: typeof title === "string" ? title : `HTTP ${status}`,
    status,
    detail: typeof detail === "string" ? detail : null,
    retry: retry === "never" || retry === "after-pull" || retry === "later" ? retry : retryOf(status),
  });
}

/**
 * @param {number} status
 * @returns {Retry}
 */
function retryOf(status) {
  const is_passing = status >= 500 || status === 408 || status === 425 || status === 429;
  return is_passing ? "later" : "never";
}
