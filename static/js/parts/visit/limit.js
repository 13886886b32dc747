// @ts-check
// How long what is written on a visit may be, as the bodies of the kinds say.

import { excess } from "../../core/limit.js";
import { sealedBody } from "../../core/part.js";
import { embedded } from "../word.js";

/** @type {Record<string, {limits: import("../../core/limit.js").Limits}> | null} */
let kinds = null;

/** @param {string} kind */
function limitsOf(kind) {
  kinds ??= /** @type {NonNullable<typeof kinds>} */ (embedded("kinds"));
  return kinds[kind]?.limits ?? {};
}

/**
 * Return the longest a member may be, in characters.
 * @param {string} kind
 * @param {string} path as in the limits: `what`, `decided[].who`
 */
export function longest(kind, path) {
  return limitsOf(kind)[path];
}

/**
 * Return what of a part would be too long when it is sealed.
 * @param {{kind: string, body: Record<string, any>}} part
 */
export function excessOf({ kind, body }) {
  return excess(sealedBody(kind, body), limitsOf(kind));
}
