// @ts-check
/** Room on this phone: how much the browser says is left (Chromium does not tell the truth of it), and making some when a write found none. */

import { RESERVE_BYTES } from "../../core/room.js";
import { sweepPhotos } from "./photo.js";

/** Return how many bytes are missing to the reserve, 0 when there is room or the browser does not say. */
export async function shortBytes() {
  const { usage, quota } = await navigator.storage.estimate();
  if (usage === undefined || quota === undefined) return 0;
  return Math.max(0, RESERVE_BYTES - (quota - usage));
}

/** So much is freed at once when a write found no room. */
const MAKE_BYTES = 16 * 1024 * 1024;
const PAGE_BYTES = 8192;

/**
 * Make room: bring the write-ahead logs back, let photos go that are safe, the longest safe first, and give the pages to the phone.
 * @param {import("./database.js").Database} db
 * @param {number} now_ms
 */
export function makeRoom(db, now_ms) {
  db.checkpoint();
  if (sweepPhotos(db, now_ms, MAKE_BYTES) === 0) return;
  db.tidy(MAKE_BYTES / PAGE_BYTES);
  db.checkpoint();
}
