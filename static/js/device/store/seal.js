// @ts-check
/**
 * Sealing: drafts become records in one commit, then the log, then the answer. A draft is sealed once: its id is the record's, and unique.
 * The turn of the worker's queue is held while signing, so neither drafts nor the counter move in between.
 */

import { encode } from "../../core/base64url.js";
import { fold } from "../../core/fold.js";
import { Refusal } from "../../core/refusal.js";
import { SUPERSEDES_LIMIT, build, hashOf, parse, seal as close } from "../../core/record.js";
import { closedAnnex, finishForgetting, forgetAnnexes } from "./annex.js";
import { draftOrThrow } from "./draft.js";
import { StoreError } from "./error.js";
import { recordsOf } from "./kind.js";
import { insertRecord } from "./record.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {import("../../core/port.js").CryptoPort} CryptoPort */
/** @typedef {import("../../core/record.js").SealedRecord} SealedRecord */
/** @typedef {{kid: string, sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>}} Key */
/** @typedef {{id: string, hash: string, kind: string, entity: string}} Sealed */

/**
 * Seal drafts, in the order given; the manifest last.
 * @param {{db: Database, log: import("./log.js").Log, kinds: Kinds, key: Key, port: CryptoPort}} desk
 * @param {{drafts: string[], manifest?: string | null}} wanted ids of drafts; ids sealed before are answered as they are
 * @returns {Promise<{records: Sealed[], manifest: string | null}>}
 */
export async function seal(desk, { drafts, manifest = null }) {
  catchUpLog(desk.db, desk.log);
  const before = [...new Set(drafts)].filter((id) => id !== manifest).map((id) => sealedBefore(desk.db, id) ?? sealable(desk.db, id));
  const counter = { last: lastCounter(desk.db, desk.key.kid) };
  const fresh = await sealAll(desk, before.flatMap((one) => ("body" in one ? one : [])), counter);
  let last = manifest === null ? null : sealedBefore(desk.db, manifest);
  if (manifest !== null && last === null) {
    fresh.push(...(await sealAll(desk, [withRecords(sealable(desk.db, manifest), before, fresh)], counter)));
    last = fresh.at(-1) ?? null;
  }
  keep(desk, fresh, counter.last);
  const records = before.map((one) => ("body" in one ? /** @type {Sealed} */ (fresh.find(({ id }) => id === one.id)) : one));
  return { records: [...records, ...(last ? [last] : [])].map(brief), manifest: last?.hash ?? null };
}

/**
 * Return the greatest counter a key has used, as far as it is known: after a rebuild that also is what the archive gave back.
 * @param {Database} db
 * @param {string} kid
 */
function lastCounter(db, kid) {
  const sql = `select max(counter) from (select counter from sealing where kid = :kid
    union all select max(counter) from record where kid = :kid)`;
  return Number(db.value(sql, { kid }) ?? 0);
}

/** @param {Sealed} record @returns {Sealed} */
function brief({ id, hash, kind, entity }) {
  return { id, hash, kind, entity };
}

/**
 * @param {Database} db
 * @param {string} id
 * @returns {Sealed | null}
 */
function sealedBefore(db, id) {
  return /** @type {Sealed | null} */ (db.row("select id, hash, kind, entity from record where id = :id", { id }));
}

/**
 * @param {Database} db
 * @param {string} id
 */
function sealable(db, id) {
  const draft = draftOrThrow(db, id);
  if (draft.discarded_at !== null) throw new StoreError("BadArgument", "a discarded draft cannot be sealed", { id });
  return draft;
}

/**
 * Fill in the manifest: what it lists already and what is sealed with it, without what that supersedes.
 * @param {Draft} draft
 * @param {(Draft | Sealed)[]} before
 * @param {SealedRecord[]} fresh
 * @returns {Draft}
 */
function withRecords(draft, before, fresh) {
  const superseded = new Set(fresh.flatMap(({ supersedes }) => supersedes));
  const listed = /** @type {string[]} */ (draft.body.records ?? []);
  const earlier = before.flatMap((one) => ("hash" in one ? one.hash : []));
  const all = new Set([...listed, ...earlier, ...fresh.map(({ hash }) => hash)].filter((hash) => !superseded.has(hash)));
  return { ...draft, body: { ...draft.body, records: [...all].sort() } };
}

/**
 * Seal drafts side by side: most of the time goes by waiting for the browser's crypto.
 * @param {{db: Database, kinds: Kinds, key: Key, port: CryptoPort}} desk
 * @param {Draft[]} drafts
 * @param {{last: number}} counter raised when all are sealed
 * @returns {Promise<SealedRecord[]>} in the order of the drafts
 */
async function sealAll({ db, kinds, key, port }, drafts, counter) {
  const time = { clock: setting(db, "clock"), beacon: setting(db, "beacon") };
  const closed = await Promise.all(drafts.map((draft) => (draft.kind === "annex" ? closedAnnex(db, kinds, draft) : draft)));
  const payloads = closed.map((draft, at) => payloadOf(db, kinds, draft, { counter: counter.last + 1 + at, ...time }));
  const sealed = await Promise.all(payloads.map((payload) => sealOne(payload, key, port)));
  counter.last += drafts.length;
  return sealed;
}

/**
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Draft} draft
 * @param {{counter: number, clock: any, beacon: any}} place
 */
function payloadOf(db, kinds, draft, { counter, clock, beacon }) {
  const { id, kind, v, stream, entity, body, opened_at } = draft;
  return {
    id,
    kind,
    v,
    stream,
    entity,
    supersedes: entity === id ? draft.supersedes : headsNow(db, kinds, draft),
    author: db.person,
    counter,
    captured_at: opened_at,
    clock,
    beacon,
    salt: encode(crypto.getRandomValues(new Uint8Array(16))),
    body,
  };
}

/**
 * @param {ReturnType<typeof payloadOf>} payload
 * @param {Key} key
 * @param {CryptoPort} port
 * @returns {Promise<SealedRecord>}
 */
async function sealOne(payload, key, port) {
  try {
    const input = build(payload, key.kid);
    const signature = await key.sign(new TextEncoder().encode(input));
    const sealed = await parse(close(input, signature), port);
    if (sealed.hash !== (await hashOf(input, port))) throw new StoreError("StoreBug", "a record changed its hash");
    return sealed;
  } catch (error) {
    if (error instanceof Refusal) throw new StoreError("BadArgument", error.message, { id: payload.id, kind: payload.kind, reason: error.reason });
    throw error;
  }
}

/**
 * Return what a correction supersedes: every head known when it is sealed, so that it ends a conflict, whatever came since the draft was opened.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Draft} draft
 */
function headsNow(db, kinds, { entity, kind, supersedes }) {
  const state = fold(recordsOf(db, entity), kinds[kind]?.is_shared ?? false);
  return state === null ? supersedes : state.heads.slice(0, SUPERSEDES_LIMIT).map(({ hash }) => hash).sort();
}

/**
 * Commit, then log.
 * @param {{db: Database, log: import("./log.js").Log, kinds: Kinds, key: Key}} desk
 * @param {SealedRecord[]} fresh
 * @param {number} counter
 */
function keep({ db, log, kinds, key }, fresh, counter) {
  if (fresh.length > 0) {
    db.transaction(() => {
      const number = Number(db.value("select coalesce(max(number), 0) + 1 from record"));
      set(db, "log_mark", { bytes: log.size_bytes, number });
      for (const sealed of fresh) {
        if (!insertRecord(db, kinds, sealed, true)) throw new StoreError("StoreBug", `record ${sealed.id} was there`);
        db.run("delete from draft where id = :id", { id: sealed.id });
      }
      db.run("insert or replace into sealing (kid, counter) values (:kid, :counter)", { kid: key.kid, counter });
      forgetAnnexes(db, fresh.filter(({ kind }) => kind === "annex"));
    });
  }
  catchUpLog(db, log);
  finishForgetting(db);
}

/**
 * Bring the log up to the database: what was committed before a kill is appended now. Cheap when nothing is behind.
 * @param {Database} db
 * @param {import("./log.js").Log} log
 * @returns {number} how many lines were appended
 */
export function catchUpLog(db, log) {
  const mark = setting(db, "log_mark");
  if (mark === null) return 0;
  const isShort = log.size_bytes < mark.bytes;
  const there = new Set(log.lines(isShort ? 0 : mark.bytes));
  const rows = db.rows("select jws from record where is_own = 1 and jws is not null and number >= :number order by number", {
    number: isShort ? 0 : mark.number,
  });
  const behind = rows.map((row) => row.jws).filter((jws) => !there.has(jws));
  log.append(behind);
  return behind.length;
}
