// @ts-check
// Entries of the lists: what is proposed for them, and which fields belong to which list. Only the sentence is asked for at once.

import { addDays } from "./day.js";
import { isOn } from "./start.js";

export const LISTS = ["problem", "difficulty", "task", "progress", "achievement", "duty"];
const DEADLINE_DAYS = 15;
const NOT_YET = "later";

/** @typedef {Record<string, unknown> & {list: string, sort: string | null, what: string, known_by: string | null, seen_on: string, responsible: string | null, deadline_on: string | null}} EntryBody */
/** @typedef {{official: string | null, role: string, from_on: string, to_on: string | null, inherits_from: string | null}} Link */

/**
 * Return the body of a new entry.
 * @param {{visit: string | null, list: string | null, today: string, links: Link[]}} start `list` as on the button, null for later
 * @returns {EntryBody}
 */
export function newEntry(start) {
  const blank = {
    visit: start.visit, list: NOT_YET, what: "", about: null, place: "", known_by: null, seen_on: start.today,
    sort: null, severity: null, cause: [], is_fixed_at_once: false, deadline_on: null, responsible: null, share: null,
    help_level: null, wanted: "", visibility: null, look_back_on: null, level: null, raised_by: "", item: "", heard_in: null,
  };
  return sorted(blank, start.list ?? NOT_YET, start.links);
}

/**
 * Put an entry into a list: what that list usually says is proposed, what it does not have is emptied. "difficulty" is a problem
 * that asks for help: nobody's fault, so without severity, deadline and responsible official.
 * @param {EntryBody} body
 * @param {string} list one of `LISTS`, or `later`
 * @param {Link[]} links of the project
 * @returns {EntryBody}
 */
export function sorted(body, list, links) {
  const isFault = list === "problem";
  const lead = isFault ? leadOn(links, body.seen_on) : null;
  return {
    ...body,
    list: list === "difficulty" ? "problem" : list,
    sort: isFault ? "fault" : list === "difficulty" ? "difficulty" : null,
    severity: isFault ? body.severity ?? "minor" : null,
    cause: isFault ? body.cause : [],
    is_fixed_at_once: isFault && Boolean(body.is_fixed_at_once),
    deadline_on: isFault ? body.deadline_on ?? addDays(body.seen_on, DEADLINE_DAYS) : null,
    responsible: isFault ? body.responsible ?? lead?.official ?? null : list === "duty" ? body.responsible : null,
    share: isFault || list === "duty" ? body.share : null,
    help_level: list === "difficulty" ? body.help_level : null,
    wanted: list === "difficulty" || isFault ? body.wanted : "",
    visibility: list === "achievement" ? body.visibility ?? "visible" : null,
    look_back_on: list === "achievement" ? body.look_back_on : null,
    level: list === "achievement" ? body.level : null,
  };
}

/**
 * Return the list of an entry as its button is named.
 * @param {{list: string, sort?: unknown}} body
 */
export function listOf(body) {
  return body.list === "problem" && body.sort === "difficulty" ? "difficulty" : body.list;
}

/** @param {{list: string}} body */
export function isUnsorted(body) {
  return body.list === NOT_YET;
}

/**
 * Return the official who leads the project on a day, by link.
 * @param {Link[]} links
 * @param {string} day
 */
export function leadOn(links, day) {
  return links.find((link) => link.role === "lead" && link.official !== null && isOn(link, day)) ?? null;
}
