// @ts-check
/**
 * Builds a person's databases in a new pool out of what is left: what is still readable of the old pool, and the log. May be repeated
 * after a kill: everything is inserted at most once, and the mark that it is whole comes last. Nothing is believed without its hash.
 */

import { judgeKeys } from "../../core/certificate.js";
import { isJwk } from "../../core/jwk.js";
import { parse, verify } from "../../core/record.js";
import { Refusal } from "../../core/refusal.js";
import { Database } from "./database.js";
import { expel, forgetLine } from "./erasure.js";
import { fitKinds, payloadOf } from "./kind.js";
import { nowText } from "./moment.js";
import { bytesNamed } from "./naming.js";
import { notify } from "./notice.js";
import { noteLeft } from "./old_pool.js";
import { readPhoto } from "./photo.js";
import { insertNaming, insertRecord } from "./record.js";
import { migrate } from "./schema.js";
import { set, setting } from "./setting.js";
import { toHex } from "../../core/hex.js";

/** @typedef {import("./salvage.js").Wreck} Wreck */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {import("../../core/port.js").CryptoPort} CryptoPort */
/** @typedef {import("../../core/port.js").Jwk} Jwk */
/** @typedef {{what: string, name: string, count?: number}} Lost */

/**
 * @typedef {object} Site
 * @property {Database} db the new one
 * @property {{main: Wreck | null, photo: Wreck | null}} wrecks
 * @property {import("./log.js").Log} log
 * @property {Kinds} kinds
 * @property {CryptoPort} port
 * @property {{kid: string, jwk: Jwk}[]} ownKeys of this person on this phone, enrolled or not
 * @property {Lost[]} lost filled on the way
 */

/** Tables copied as they are; records and drafts are checked one by one. */
const COPIED = /** @type {const} */ (["setting", "identity", "certificate", "sealing", "naming", "erased", "doomed", "stream_head", "notice", "joined"]);

/**
 * Build one person's databases.
 * @param {Omit<Site, "db" | "lost"> & {pool: import("./pool.js").Pool, from: string, person: string}} plan
 */
export async function rebuildPerson({ pool, from, person, wrecks, log, kinds, port, ownKeys }) {
  const db = Database.open(pool, person, true);
  try {
    migrate(db);
    if (setting(db, "built_from") === from) return;
    /** @type {Site} */
    const site = { db, wrecks, log, kinds, port, ownKeys, lost: [] };
    if (!wrecks.main) site.lost.push({ what: "drafts", name: person });
    for (const table of COPIED) copy(site, table, () => true);
    copy(site, "draft", isReadableDraft);
    await copyRecords(site);
    copyPhotos(site);
    await checkPhotos(site);
    await readLog(site);
    finish(site, pool.name, from);
  } finally {
    db.close();
  }
}

/**
 * Copy the readable rows of a table, one commit.
 * @param {Site} site
 * @param {string} table
 * @param {(row: import("./database.js").Row) => boolean} isGood
 */
function copy({ db, wrecks, lost }, table, isGood) {
  const wreck = wrecks.main;
  if (!wreck) return;
  const columns = db.rows(`select name from pragma_table_info('${table}')`).map((row) => String(row.name));
  const sql = `insert or ignore into main."${table}" (${columns.join(", ")}) values (${columns.map((name) => `:${name}`).join(", ")})`;
  let bad = 0;
  db.transaction(() => {
    for (const row of wreck.rows(table)) {
      if (isGood(row)) db.run(sql, Object.fromEntries(columns.map((name) => [name, row[name] ?? null])));
      else bad += 1;
    }
  });
  const count = bad + (wreck.unreadable.get(table) ?? 0);
  if (count > 0) lost.push({ what: table, name: table, count });
}

/** @param {import("./database.js").Row} row */
function isReadableDraft(row) {
  try {
    JSON.parse(row["supersedes"]);
    return typeof JSON.parse(row["body"]) === "object";
  } catch {
    return false;
  }
}

/**
 * Copy records whose bytes still have their hash. When any is missing, what was pulled is asked for again from the start.
 * @param {Site} site
 */
async function copyRecords(site) {
  const { db, wrecks, port, lost } = site;
  const good = new Set();
  for (const row of wrecks.main?.rows("record") ?? []) {
    if (row["jws"] === null || (await hashOf(String(row["jws"]), port)) === row["hash"]) good.add(row["hash"]);
  }
  copy(site, "record", (row) => good.has(row["hash"]));
  db.transaction(() => {
    db.run("delete from naming where record not in (select hash from record)");
    for (const { hash, jws } of db.rows("select hash, jws from record where jws is not null")) insertNaming(db, hash, payloadOf(jws).body);
    if (wrecks.main && !lost.some(({ what }) => what === "record" || what === "stream_head")) return;
    db.run("delete from naming where record in (select hash from record where is_own = 0)");
    db.run("delete from record where is_own = 0");
    db.run("delete from stream_head");
  });
}

/**
 * @param {string} jws
 * @param {CryptoPort} port
 */
async function hashOf(jws, port) {
  try {
    return (await parse(jws, port)).hash;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** @param {Site} site */
function copyPhotos({ db, wrecks }) {
  const wreck = wrecks.photo;
  if (!wreck) return;
  for (const { sha256, number, bytes } of wreck.rows("part")) {
    const row = { sha256, number, bytes };
    db.transaction(() => db.run("insert or ignore into photo.part (sha256, number, bytes) values (:sha256, :number, :bytes)", row));
  }
  const sql = "insert or ignore into photo.file (sha256, size_bytes, media_type, stored_at) values (:sha256, :size_bytes, :media_type, :stored_at)";
  db.transaction(() => {
    for (const { sha256, size_bytes, media_type, stored_at } of wreck.rows("file")) db.run(sql, { sha256, size_bytes, media_type, stored_at });
  });
}

/**
 * Keep only photos that still have their hash; name those that somebody still needs.
 * @param {Site} site
 */
async function checkPhotos({ db, lost }) {
  for (const { sha256 } of db.rows("select sha256 from photo.file")) {
    if (!(await isWhole(db, sha256))) db.transaction(() => db.run("delete from photo.file where sha256 = :sha256", { sha256 }));
  }
  db.transaction(() => db.run("delete from photo.part where sha256 not in (select sha256 from photo.file)"));
  const drafted = db.rows("select body from draft").flatMap((row) => bytesNamed(JSON.parse(row.body)).map((named) => named.sha256));
  const unsent = db.rows("select sha256 from naming join record on record.hash = naming.record where is_own = 1 and held_at is null");
  for (const sha256 of new Set([...drafted, ...unsent.map((row) => String(row.sha256))])) {
    if (!db.row("select 1 from photo.file where sha256 = :sha256", { sha256 })) lost.push({ what: "photo", name: sha256 });
  }
}

/**
 * @param {Database} db
 * @param {string} sha256
 */
async function isWhole(db, sha256) {
  try {
    return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", readPhoto(db, sha256)))) === sha256;
  } catch {
    return false;
  }
}

/**
 * Take from the log what the old databases no longer gave: certificates, the enrolment, sealed records.
 * @param {Site} site
 */
async function readLog(site) {
  const { db, log, port } = site;
  const lines = [...new Set(log.lines())].map((jws) => ({ jws, payload: payloadOrNull(jws) })).filter(({ payload }) => payload !== null);
  await takeCertificates(site, lines.filter(({ payload }) => payload?.stream === "keys").map(({ jws }) => jws));
  const keys = publicKeys(site);
  for (const { jws, payload } of lines) {
    if (payload?.author !== db.person || payload.stream === "keys") continue;
    const sealed = await parse(jws, port).catch(() => null);
    const jwk = sealed && keys.get(sealed.kid);
    if (!sealed || !jwk || !(await isSealedBy(sealed, jwk, port))) continue;
    // Without kinds nothing is folded yet: the tables come last.
    db.transaction(() => {
      if (!insertRecord(db, {}, sealed, true)) forgetLine(db, sealed);
    });
  }
}

/** @param {string} jws */
function payloadOrNull(jws) {
  try {
    return payloadOf(jws);
  } catch {
    return null;
  }
}

/**
 * @param {import("../../core/record.js").SealedRecord} sealed
 * @param {Jwk} jwk
 * @param {CryptoPort} port
 */
async function isSealedBy(sealed, jwk, port) {
  try {
    await verify(sealed, jwk, port);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/**
 * The public keys known to be this person's, by kid: of the enrolments kept, and of the keys on this phone.
 * @param {Site} site
 */
function publicKeys({ db, ownKeys }) {
  const keys = new Map(ownKeys.map(({ kid, jwk }) => [kid, jwk]));
  for (const { kid, enrolment } of db.rows("select kid, enrolment from identity")) {
    const jwk = payloadOf(enrolment).body["jwk"];
    if (isJwk(jwk)) keys.set(kid, jwk);
  }
  return keys;
}

/**
 * Sort out the certificates that prove themselves one after another: a kill may leave a line that only looks like one.
 * @param {string[]} jwses of stream `keys`, in the order of the log
 * @param {string | null} pinned
 * @param {CryptoPort} port
 */
async function believable(jwses, pinned, port) {
  const parsed = [];
  let archive = pinned;
  let ring = null;
  for (const jws of jwses) {
    try {
      const sealed = await parse(jws, port);
      ring = await judgeKeys(archive ?? sealed.kid, [...parsed.map((each) => each.jws), jws], port);
      archive ??= sealed.kid;
      parsed.push(sealed);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return { archive, parsed, ring };
}

/**
 * @param {Site} site
 * @param {string[]} jwses of stream `keys`, in the order of the log
 */
async function takeCertificates({ db, port }, jwses) {
  const { archive, parsed, ring } = await believable(jwses, setting(db, "archive"), port);
  if (!ring) return;
  db.transaction(() => {
    if (setting(db, "archive") === null) set(db, "archive", archive);
    for (const { hash, jws } of parsed) db.run("insert into certificate (hash, jws) values (:hash, :jws) on conflict do nothing", { hash, jws });
    for (const sealed of parsed.filter(({ kind, body }) => kind === "enrolment" && body["person"] === db.person)) {
      const found = Object.values(ring.certificates).find(({ jwk }) => JSON.stringify(jwk) === JSON.stringify(sealed.body["jwk"]));
      if (!found) continue;
      const { kid, person, name, role, label } = found;
      db.run(
        `insert into identity (kid, person, name, role, label, enrolment, enrolled_at, is_current)
         values (:kid, :person, :name, :role, :label, :enrolment, :at, 0) on conflict do nothing`,
        { kid, person, name, role, label, enrolment: sealed.jws, at: sealed.captured_at },
      );
    }
    if (!db.row("select 1 from identity where is_current = 1")) {
      db.run("update identity set is_current = 1 where rowid = (select max(rowid) from identity)");
    }
  });
}

/**
 * Counters go on where they were, tables are folded, and what happened is told. One commit, last.
 * @param {Site} site
 * @param {string} pool
 * @param {string} from
 */
function finish({ db, log, kinds, lost, wrecks, ownKeys }, pool, from) {
  db.transaction(() => {
    for (const { kid } of ownKeys) {
      const counter = log.counters().get(kid);
      if (counter !== undefined) db.run("insert into sealing (kid, counter) values (:kid, :counter) on conflict (kid) do update set counter = max(counter, :counter)", { kid, counter });
    }
    db.run(`insert or replace into sealing (kid, counter) select kid, max(counter) from
      (select kid, counter from record where is_own = 1 union all select kid, counter from sealing) group by kid`);
    set(db, "kinds", null);
    set(db, "log_mark", { bytes: 0, number: 0 });
    fitKinds(db, kinds);
    expel(db, kinds);
    const count = (/** @type {string} */ table) => Number(db.value(`select count(*) from ${table}`));
    const records = Number(db.value("select count(*) from record where is_own = 1"));
    const detail = { from, to: pool, records, drafts: count("draft"), photos: count("photo.file"), lost };
    notify(db, "rebuilt", detail);
    set(db, "built_at", nowText());
    set(db, "built_from", from);
    noteLeft(db, from, pool, lost.length === 0 && wrecks.main !== null && wrecks.photo !== null);
  });
}
