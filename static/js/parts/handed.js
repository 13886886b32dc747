// @ts-check
// The phone is in somebody else's hands, for a ballot: which one, so that leaving the app comes back to it. Nothing else is shown until the
// inspector's PIN is given.

import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { clearBallot } from "./ballot.js";

/** @typedef {import("../device/store/ballot_box.js").Box} Box */

/** In the person's settings: there a kill does not undo it, and a start finds whose data to open without asking (`session.js`). */
const NAME = "handed";

export const handed = signal(/** @type {Box | null} */ (null));
export const step = signal(/** @type {"start" | "ballot" | "thanks"} */ ("start"));

/** Hand the phone over. @param {Box} box */
export async function handOver(box) {
  await store.call("set", { name: NAME, value: box.entity });
  beginAnew();
  handed.value = box;
}

/** Come back to the ballot after a start. @returns {Promise<boolean>} whether the phone was handed over */
export async function resumeHanded() {
  const entity = await store.call("setting", { name: NAME });
  handed.value = entity === null ? null : await store.call("box", { entity }).catch(() => null);
  if (entity !== null && handed.peek() === null) await takeBack();
  return handed.peek() !== null;
}

/** The inspector has it again. */
export async function takeBack() {
  handed.value = null;
  beginAnew();
  await store.call("set", { name: NAME, value: null });
}

/** Nobody is at it: nothing of a half-filled ballot is left for the next one. */
export function beginAnew() {
  clearBallot();
  step.value = "start";
}
