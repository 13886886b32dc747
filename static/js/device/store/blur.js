// @ts-check
/**
 * A photo whose faces were covered takes the place of the one it was made of. The bytes are in one file and the draft in another, so what has
 * to go is noted first: whenever this is cut off, the next opening removes whichever of the two the draft does not name. There is no undo.
 */

import { toHex } from "../../core/hex.js";
import { draftOrThrow, patchDraft } from "./draft.js";
import { StoreError } from "./error.js";
import { photoFile, removeUnnamed, storePhoto, storeSmall } from "./photo.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../image.js").View} Covered */

const GOING = "blurring";

/**
 * Say why the faces of a photo cannot be covered: the old bytes would stay, here or with others. Null when they can.
 * @param {Database} db
 * @param {string} id of its draft
 * @returns {"sealed" | "shared" | "no-view" | null}
 */
export function objection(db, id) {
  const { entity, body } = draftOrThrow(db, id);
  const hashes = hashesOf(body);
  if (!body.view || hashes.some((sha256) => photoFile(db, sha256) === null)) return "no-view";
  if (db.row("select 1 from record where entity = :entity", { entity })) return "sealed";
  const isShared = hashes.some((sha256) =>
    db.row(`select 1 from naming where sha256 = :sha256 union all select 1 from draft where id <> :id and instr(body, :sha256) > 0`, { sha256, id }));
  return isShared ? "shared" : null;
}

/** @param {Record<string, any>} body @returns {string[]} */
function hashesOf({ view, original }) {
  return [view, original].flatMap((image) => (image ? [image.sha256] : []));
}

/**
 * Put the covered picture in the place of the old one, and remove the old one.
 * @param {Database} db
 * @param {{id: string, of: string, covered: Covered, v: number}} wanted `of`: the view it was made of; `v`: the newest version of a photo
 * @throws {StoreError} `BadArgument`, with the `reason`, when it must not be, or the photo is another by now
 */
export async function replace(db, { id, of, covered, v }) {
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", covered.bytes)));
  const { body } = draftOrThrow(db, id);
  if (body.view?.sha256 !== sha256) {
    const reason = body.view?.sha256 === of ? objection(db, id) : "changed";
    if (reason !== null) throw new StoreError("BadArgument", "the faces of this photo cannot be covered", { reason });
    set(db, GOING, [...(setting(db, GOING) ?? []), sha256, ...hashesOf(body)]);
    const { bytes, small, ...look } = covered;
    const stored = await storePhoto(db, bytes, look.media_type);
    storeSmall(db, stored.sha256, small);
    patchDraft(db, { id, body: { view: { ...stored, ...look, required: true }, original: null, is_blurred: true }, v });
  }
  finishBlurring(db);
}

/**
 * Remove what no draft names any more. May be cut off anywhere and is begun again at the next opening.
 * @param {Database} db
 */
export function finishBlurring(db) {
  const hashes = setting(db, GOING);
  if (hashes === null) return;
  removeUnnamed(db, hashes);
  // Deleted pages are overwritten, but old ones stand in the write-ahead log until it is emptied.
  if (db.checkpoint()) set(db, GOING, null);
}
