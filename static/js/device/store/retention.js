// @ts-check
/**
 * How long text stays. 400 days after it is safe in the archive it leaves tables, search and log, unless the next visit needs it. A visit
 * leaves with all its parts or not at all, one's own and the colleagues'. Nothing leaves that no receipt proves safe, that has bytes
 * still to send, or that a draft, a returned visit or an open problem or question refers to.
 */

import { dropEarlier } from "./earlier.js";
import { isFull } from "./error.js";
import { dropEntity, payloadOf } from "./kind.js";
import { DAY_MS } from "./moment.js";
import { IS_OPEN, LAST_CHECK } from "./open_entry.js";
import { catchUpLog } from "./seal.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {{hash: string, kind: string, entity: string, visit: string | null, is_old: number}} Line */

const KEEP_DAYS = 400;
/** Leaving rewrites the log, so what has come of age leaves together. */
const EVERY_DAYS = 30;
/** So many visits leave in one turn; the rest in the next idle moment. */
const MOST = 20;
const NEEDED_KINDS = ["visit", "submission", "review", "entry", "recheck", "question", "claim", "outcome", "look_back", "meeting"];

/** What still has something to send: a required photo no receipt says is held, or any that is here and not held. */
export const HAS_UNHELD = `exists (select 1 from naming where naming.record = record.hash and (held_at is null or is_missing)
  and (is_required or exists (select 1 from photo.file as file where file.sha256 = naming.sha256)))`;

/** Own records count from the receipt that made them safe; what was pulled the archive has anyway, it counts from its writing. */
const LINES = `select hash, kind, entity, visit, case
    when is_own then receipt is not null and received_at is not null and coalesce(unixepoch(completed_at) < :edge, 0) and not ${HAS_UNHELD}
    else position is not null and visit is not null and coalesce(unixepoch(captured_at) < :edge, 0) end as is_old
  from record`;

/** Entities the next visit needs, however old they are. */
const NEEDED = `with
  last_visit as (select entity, row_number() over (partition by stream order by arrived_at desc, entity) as place from main.visit),
  decided as (select review.visit, review.decision, row_number() over (partition by review.visit order by review.captured_at desc, review.entity desc) as place
    from main.review join main.submission on submission.visit = review.visit and submission.record = review.submission),
  ${LAST_CHECK}
  select entity from last_visit where place = 1
  union select entity from main.visit where not exists (select 1 from main.submission where submission.visit = visit.entity)
  union select visit from decided where place = 1 and decision = 'returned'
  union select entry.entity from main.entry left join checked on checked.entry = entry.entity and checked.place = 1
    where (entry.list in ('problem', 'later') and ${IS_OPEN}) or (entry.look_back_on is not null
      and not exists (select 1 from main.look_back where look_back.entry = entry.entity and look_back.outcome is not 'too_early'))
  union select asked.entity from (select entity from main.question union all select entity from main.claim) as asked where not exists (select 1 from main.outcome
    where outcome.about = asked.entity and outcome.outcome in ('true', 'partly_true', 'untrue', 'fixed'))
  union select meeting.entity from main.meeting, json_each(meeting.decided) as decided where decided.value ->> 'what' <> '' and not exists (select 1
    from main.outcome where outcome.about = meeting.entity and outcome.item = cast(decided.key + 1 as text) and outcome.outcome = 'done')`;

/**
 * Let text go that has come of age, then take it out of the log. Every step may be cut off by a kill and is made good the next time.
 * @param {{db: Database, kinds: Kinds, log: import("./log.js").Log}} desk
 * @param {number} now_ms
 * @returns {number} how many records left
 */
export function sweepText({ db, kinds, log }, now_ms) {
  const at_ms = provenNow(db, now_ms);
  const count = isDue(db, kinds, at_ms) ? letGo(db, kinds, at_ms) : 0;
  try {
    clearLog(db, log);
  } catch (error) {
    // The log is as it was; it is tried again in the next idle moment.
    if (!isFull(error)) throw error;
  }
  return count;
}

/**
 * Return the earlier of this phone's clock and the archive's newest proven word: a wrong clock alone costs no text.
 * @param {Database} db
 * @param {number} now_ms
 */
function provenNow(db, now_ms) {
  return Math.min(now_ms, setting(db, "beacon_ms") ?? 0);
}

/**
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {number} now_ms
 */
function isDue(db, kinds, now_ms) {
  if (!NEEDED_KINDS.every((kind) => kinds[kind])) return false;
  const swept_ms = setting(db, "text_swept_ms");
  return swept_ms === null || Math.abs(now_ms - swept_ms) > EVERY_DAYS * DAY_MS;
}

/**
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {number} now_ms
 */
function letGo(db, kinds, now_ms) {
  const edge = Math.floor((now_ms - KEEP_DAYS * DAY_MS) / 1000);
  const lines = /** @type {Line[]} */ (db.rows(LINES, { edge }));
  const kept = keptGroups(db, lines);
  const leaving = [...new Set(lines.map(groupOf).filter((group) => !kept.has(group)))];
  const next = new Set(leaving.slice(0, MOST));
  const gone = lines.filter((line) => next.has(groupOf(line)));
  db.transaction(() => {
    freeFromLog(db, gone.map(({ hash }) => hash));
    for (const { hash, kind, entity } of gone) {
      db.run("delete from naming where record = :hash", { hash });
      db.run("delete from record where hash = :hash", { hash });
      dropEntity(db, kinds, kind, entity);
    }
    for (const group of next) db.run("delete from joined where visit = :group", { group });
    if (leaving.length <= MOST) set(db, "text_swept_ms", now_ms);
  });
  if (gone.length > 0) dropEarlier(db);
  return gone.length;
}

/** What leaves together: a visit, or what stands outside any. @param {Line} line */
function groupOf({ visit, entity }) {
  return visit ?? entity;
}

/**
 * The groups that stay: with anything young or needed in them, or named by a draft or by something young or needed.
 * @param {Database} db
 * @param {Line[]} lines
 */
function keptGroups(db, lines) {
  const needed = new Set(db.rows(NEEDED).map((row) => row.entity));
  const roots = new Set(lines.filter((line) => !line.is_old || needed.has(line.entity)).map(groupOf));
  if (lines.every((line) => roots.has(groupOf(line)))) return roots;
  const named = new Set([...namesInDrafts(db), ...namesInRecords(db, lines.filter((line) => roots.has(groupOf(line))))]);
  const isNamed = (/** @type {Line} */ line) => named.has(line.hash) || named.has(line.entity) || named.has(groupOf(line));
  const kept = new Set([...roots, ...lines.filter(isNamed).map(groupOf)]);
  keepEntitiesWhole(lines, kept);
  return kept;
}

/** @param {Database} db */
function* namesInDrafts(db) {
  for (const { entity, visit, supersedes, body } of db.rows("select entity, visit, supersedes, body from draft")) {
    yield* [entity, visit];
    yield* textsIn([JSON.parse(supersedes), JSON.parse(body)]);
  }
}

/**
 * @param {Database} db
 * @param {Line[]} lines
 */
function* namesInRecords(db, lines) {
  for (const { hash } of lines) {
    const jws = db.value("select jws from record where hash = :hash", { hash });
    if (jws !== null) yield* textsIn(payloadOf(jws).body);
  }
}

/**
 * @param {unknown} value
 * @returns {Generator<string, void, void>}
 */
function* textsIn(value) {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner);
}

/**
 * The revisions of one entity stay together, whatever visits they were made on.
 * @param {Line[]} lines
 * @param {Set<string>} kept extended
 */
function keepEntitiesWhole(lines, kept) {
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    const entities = new Set(lines.filter((line) => kept.has(groupOf(line))).map(({ entity }) => entity));
    for (const line of lines) if (entities.has(line.entity)) kept.add(groupOf(line));
  }
}

/**
 * Note that records may leave the log; inside the transaction that deletes them, before it does. Others on this phone write in the same log.
 * @param {Database} db
 * @param {string[]} hashes
 */
export function freeFromLog(db, hashes) {
  const sql = "select hash, jws from record where jws is not null and hash in (select value from json_each(:hashes))";
  freeLines(db, /** @type {{hash: string, jws: string}[]} */ (db.rows(sql, { hashes: JSON.stringify(hashes) })));
}

/**
 * Note lines that may leave the log.
 * @param {Database} db
 * @param {{hash: string, jws: string}[]} lines
 */
export function freeLines(db, lines) {
  const freed = lines.map(({ hash, jws }) => ({ hash, seal: sealOf(jws) }));
  if (freed.length > 0) set(db, "log_freed", [...(setting(db, "log_freed") ?? []), ...freed]);
}

/** @param {string} jws */
function sealOf(jws) {
  return jws.slice(jws.lastIndexOf(".") + 1);
}

/**
 * Take out of the log what was freed. A record that came back meanwhile (a rebuild out of this very log) keeps its line.
 * @param {Database} db
 * @param {import("./log.js").Log} log
 */
export function clearLog(db, log) {
  const freed = /** @type {{hash: string, seal: string}[]} */ (setting(db, "log_freed") ?? []);
  if (freed.length === 0) return;
  catchUpLog(db, log);
  const isBack = (/** @type {string} */ hash) => db.row("select 1 from record where hash = :hash and is_own = 1", { hash }) !== null;
  const seals = new Set(freed.filter(({ hash }) => !isBack(hash)).map(({ seal }) => seal));
  const counters = new Map(db.rows("select kid, counter from sealing").map(({ kid, counter }) => [String(kid), Number(counter)]));
  log.keepOnly((jws) => !seals.has(sealOf(jws)), counters);
  db.transaction(() => {
    set(db, "log_mark", { bytes: log.size_bytes, number: Number(db.value("select coalesce(max(number), 0) + 1 from record")) });
    set(db, "log_freed", null);
  });
}
