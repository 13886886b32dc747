// @ts-check
// Why something failed, in words for the person. No screen, no state.

import { hasWord, t } from "./word.js";

/**
 * Say why something failed, for the person: a problem of the archive by its word, anything else by the error's name.
 * @param {unknown} error
 */
export function reasonText(error) {
  const { name = "", message = "", problem } = /** @type {{name?: string, message?: string, problem?: {type: string, title: string}}} */ (error ?? {});
  const key = problem ? `problem.${problem.type.split(":").at(-1)}` : `failure.${name}`;
  if (hasWord(key)) return t(key);
  return problem?.title || t("failure.other", { what: message || String(error) });
}
