// @ts-check
/** Reading for the screens: folded rows by kind, and the named queries. */

import { StoreError } from "./error.js";
import { columnsOf, fromSql } from "./kind.js";
import { QUERY } from "./query.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./database.js").Value} Value */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {Value | Value[] | {not: Value} | {before: Value} | {upto: Value}} Test a list means any of them */

/**
 * @param {Kinds} kinds
 * @param {string} kind
 */
function kindOrThrow(kinds, kind) {
  const found = kinds[kind];
  if (!found) throw new StoreError("BadArgument", `no kind ${kind}`);
  return found;
}

/**
 * Return folded rows of a kind. What is retired is offered nowhere, so it is left out, unless it is asked for by its entity or `withRetired`
 * (for names in what was recorded before), which tells in `is_retired` what is.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {{kind: string, where?: Record<string, Test>, order?: string, limit?: number, withRetired?: boolean}} wanted `-column` means descending
 */
export function rows(db, kinds, { kind, where = {}, order = "captured_at", limit = 1000, withRetired = false }) {
  const { table, ...rest } = kindOrThrow(kinds, kind);
  const columns = columnsOf({ table, ...rest });
  const known = new Set(columns.map(({ name }) => name));
  const by = order.replace(/^-/, "");
  for (const name of [by, ...Object.keys(where)]) if (!known.has(name)) throw new StoreError("BadArgument", `${kind} has no ${name}`);
  /** @type {Record<string, Value>} */
  const parameters = { limit };
  const tests = Object.entries(where).map(([name, value]) => test(name, value, parameters));
  const mayBeRetired = rest.can_retire === true && kinds["retirement"] !== undefined;
  const isRetired = mayBeRetired ? `exists (select 1 from main.retirement where retirement.about = "${table}".entity and retirement.is_retired)` : "0";
  if (mayBeRetired && where["entity"] === undefined && !withRetired) tests.push(`not ${isRetired}`);
  const sql = `select *${withRetired ? `, ${isRetired} as is_retired` : ""} from main."${table}" where ${["1", ...tests].join(" and ")}
    order by "${by}" ${order.startsWith("-") ? "desc" : "asc"}, entity limit :limit`;
  const typed = withRetired ? [...columns, /** @type {const} */ ({ name: "is_retired", type: "boolean" })] : columns;
  return db.rows(sql, parameters).map((row) => fromSql(typed, row));
}

const OPERATORS = new Map([["is", "is"], ["not", "is not"], ["before", "<"], ["upto", "<="]]);

/**
 * @param {string} name
 * @param {Test} value
 * @param {Record<string, Value>} parameters filled
 */
function test(name, value, parameters) {
  if (!Array.isArray(value)) {
    const isPlain = typeof value !== "object" || value === null || ArrayBuffer.isView(value);
    const [[operator, than] = ["", null]] = /** @type {[string, Value][]} */ (isPlain ? [["is", value]] : Object.entries(value));
    const sign = OPERATORS.get(operator);
    if (sign === undefined) throw new StoreError("BadArgument", `${name}: no test ${operator}`);
    // Written out: a bound null would keep SQLite from using an index of what is not null.
    if (than === null) return `"${name}" ${sign} null`;
    parameters[`is_${name}`] = than;
    return `"${name}" ${sign} :is_${name}`;
  }
  parameters[`in_${name}`] = JSON.stringify(value);
  return `"${name}" in (select value from json_each(:in_${name}))`;
}

/**
 * Return the folded row of an entity, or null.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {{kind: string, entity: string}} wanted
 */
export function row(db, kinds, { kind, entity }) {
  return rows(db, kinds, { kind, where: { entity }, limit: 1 })[0] ?? null;
}

/**
 * Return the rows of a named query.
 * @param {Database} db
 * @param {{name: string, params?: Record<string, Value>}} wanted
 */
export function select(db, { name, params = {} }) {
  const query = QUERY[name];
  if (!query) throw new StoreError("BadArgument", `no query ${name}`);
  const columns = [
    ...(query.json ?? []).map((column) => /** @type {const} */ ({ name: column, type: "json" })),
    ...(query.boolean ?? []).map((column) => /** @type {const} */ ({ name: column, type: "boolean" })),
  ];
  return db.rows(query.sql, params).map((found) => fromSql(columns, found));
}
