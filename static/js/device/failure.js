// @ts-check
// What the schedule is told of an error: of the way, of the archive, or of this phone itself.

import { NotTheArchive, Rejected, Unreachable } from "./net.js";

/** @import { Failure } from "../core/schedule.js" */

/**
 * @param {unknown} error
 * @returns {Failure}
 */
export function failureOf(error) {
  if (error instanceof Unreachable) return { kind: "unreachable" };
  if (error instanceof NotTheArchive) return strangeFailure(error);
  if (error instanceof Rejected) return { kind: "problem", status: error.status, retry_after_ms: error.retry_after_ms };
  return { kind: "local" };
}

/**
 * A proxy that finds a body too large, or the archive behind it gone, says so itself; all else is a captive portal.
 * @param {NotTheArchive} error
 * @returns {Failure}
 */
function strangeFailure({ status, retry_after_ms }) {
  if (status === 413) return { kind: "portal", status };
  return { kind: status >= 500 || status === 429 ? "unreachable" : "portal", status, retry_after_ms };
}
