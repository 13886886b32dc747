// @ts-check
/**
 * Small pictures of what was photographed before: what the next visit needs to see there without a network. They are looked at and
 * nothing else; one's own photos are never kept here, and nothing here is ever sent. All of it can be fetched again.
 */

import { parseInstant } from "../../core/instant.js";
import { overviewItems } from "../../core/overview.js";
import { wallMs } from "../clock.js";
import { StoreError } from "./error.js";
import { DAY_MS, nowText } from "./moment.js";
import { IS_OPEN, LAST_CHECK } from "./open_entry.js";
import { set, setting } from "./setting.js";
import { chosen } from "./trip.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./database.js").Row} Row */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {{wanted: number, here: number, next: string[], updated_at: string | null}} Earlier
 *   `wanted` within the budget, `here` of them; `next` to be fetched, most needed first; `updated_at` when all streams were read last */

const BUDGET_BYTES = 20 * 1024 * 1024;
const LIMIT_BYTES = 1024 * 1024;
const BATCH = 20;
const ASK_AGAIN_MS = DAY_MS;
/** Kinds the wish list is made of. */
const KINDS = ["photo", "visit", "submission", "entry", "recheck"];

/**
 * What the next visits need: of every project its last submitted visit, three photos (the overview its checklist asked for, then the
 * place, then single things); of every problem a check on site has not closed, two photos. Newest first.
 */
const WANTED = `with
  last_visit as (
    select entity from (select visit.entity, row_number() over (partition by visit.stream order by visit.arrived_at desc, visit.entity) as place
      from main.visit where visit.stream like 'project:%' and exists (select 1 from main.submission where submission.visit = visit.entity))
    where place = 1),
  ${LAST_CHECK},
  problem as (
    select entry.entity from main.entry left join checked on checked.entry = entry.entity and checked.place = 1
    where entry.list = 'problem' and ${IS_OPEN} and entry.stream like 'project:%'),
  candidate as (
    select taken.taken_at, taken.stream, json_extract(coalesce(taken.view, taken.original), '$.sha256') as sha256,
      row_number() over (partition by taken.visit order by coalesce(taken.item, '') not in (select value from json_each(:overview)),
        taken.about is not null or coalesce(taken.item, '') <> '', taken.taken_at desc, taken.entity) as place,
      3 as most
    from main.photo as taken join last_visit on last_visit.entity = taken.visit
    union all
    select taken.taken_at, taken.stream, json_extract(coalesce(taken.view, taken.original), '$.sha256'),
      row_number() over (partition by taken.about order by taken.taken_at desc, taken.entity), 2
    from main.photo as taken join problem on problem.entity = taken.about)
  select wanted.sha256, wanted.stream, earlier.size_bytes, earlier.bytes is not null and length(earlier.bytes) = earlier.size_bytes as is_here,
    earlier.absent_at, exists (select 1 from photo.file where file.sha256 = wanted.sha256) as is_own,
    wanted.stream in (select value from json_each(:chosen)) as is_chosen
  from (select sha256, max(taken_at) as taken_at, max(stream) as stream from candidate where place <= most and sha256 is not null group by sha256) as wanted
    left join photo.earlier as earlier on earlier.sha256 = wanted.sha256
  order by is_chosen desc, wanted.taken_at desc, wanted.sha256`;

/**
 * Tell what is wanted, how much of it is here, and what to fetch next.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {boolean} [isSparing] whether nothing is to be fetched but what somebody prepares a trip with
 * @returns {Earlier}
 */
export function earlier(db, kinds, isSparing = false) {
  const wanted = withinBudget(db, kinds);
  const next = wanted.filter((row) => !isHere(row) && (!isSparing || row.is_chosen === 1));
  return {
    wanted: wanted.length,
    here: wanted.filter(isHere).length,
    next: next.slice(0, BATCH).map((row) => String(row.sha256)),
    updated_at: setting(db, "read_at"),
  };
}

/** @param {Row} row */
function isHere(row) {
  return row.is_here === 1 || row.is_own === 1;
}

/**
 * Everything wanted, whether it fits or not, by project: what preparing a trip would bring.
 * @param {Database} db
 * @param {Kinds} kinds
 * @returns {Map<string, import("../../core/trip.js").Pictures>} by stream; one the archive had none of last time counts as `absent`, though it is asked
 *   for again after a day
 */
export function earlierByStream(db, kinds) {
  const counts = new Map();
  for (const row of candidates(db, kinds)) {
    const count = counts.get(row.stream) ?? { wanted: 0, here: 0, absent: 0, size_bytes: 0 };
    count.wanted += 1;
    if (isHere(row)) count.here += 1;
    else if (row.absent_at !== null) count.absent += 1;
    if (row.is_here === 1) count.size_bytes += row.size_bytes;
    counts.set(row.stream, count);
  }
  return counts;
}

/** @param {Database} db @param {Kinds} kinds @returns {Row[]} */
function candidates(db, kinds) {
  if (!KINDS.every((kind) => kinds[kind])) return [];
  return db.rows(WANTED, { overview: JSON.stringify(overview(db, kinds)), chosen: JSON.stringify(chosen(db)) });
}

/** @param {Row} row */
function isAbsent({ absent_at }) {
  return absent_at !== null && Math.abs(wallMs() - parseInstant(absent_at).ms) < ASK_AGAIN_MS;
}

/**
 * The wanted pictures as far as they fit, most needed first; without those the archive could not give within the last day. Those of a
 * trip somebody prepares come first and on top of the budget: their size was shown before. One that
 * was fetched once and put away for want of room counts with its size, or it would be fetched again and again.
 * @param {Database} db
 * @param {Kinds} kinds
 */
function withinBudget(db, kinds) {
  const budget_bytes = budget(db);
  let size_bytes = 0;
  const fitting = [];
  for (const row of candidates(db, kinds)) {
    if (!isHere(row) && isAbsent(row)) continue;
    if (row.is_own === 0 && row.is_chosen === 0) {
      if (size_bytes + Math.max(1, row.size_bytes ?? 0) > budget_bytes) break;
      size_bytes += row.size_bytes ?? 0;
    }
    fitting.push(row);
  }
  return fitting;
}

/** The items that ask for an overview. @param {Database} db @param {Kinds} kinds */
function overview(db, kinds) {
  if (!kinds["checklist"]) return [];
  const sheets = db.rows("select groups from main.checklist").map((row) => ({ groups: JSON.parse(String(row.groups)) }));
  return [...overviewItems(sheets)];
}

/**
 * Tell how much room the pictures may take and take.
 * @param {Database} db
 */
export function earlierRoom(db) {
  const used = db.row("select coalesce(sum(size_bytes), 0) as used_bytes, count(*) as count from photo.earlier where bytes is not null");
  return { budget_bytes: budget(db), used_bytes: Number(used?.used_bytes), count: Number(used?.count) };
}

/**
 * Set how much room they may take; what is above it goes at once.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {number} bytes 0: keep none
 */
export function setEarlierBudget(db, kinds, bytes) {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new StoreError("BadArgument", "a number of bytes");
  set(db, "screen.earlier_bytes", bytes);
  makeRoom(db, kinds);
  db.tidy();
  return earlierRoom(db);
}

/** @param {Database} db */
function budget(db) {
  const wish = setting(db, "screen.earlier_bytes");
  return typeof wish === "number" ? wish : BUDGET_BYTES;
}

/**
 * Keep a picture, and make room: what nobody needs any more goes first, the longest unneeded before the rest; then the least needed.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string} sha256 of the photo it was made from
 * @param {Uint8Array} bytes
 * @throws {StoreError} `TooLarge`
 */
export function keepEarlier(db, kinds, sha256, bytes) {
  if (bytes.length > LIMIT_BYTES) throw new StoreError("TooLarge", "a picture to look at is larger than 1 MB", { limit_bytes: LIMIT_BYTES });
  put(db, { sha256, size_bytes: bytes.length, bytes, absent_at: null });
  makeRoom(db, kinds);
}

/**
 * Note that the archive has no such picture; it is not asked again for a day.
 * @param {Database} db
 * @param {string} sha256
 */
export function missEarlier(db, sha256) {
  put(db, { sha256, size_bytes: 0, bytes: null, absent_at: nowText() });
}

/**
 * @param {Database} db
 * @param {{sha256: string, size_bytes: number, bytes: Uint8Array | null, absent_at: string | null}} picture
 */
function put(db, picture) {
  const sql = `insert or replace into photo.earlier (sha256, size_bytes, bytes, needed_on, absent_at)
    values (:sha256, :size_bytes, :bytes, :today, :absent_at)`;
  db.transaction(() => db.run(sql, { ...picture, today: today() }));
}

function today() {
  return nowText().slice(0, 10);
}

/**
 * @param {Database} db
 * @param {Kinds} kinds
 */
function makeRoom(db, kinds) {
  const fitting = withinBudget(db, kinds);
  const needed = fitting.map((row) => String(row.sha256));
  const chosen_bytes = fitting.reduce((sum, row) => sum + (row.is_chosen === 1 && row.is_here === 1 ? row.size_bytes : 0), 0);
  db.transaction(() => {
    const sql = "update photo.earlier set needed_on = :today where needed_on <> :today and sha256 in (select value from json_each(:needed))";
    db.run(sql, { today: today(), needed: JSON.stringify(needed) });
    let over_bytes = Number(db.value("select coalesce(sum(size_bytes), 0) from photo.earlier where bytes is not null")) - budget(db) - chosen_bytes;
    for (const { sha256, size_bytes } of leastNeededFirst(db, needed)) {
      if (over_bytes <= 0) break;
      db.run("update photo.earlier set bytes = null where sha256 = :sha256", { sha256 });
      over_bytes -= size_bytes;
    }
  });
}

/**
 * @param {Database} db
 * @param {string[]} needed most needed first
 */
function leastNeededFirst(db, needed) {
  const place = new Map(needed.map((sha256, at) => [sha256, at]));
  const rank = (/** @type {Row} */ { sha256 }) => place.get(sha256) ?? Infinity;
  const rows = db.rows("select sha256, size_bytes, needed_on from photo.earlier where bytes is not null order by needed_on, sha256");
  return [...rows.filter((row) => rank(row) === Infinity), ...rows.filter((row) => rank(row) < Infinity).sort((one, other) => rank(other) - rank(one))];
}

/**
 * Return a picture, or null when it is not here.
 * @param {Database} db
 * @param {string} sha256
 * @returns {Uint8Array<ArrayBuffer> | null}
 */
export function earlierBytes(db, sha256) {
  return db.value("select bytes from photo.earlier where sha256 = :sha256", { sha256 });
}

/**
 * Drop the pictures of photos that no record on this phone names any more: erased, or of a stream that ended.
 * @param {Database} db
 */
export function dropEarlier(db) {
  db.transaction(() => db.run("delete from photo.earlier where sha256 not in (select sha256 from naming)"));
}

/**
 * Note that everything there was to read has been read.
 * @param {Database} db
 */
export function readAll(db) {
  set(db, "read_at", nowText());
}
