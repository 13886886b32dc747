// @ts-check
/** Moments and ids, as the store needs them. */

import { uuid7 } from "../../core/uuid7.js";
import { now, wallMs } from "../clock.js";

export const DAY_MS = 86_400_000;

/** Return now, local time with its offset. */
export function nowText() {
  return now();
}

/** Return a new id: never given before. */
export function newId() {
  return uuid7(wallMs(), crypto.getRandomValues(new Uint8Array(10)));
}
