// @ts-check
// How late a milestone is by what was found of it, and what that asks for. Days are `YYYY-MM-DD`.

import { daysBetween } from "./day.js";

export const SLIP_CAUSES = ["contractor", "owner", "department", "local", "inherited", "design", "fund", "force", "external"];
/** How something is known that a photo of the works or of a paper can show. */
const SHOWABLE = new Set(["seen", "measured", "documented"]);

/** @typedef {{state: string | null, observed_on: string | null, known_by: string | null, slip_causes?: string[]}} Found */

/**
 * Return by how many days a milestone slipped, or so far has; negative when it came early, 0 where nothing says.
 * @param {string} planned_on
 * @param {Found} found
 * @param {string} today
 */
export function slipDays(planned_on, { state, observed_on }, today) {
  if (state === "reached") return observed_on === null ? 0 : daysBetween(planned_on, observed_on);
  return state === "partly" || state === "not_reached" ? Math.max(0, daysBetween(planned_on, today)) : 0;
}

/**
 * Say whether a slip stands there without any of its causes.
 * @param {string} planned_on
 * @param {Found} found
 * @param {string} today
 */
export function lacksCause(planned_on, found, today) {
  return slipDays(planned_on, found, today) > 0 && (found.slip_causes ?? []).length === 0;
}

/**
 * Say whether what was observed is to be shown: on a photo of the works, or of the paper that proves it.
 * @param {Found} found
 */
export function needsProof({ state, known_by }) {
  return (state === "reached" || state === "partly") && SHOWABLE.has(known_by ?? "");
}
