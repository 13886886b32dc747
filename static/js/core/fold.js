// @ts-check
// Folding (PROTOCOL 6): the state of an entity is a pure function of the set of its records.

import { parseInstant, utcText } from "./instant.js";

/** @import { JsonObject } from "./port.js" */

/**
 * @typedef {object} Foldable what folding reads of a record
 * @property {string} id
 * @property {string} hash
 * @property {string} kind
 * @property {string} stream
 * @property {string} entity
 * @property {string[]} supersedes
 * @property {string} author
 * @property {string | null} kid null like the next two when the record was erased by law: it still supersedes, and says nothing
 * @property {string | null} captured_at
 * @property {JsonObject | null} body
 */

/**
 * @template {Foldable} R
 * @typedef {object} State
 * @property {R} winner
 * @property {R[]} heads greatest hash first
 * @property {number} revisions how many eligible records there are
 */

/**
 * @typedef {object} Row the winner's body and where it comes from
 * @property {JsonObject} body
 * @property {string} entity
 * @property {string} stream
 * @property {string} record hash of the winner
 * @property {string} author
 * @property {string} kid
 * @property {string} captured_at UTC, `YYYY-MM-DDThh:mm:ss.sssZ`
 * @property {number} captured_offset_min minutes east of UTC where it was sealed
 * @property {number} revisions
 * @property {boolean} is_conflict
 */

/**
 * Fold the records of one entity. Null when its first record is not there.
 * @template {Foldable} R
 * @param {Iterable<R>} records in any order; may hold the same record twice
 * @param {boolean} isShared whether any author may revise (master data)
 * @returns {State<R> | null}
 */
export function fold(records, isShared) {
  const byHash = new Map([...records].map((record) => [record.hash, record]));
  const all = [...byHash.values()].sort((one, other) => (one.hash < other.hash ? 1 : -1));
  const root = all.find((record) => record.id === record.entity);
  if (root === undefined) return null;
  const eligible = all.filter((record) => isEligible(record, root, isShared));
  const superseded = new Set(eligible.flatMap((record) => record.supersedes));
  const heads = eligible.filter((record) => !superseded.has(record.hash));
  const winner = heads[0];
  return winner === undefined ? null : { winner, heads, revisions: eligible.length };
}

/**
 * Fold the records of one entity into its row. Null without a first record, and when what stands was erased by law.
 * @param {Iterable<Foldable>} records
 * @param {boolean} isShared
 * @returns {Row | null}
 */
export function row(records, isShared) {
  const state = fold(records, isShared);
  if (state === null) return null;
  const { body, entity, stream, hash, author, kid, captured_at } = state.winner;
  if (body === null || kid === null || captured_at === null) return null;
  const { ms, offset_min } = parseInstant(captured_at);
  return {
    body,
    entity,
    stream,
    record: hash,
    author,
    kid,
    captured_at: utcText(ms),
    captured_offset_min: offset_min,
    revisions: state.revisions,
    is_conflict: state.heads.length > 1,
  };
}

/**
 * @param {Foldable} record
 * @param {Foldable} root
 * @param {boolean} isShared
 */
function isEligible(record, root, isShared) {
  const is_same = record.stream === root.stream && record.entity === root.entity && record.kind === root.kind;
  return is_same && (isShared || record.author === root.author);
}
