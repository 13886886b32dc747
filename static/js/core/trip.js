// @ts-check
// Preparing for a trip, as pure rules: what of a project is here, and when a tick that said "it works offline" says nothing any more.

/** How long a tick can stand: so long ago the archive was asked at most. */
export const TICK_MS = 7 * 86_400_000;
/** A clock that was put back by more than this makes a tick's age unknown. */
const CLOCK_SLACK_MS = 3_600_000;

/** @typedef {{wanted: number, here: number, absent: number, size_bytes: number}} Pictures `absent`: the archive had none to give; `size_bytes` of those here */
/**
 * @typedef {object} Part what of a project's stream is here
 * @property {number} held position up to which it was pulled, 0 for nothing
 * @property {number | null} named position the archive named last, null when it did not name the stream
 * @property {Pictures} pictures
 * @property {Tick | null} tick
 * @property {string | null} chosen_at
 * @property {boolean} is_named whether the archive was asked since it was chosen
 */
/**
 * @typedef {object} Tick a self-test that passed
 * @property {string} at
 * @property {number} at_ms
 * @property {number} listed_ms when the archive was last asked before it
 * @property {string} app fingerprint of the app's files
 * @property {number} position the archive named
 * @property {string} checklists fingerprint of the checklists
 */
/** @typedef {{text: boolean, pictures: boolean}} Verdict whether each is whole */
/** @typedef {"app" | "news" | "checklists" | "missing" | "old" | "clock"} Staleness */

/**
 * Return what of a project is whole.
 * @param {Part} part
 * @returns {Verdict}
 */
export function verdictOf({ held, named, is_named, pictures }) {
  return { text: is_named && named !== null && held >= named, pictures: pictures.here + pictures.absent >= pictures.wanted };
}

/**
 * Say why a tick says nothing any more, or null while it stands.
 * @param {Part & {tick: Tick}} part
 * @param {{now_ms: number, app: string | null, is_newer: boolean, is_commons_behind: boolean, checklists: string}} facts
 *   `app`: of the files in use; `is_newer`: a newer version waits
 * @returns {Staleness | null}
 */
export function staleness({ tick, held, named, pictures }, { now_ms, app, is_newer, is_commons_behind, checklists }) {
  if (app !== tick.app || is_newer) return "app";
  if (named === null || named !== tick.position || held < named) return "news";
  if (is_commons_behind || checklists !== tick.checklists) return "checklists";
  if (pictures.here + pictures.absent < pictures.wanted) return "missing";
  if (now_ms - tick.listed_ms >= TICK_MS) return "old";
  return now_ms < tick.at_ms - CLOCK_SLACK_MS ? "clock" : null;
}

/** @typedef {{record_bytes: number, picture_bytes: number}} Mean */

/**
 * Reckon what of a project is here.
 * @param {Part} part
 * @param {Mean} mean
 */
export function hereBytes({ held, pictures }, { record_bytes }) {
  return held * record_bytes + pictures.size_bytes;
}

/**
 * Reckon what a project still takes; nobody knows it exactly before it is here.
 * @param {Part} part
 * @param {Mean} mean
 */
export function toFetchBytes({ held, named, pictures }, { record_bytes, picture_bytes }) {
  const records = Math.max(0, (named ?? 0) - held);
  const wanted = Math.max(0, pictures.wanted - pictures.here - pictures.absent);
  return records * record_bytes + wanted * picture_bytes;
}
