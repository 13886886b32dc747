// @ts-check
/**
 * Folded tables: one per kind, made from the description the server gives, filled by the one folding rule (PROTOCOL 6). They hold nothing
 * that records do not, so they are dropped and rebuilt whenever the description changes.
 */

import { decode } from "../../core/base64url.js";
import { row as foldRow } from "../../core/fold.js";
import { StoreError } from "./error.js";
import { OWN_TABLES } from "./schema.js";
import { forget, index } from "./search.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {{name: string, type: "text" | "integer" | "json" | "boolean", is_indexed?: boolean}} Column */
/** @typedef {{table: string, v: number, streams: string[], is_shared: boolean, can_retire?: boolean, columns: Column[]}} Kind `can_retire`: administrators may take it out of use */
/** @typedef {Record<string, Kind>} Kinds by name of the kind */

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const SQL_TYPE = { text: "text", integer: "integer", json: "text", boolean: "integer" };

/** Where a row comes from; beside the columns of the body. */
const PROVENANCE = `entity text primary key, stream text not null, record text not null, author text not null, kid text not null,
  captured_at text not null, captured_offset_min integer not null, revisions integer not null, is_conflict integer not null`;
/** @type {Column[]} */
const PROVENANCE_COLUMNS = [
  ...["entity", "stream", "record", "author", "kid", "captured_at"].map((name) => /** @type {Column} */ ({ name, type: "text" })),
  { name: "captured_offset_min", type: "integer" },
  { name: "revisions", type: "integer" },
  { name: "is_conflict", type: "boolean" },
];

/**
 * Return all columns of a kind's table.
 * @param {Kind} kind
 */
export function columnsOf(kind) {
  return [...kind.columns, ...PROVENANCE_COLUMNS];
}

/**
 * Make the folded tables fit the description; when it changed, drop them all and fold everything anew.
 * @param {Database} db
 * @param {Kinds} kinds
 */
export function fitKinds(db, kinds) {
  check(kinds);
  const before = /** @type {Kinds | null} */ (setting(db, "kinds"));
  if (JSON.stringify(before) === JSON.stringify(kinds)) return;
  db.transaction(() => {
    for (const { table } of Object.values(before ?? {})) db.script(`drop table if exists main."${table}"`);
    for (const kind of Object.values(kinds)) db.script(tableSql(kind));
    set(db, "kinds", kinds);
    foldAll(db, kinds);
  });
}

/** @param {Kinds} kinds */
function check(kinds) {
  for (const { table, columns } of Object.values(kinds)) {
    const isFit = [table, ...columns.map(({ name }) => name)].every((name) => NAME.test(name));
    if (!isFit || OWN_TABLES.has(table)) throw new StoreError("BadArgument", `table ${table} cannot be made`);
  }
}

/** @param {Kind} kind */
function tableSql({ table, columns }) {
  const body = columns.map(({ name, type }) => `"${name}" ${SQL_TYPE[type]}`);
  const has = (/** @type {string} */ wanted) => columns.some(({ name }) => name === wanted);
  const indexed = columns.filter(({ name, is_indexed }) => is_indexed || name === "visit").map(({ name }) => name);
  const indices = indexed.map((name) => `create index main."${table}_${name}" on "${table}" ("${name}");`);
  // What is read of a place is mostly its newest.
  indices.push(`create index main."${table}_stream" on "${table}" ("stream", "${["arrived_at", "seen_on"].find(has) ?? "captured_at"}");`);
  if (has("decision")) indices.push(`create index main."${table}_returned" on "${table}" ("visit") where "decision" = 'returned';`);
  if (has("look_back_on")) indices.push(`create index main."${table}_look_back" on "${table}" ("look_back_on") where "look_back_on" is not null;`);
  return `create table main."${table}" (${[...body, PROVENANCE].join(", ")});${indices.join("")}`;
}

/**
 * Fold every entity anew.
 * @param {Database} db
 * @param {Kinds} kinds
 */
export function foldAll(db, kinds) {
  for (const { entity } of db.rows("select entity from record where jws is not null union select entity from erased")) foldEntity(db, kinds, entity);
}

/**
 * Bring the row of an entity to what its records say; inside a transaction. Where the record that stands was erased there is no row.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} entity
 */
export function foldEntity(db, kinds, entity) {
  const records = recordsOf(db, entity);
  const root = records.find((record) => record.id === entity);
  const kind = root && kinds[root.kind];
  if (!root || !kind) return;
  const folded = foldRow(records, kind.is_shared);
  if (folded === null) return dropEntity(db, kinds, root.kind, entity);
  const { body, ...provenance } = folded;
  const values = { ...body, ...provenance };
  const columns = columnsOf(kind);
  const sql = `insert or replace into main."${kind.table}" (${columns.map(({ name }) => `"${name}"`).join(", ")})
    values (${columns.map(({ name }) => `:${name}`).join(", ")})`;
  db.run(sql, Object.fromEntries(columns.map((column) => [column.name, toSql(column, values)])));
  index(db, root.kind, folded);
}

/**
 * Take the row of an entity away.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} kind
 * @param {string} entity
 */
export function dropEntity(db, kinds, kind, entity) {
  const table = kinds[kind]?.table;
  if (table) db.run(`delete from main."${table}" where entity = :entity`, { entity });
  forget(db, entity);
}

/** @typedef {import("../../core/fold.js").Foldable & {v: number}} Kept `v` is 0 when the record was erased */

/**
 * Return what folding reads of an entity's records, erased ones too. What is stored was parsed strictly when it came in.
 * @param {Database} db
 * @param {string} entity
 * @returns {Kept[]}
 */
export function recordsOf(db, entity) {
  const whole = db.rows("select hash, kid, jws from record where entity = :entity and jws is not null", { entity });
  const erased = db.rows("select hash, id, kind, stream, entity, author, supersedes from erased where entity = :entity", { entity });
  return [
    ...whole.map(({ hash, kid, jws }) => ({ ...payloadOf(jws), hash: String(hash), kid: String(kid) })),
    ...erased.map((row) => {
      const rest = { v: 0, supersedes: JSON.parse(row.supersedes), kid: null, captured_at: null, body: null };
      return /** @type {Kept} */ (/** @type {unknown} */ ({ ...row, ...rest }));
    }),
  ];
}

/**
 * Read the payload of a record that was judged before.
 * @param {string} jws
 * @returns {import("../../core/record.js").Payload}
 */
export function payloadOf(jws) {
  return JSON.parse(new TextDecoder().decode(decode(jws.split(".")[1])));
}

/**
 * @param {Column} column
 * @param {Record<string, any>} values
 */
function toSql({ name, type }, values) {
  const value = values[name];
  if (value === undefined || value === null) return null;
  if (type === "json") return JSON.stringify(value);
  return type === "boolean" ? Number(value) : value;
}

/**
 * Return a row as the screens see it: JSON parsed, booleans true or false.
 * @param {Column[]} columns
 * @param {import("./database.js").Row} row
 */
export function fromSql(columns, row) {
  const typed = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value === null) return [name, null];
      if (typed[name] === "json") return [name, JSON.parse(value)];
      return [name, typed[name] === "boolean" ? value !== 0 : value];
    }),
  );
}
