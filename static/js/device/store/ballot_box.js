// @ts-check
/**
 * Ballot boxes: appraisals under way. Ballots never leave this file but as counts; they are no records and no drafts, and go when the box
 * is closed. A box holds them in one value in the order of their own words, and the write-ahead log, in which earlier values would
 * show what came last, is emptied after each.
 */

import { LEAST, hasRoomForWords, remarks, tally, withBallot } from "../../core/appraisal.js";
import { toHex } from "../../core/hex.js";
import { webCrypto } from "../crypto.js";
import { letterTo } from "./annex.js";
import { openDraft } from "./draft.js";
import { StoreError } from "./error.js";
import { newId, nowText } from "./moment.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/appraisal.js").Setup} Setup */
/** @typedef {import("../../core/appraisal.js").Ballot} Ballot */
/** @typedef {{entity: string, visit: string, stream: string, setup: Setup, returned: number, is_told: boolean, has_room: boolean}} Box
 *   `is_told`: enough came back to tell more than how many; `has_room`: for the words of one ballot more */

/**
 * Open a box.
 * @param {Database} db
 * @param {{visit: string, stream: string, setup: Setup}} wanted
 * @returns {Box}
 */
export function openBox(db, { visit, stream, setup }) {
  const entity = newId();
  const sql = "insert into ballot_box (entity, visit, stream, setup, ballots) values (:entity, :visit, :stream, :setup, '[]')";
  db.transaction(() => db.run(sql, { entity, visit, stream, setup: JSON.stringify(setup) }));
  return box(db, entity);
}

/**
 * Return the open boxes of a visit, in the order they were opened.
 * @param {Database} db
 * @param {string} visit
 * @returns {Box[]}
 */
export function boxes(db, visit) {
  return db.rows("select entity from ballot_box where visit = :visit order by entity", { visit }).map(({ entity }) => box(db, String(entity)));
}

/**
 * Return a box without what is in it.
 * @param {Database} db
 * @param {string} entity
 * @throws {StoreError} `BadArgument` when there is none such, or it is closed
 */
export function box(db, entity) {
  const { visit, stream, setup, ballots } = opened(db, entity);
  return { entity, visit, stream, setup, returned: ballots.length, is_told: tally(setup, ballots).valid >= LEAST, has_room: hasRoomForWords(setup, ballots) };
}

/** @param {Database} db @param {string} entity @returns {{visit: string, stream: string, setup: Setup, ballots: Ballot[]}} */
function opened(db, entity) {
  const row = db.row("select visit, stream, setup, ballots from ballot_box where entity = :entity", { entity });
  if (row === null) throw new StoreError("BadArgument", `no open ballot box ${entity}`, { entity });
  return { visit: String(row.visit), stream: String(row.stream), setup: JSON.parse(row.setup), ballots: JSON.parse(row.ballots) };
}

/**
 * Put a ballot in.
 * @param {Database} db
 * @param {{entity: string, ballot: Ballot}} cast
 */
export function castBallot(db, { entity, ballot }) {
  const { setup, ballots } = opened(db, entity);
  // A ballot counts without words there is no room for; the page asks for none then.
  const cast = hasRoomForWords(setup, ballots) ? ballot : { ...ballot, words: {} };
  const together = JSON.stringify(withBallot(setup, ballots, cast));
  db.transaction(() => db.run("update ballot_box set ballots = :together where entity = :entity", { entity, together }));
  forgetEarlier(db);
  return box(db, entity);
}

/**
 * Close a box: its counts become a draft, with what was written in a letter, and the ballots go. One that is closed already is left as it is, so that
 * asking again does no harm.
 * @param {Database} db
 * @param {import("./kind.js").Kinds} kinds
 * @param {{entity: string, issued: number, v: number}} wanted `issued`: how many were handed out; `v`: the version of an appraisal's body
 * @returns {Promise<string>} the draft's id
 * @throws {StoreError} `AnnexOpen` when something was written and its letter cannot be: nothing is closed then
 */
export async function closeBox(db, kinds, { entity, issued, v }) {
  if (db.row("select 1 from ballot_box where entity = :entity", { entity }) !== null) {
    const { visit, stream, setup, ballots } = opened(db, entity);
    const { returned, valid, counts } = tally(setup, ballots);
    if (!Number.isInteger(issued) || issued < returned) throw new StoreError("BadArgument", "fewer ballots were handed out than came back", { issued, returned });
    const sealed = await letterOf(db, kinds, entity, setup, ballots);
    const day = nowText();
    const { form, title, title_en, targets, relations, contacts, options } = setup;
    const questions = setup.questions.map(({ id, zh, en }) => ({ id, zh, en }));
    const body = { visit, held_on: day.slice(0, 10), form, title, title_en, targets, relations, contacts, options, questions, issued, returned, valid, counts, ...sealed };
    db.transaction(() => {
      // Dated to the day: when the last ballot was cast is nobody's business.
      openDraft(db, { kind: "appraisal", v, id: entity, stream, visit, body, at: `${day.slice(0, 10)}T00:00:00.000${day.slice(23)}` });
      db.run("delete from ballot_box where entity = :entity", { entity });
    });
  }
  forgetEarlier(db);
  return entity;
}

/**
 * What was written freely, to the readers the raters were told of.
 * @param {Database} db
 * @param {import("./kind.js").Kinds} kinds
 * @param {string} entity
 * @param {Setup} setup
 * @param {Ballot[]} ballots
 */
async function letterOf(db, kinds, entity, setup, ballots) {
  const words = await remarks(setup, ballots, async (text) => toHex(await webCrypto.digest(new TextEncoder().encode(text))));
  if (words === "") return { readers: [], recovery: null, letter: null };
  const told = new Set(setup.readers.map(({ person }) => person));
  return letterTo(db, kinds, entity, { identity: "", words }, ({ person }) => told.has(person));
}

/**
 * Take a box away that nobody has put a ballot in. What people said is not thrown away unread.
 * @param {Database} db
 * @param {string} entity
 */
export function dropBox(db, entity) {
  if (opened(db, entity).ballots.length > 0) throw new StoreError("BadArgument", "there are ballots in it", { entity });
  db.transaction(() => db.run("delete from ballot_box where entity = :entity", { entity }));
}

/** What a kill left in the log goes when the databases are opened again. @param {Database} db */
export function forgetEarlierBallots(db) {
  if (db.row("select 1 from ballot_box union all select 1 from draft where kind = 'appraisal'")) forgetEarlier(db);
}

/** @param {Database} db */
function forgetEarlier(db) {
  db.checkpoint();
}
