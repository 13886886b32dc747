// @ts-check
/** What of each project is on this phone, against what the archive named last. Says nothing of the app, the key or the storage. */

import { parseInstant } from "../../core/instant.js";
import { verdictOf } from "../../core/trip.js";
import { wallMs } from "../clock.js";
import { earlierByStream } from "./earlier.js";
import { nowText } from "./moment.js";
import { chosen, listing, tick, trip } from "./trip.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {import("../../core/trip.js").Part} Part */
/**
 * @typedef {object} Readiness
 * @property {string | null} listed_at when the archive last said where its streams end
 * @property {string[]} behind streams that are no project's and not wholly here
 * @property {boolean} is_commons_behind
 * @property {string} checklists fingerprint
 * @property {{record_bytes: number, picture_bytes: number}} mean
 * @property {Record<string, Part>} projects by stream: all that are here or were named
 */

/** Until there is something to measure. */
const RECORD_BYTES = 2048;
const PICTURE_BYTES = 50 * 1024;
const NO_PICTURES = { wanted: 0, here: 0, absent: 0, size_bytes: 0 };

/**
 * @param {Database} db
 * @param {Kinds} kinds
 * @returns {Readiness}
 */
export function readiness(db, kinds) {
  const told = listing(db);
  const ends = told?.ends ?? {};
  const held = new Map(db.rows("select stream, position from stream_head").map(({ stream, position }) => [String(stream), Number(position)]));
  const isBehind = (/** @type {string} */ stream) => (held.get(stream) ?? 0) < (ends[stream] ?? 0);
  const others = Object.keys(ends).filter((stream) => !stream.startsWith("project:"));
  return {
    listed_at: told?.at ?? null,
    behind: others.filter(isBehind).sort(),
    is_commons_behind: isBehind("commons"),
    checklists: checklists(db, kinds),
    mean: mean(db),
    projects: projects(db, kinds, ends, held),
  };
}

/**
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {Record<string, number>} ends
 * @param {Map<string, number>} held
 * @returns {Record<string, Part>}
 */
function projects(db, kinds, ends, held) {
  const { chosen: choices, ticks } = trip(db);
  const current = new Set(chosen(db));
  const pictures = earlierByStream(db, kinds);
  const streams = new Set([...Object.keys(ends), ...held.keys()].filter((stream) => stream.startsWith("project:")));
  return Object.fromEntries([...streams].map((stream) => [stream, {
    held: held.get(stream) ?? 0,
    named: ends[stream] ?? null,
    pictures: pictures.get(stream) ?? NO_PICTURES,
    tick: ticks[stream] ?? null,
    chosen_at: current.has(stream) ? choices[stream]?.at ?? null : null,
    is_named: choices[stream]?.is_named ?? false,
  }]));
}

/** The records the checklists here are of: another edition is another record. @param {Database} db @param {Kinds} kinds */
function checklists(db, kinds) {
  if (!kinds["checklist"]) return "";
  return db.rows("select record from main.checklist order by record").map(({ record }) => String(record).slice(0, 16)).join(" ");
}

/** Of the newest records: reading through years of them takes too long. @param {Database} db */
function mean(db) {
  const record = db.value("select avg(octet_length(jws)) from (select jws from record order by number desc limit 200)");
  const picture = db.value("select avg(size_bytes) from photo.earlier where bytes is not null");
  return { record_bytes: Math.round(record ?? RECORD_BYTES), picture_bytes: Math.round(picture ?? PICTURE_BYTES) };
}

/**
 * Tick those of the projects that are whole now. The other checks passed: who calls has made them.
 * @param {Database} db
 * @param {Kinds} kinds
 * @param {string[]} streams
 * @param {string} app fingerprint of the app's files
 * @returns {string[]} those ticked
 */
export function tickWhole(db, kinds, streams, app) {
  const now = readiness(db, kinds);
  if (now.listed_at === null || now.behind.length > 0) return [];
  const common = { at: nowText(), at_ms: wallMs(), listed_ms: parseInstant(now.listed_at).ms, app, checklists: now.checklists };
  const whole = streams.filter((stream) => {
    const part = now.projects[stream];
    return part !== undefined && Object.values(verdictOf(part)).every(Boolean);
  });
  tick(db, Object.fromEntries(whole.map((stream) => [stream, { ...common, position: Number(now.projects[stream]?.named) }])));
  return whole;
}
