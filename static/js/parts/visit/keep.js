// @ts-check
// Everything saves itself: each change of a part goes to its draft at once, in order, and is shown as kept only after the commit.
// What was changed here outweighs what was read before, so no screen ever shows an older word than the one just typed.

import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { store } from "../../device/store.js";
import { attempt } from "../shell.js";
import { embedded } from "../word.js";

/** @typedef {Record<string, any>} Body */
/**
 * @typedef {object} Kept what can be changed
 * @property {string} key the same for as long as the part is on screen
 * @property {string} kind
 * @property {string | null} draft id of its open draft
 * @property {(changes: Body) => Promise<string>} open makes the draft when there is none; changes are its first content
 */

/** @type {Map<string, Body>} */
const changed = new Map();
/** @type {Map<string, Body>} */
const unsaved = new Map();
/** @type {Map<string, Promise<void>>} */
const running = new Map();
/** @type {Map<string, Promise<string>>} */
const opening = new Map();
const revision = signal(0);

/** Whether a change waits for its commit, and when the last one was committed (milliseconds, null before the first). */
export const keeping = signal({ isWaiting: false, saved_at_ms: /** @type {number | null} */ (null) });

/**
 * Return the body with what was changed here. Reading it in a view renders anew on every change.
 * @param {string} key
 * @param {Body} body as read from the store
 * @returns {Body}
 */
export function withChanges(key, body) {
  void revision.value;
  const changes = changed.get(key);
  return changes === undefined ? body : { ...body, ...changes };
}

/**
 * Change members of a part and save them.
 * @param {Kept} part
 * @param {Body} changes
 */
export function keep(part, changes) {
  changed.set(part.key, { ...changed.get(part.key), ...changes });
  unsaved.set(part.key, { ...unsaved.get(part.key), ...changes });
  revision.value += 1;
  keeping.value = { ...keeping.peek(), isWaiting: true };
  if (!running.has(part.key)) running.set(part.key, saveAll(part).finally(() => running.delete(part.key)));
}

/** Wait until everything changed so far is saved; false when something could not be. */
export async function allKept() {
  while (running.size > 0) await Promise.all(running.values());
  return unsaved.size === 0;
}

/** Forget what was changed here: after sealing, or when another page may have gone on writing. */
export function forgetChanges() {
  for (const key of [...changed.keys()]) if (!unsaved.has(key)) changed.delete(key);
  opening.clear();
  revision.value += 1;
}

/**
 * Forget what was changed of one part: its draft was put away, or got other words from elsewhere. The next change opens a draft anew.
 * @param {string} key
 */
export function forgetChangesOf(key) {
  changed.delete(key);
  opening.delete(key);
  revision.value += 1;
}

/** @param {Kept} part */
async function saveAll(part) {
  let isGoing = true;
  while (isGoing && unsaved.has(part.key)) isGoing = await attempt(() => saveOnce(part));
  if (unsaved.size === 0) keeping.value = { isWaiting: false, saved_at_ms: Date.now() };
}

/** @param {Kept} part */
async function saveOnce(part) {
  const changes = unsaved.get(part.key);
  if (changes === undefined) return;
  await store.call("patchDraft", { id: await draftOf(part, changes), body: changes, v: embedded("kinds")[part.kind].v });
  if (unsaved.get(part.key) === changes) unsaved.delete(part.key);
  if (unsaved.size === 0) keeping.value = { isWaiting: false, saved_at_ms: Date.now() };
}

/** One draft per part, however many changes arrive while it is being opened. @param {Kept} part @param {Body} changes */
function draftOf(part, changes) {
  if (part.draft !== null) return Promise.resolve(part.draft);
  let opened = opening.get(part.key);
  if (opened === undefined) {
    opened = part.open(changes);
    opening.set(part.key, opened);
    opened.catch(() => opening.delete(part.key));
  }
  return opened;
}
