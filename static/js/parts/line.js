// @ts-check
// One recorded thing in a list: what kind it is, and in one line what it holds.

import { closed } from "../core/direction.js";
import { listOf } from "../core/entry.js";
import { roleName } from "./visit/interview.js";
import { dayText, hasWord, inLanguage, listed, pair, percentText, t } from "./word.js";

/** @typedef {{kind: string, body: Record<string, any>}} Thing */
/** @typedef {(entity: string, item?: string) => string} NameOf names a question, a problem, a claim, a milestone, or what a meeting decided; empty when it is not here */

/**
 * Name what it is.
 * @param {Thing} thing
 */
export function kindText({ kind, body }) {
  if (kind === "entry") return t(`entry.list.${listOf(/** @type {any} */ (body))}`);
  if (kind === "interview") return `${t("word.interview")} ${body["code"]}`;
  if (kind === "reconciliation") return t("word.milestone");
  if (kind === "progress") return t("visit.reconcile");
  if (kind === "day_log") return t("visit.day_log");
  if (kind === "outcome") return t("outcome.title");
  return t(hasWord(`word.${kind}`) ? `word.${kind}` : "word.record");
}

/** @type {Record<string, (body: Record<string, any>, nameOf: NameOf) => string>} */
const LINES = {
  visit: (body) => [t(`purpose.${body["purpose"]}`), body["summary"]].filter(Boolean).join(" · "),
  submission: (body) => t("submission.records", { n: body["records"].length }),
  entry: (body) => body["what"],
  confirmation: (body) => [body["outcome"] ? t(`confirmation.outcome.${body["outcome"]}`) : "", body["by"], body["said"]].filter(Boolean).join(" · "),
  appraisal: (body) => t("ballot.counts", { a: body["issued"], b: body["returned"], c: body["valid"] }),
  claim: (body) => [body["what"], body["figure"]].filter(Boolean).join(" · "),
  annex: () => t("word.annex"),
  interview: (body) => pair(roleName(body["role"]), body["notes"] || notesOf(body["asked"])),
  progress: (body) => t("progress.line", {
    due: percentText(body["due_permille"]), observed: body["observed_permille"] === null ? "–" : percentText(body["observed_permille"]),
  }),
  answer: (body) => t("checklist.answers", { n: Object.keys(body["answers"]).length }),
  meeting: (body) => body["title"],
  day_log: (body) => `${dayText(body["day_on"])} ${body["what"]}`,
  reconciliation: (body, nameOf) => said(nameOf(body["milestone"]), body["state"] === null ? "" : t(`milestone.${body["state"]}`)),
  photo: (body) => body["caption"],
  outcome: (body, nameOf) => said(nameOf(body["about"], body["item"]), body["outcome"] === null ? "" : t(`outcome.${body["outcome"]}`)),
  look_back: (body, nameOf) => said(nameOf(body["entry"]), body["outcome"] === null ? "" : t(`outcome.${body["outcome"]}`)),
  recheck: (body, nameOf) => said(nameOf(body["entry"]), body["outcome"] === null ? "" : t(`outcome.${body["outcome"]}`)),
};

/**
 * Say in one line what it holds.
 * @param {Thing} thing
 * @param {NameOf} nameOf
 */
export function lineText({ kind, body }, nameOf) {
  return closed(LINES[kind]?.(body, nameOf) ?? "");
}

/** @param {{note: string}[]} asked */
function notesOf(asked) {
  return asked.map((each) => each.note).filter(Boolean).join(" ");
}

/** @param {string} name @param {string} word */
function said(name, word) {
  return name === "" || word === "" ? name || word : pair(name, word);
}

/**
 * Name a row of what lines are about.
 * @param {Record<string, any> | null | undefined} row
 * @param {string} [item] the number of what a meeting decided, from 1
 */
export function subjectName(row, item = "") {
  if (row?.["decided"]) return row["decided"][Number(item) - 1]?.what ?? row["title"];
  return inLanguage(row, "what") || inLanguage(row);
}
