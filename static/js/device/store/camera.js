// @ts-check
/**
 * A photo on its way into a draft: bytes stored and proven, then the draft that names them, then the view, then the draft again. A kill
 * between any two leaves a draft that `resumePhotos` can finish. One photo at a time.
 */

import { strangerOf } from "../../core/stranger.js";
import { covered } from "../blur.js";
import { look, makeView } from "../image.js";
import { replace } from "./blur.js";
import { draftOrThrow, drafts, patchDraft } from "./draft.js";
import { StoreError } from "./error.js";
import { photoFile, readPhoto, storePhoto, storeSmall } from "./photo.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {<T>(turn: () => T | Promise<T>) => Promise<T>} TakeTurn */
/** @typedef {{sha256: string, size_bytes: number, media_type: string, width: number | null, height: number | null, required: boolean}} Image */
/** @typedef {{original: Image | null, view: Image | null, problem: import("../image.js").Problem}} Added */

/** What the archive takes (domain `photo`). */
const TAKEN = ["image/jpeg", "image/png", "image/webp", "image/heic"];

export class Camera {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {Session} session
   * @param {TakeTurn} turn
   */
  constructor(session, turn) {
    this.session = session;
    this.turn = turn;
  }

  /**
   * Put a photo into an open draft, with the words that belong to it: both or neither. What the draft had before is replaced.
   * @param {{draft: string, blob: Blob, body?: object, keepOriginal?: boolean}} taken
   * @returns {Promise<Added>}
   * @throws {StoreError} `PhotoBroken`, with `found` where the file is no photo: what it is instead
   */
  add({ draft, blob, body = {}, keepOriginal = true }) {
    return this.#oneAtATime(async () => {
      const bytes = await bytesOf(blob);
      const original = await this.turn(() => this.#storeOriginal(draft, bytes, body));
      return this.#derive(draft, original, bytes, keepOriginal);
    });
  }

  /**
   * Cover faces: other bytes take the place of the view, and neither it nor the original is kept.
   * @param {{draft: string, areas: import("../blur.js").Area[]}} wanted
   * @throws {StoreError} `BadArgument` with the `reason`
   */
  blur({ draft, areas }) {
    return this.#oneAtATime(async () => {
      const { of, blob } = await this.turn(() => this.#view(draft));
      const made = await covered(blob, areas);
      const v = this.session.kinds["photo"]?.v ?? 0;
      await this.turn(() => replace(this.session.desk.db, { id: draft, of, covered: made, v }));
    });
  }

  /** @param {string} draft */
  #view(draft) {
    const { db } = this.session.desk;
    const { view } = draftOrThrow(db, draft).body;
    if (!view) throw new StoreError("BadArgument", "the photo has no view", { reason: "no-view" });
    return { of: view.sha256, blob: new Blob([readPhoto(db, view.sha256)], { type: view.media_type }) };
  }

  /** Make the views a kill left out. @returns {Promise<{done: number}>} */
  resume() {
    return this.#oneAtATime(async () => {
      const open = await this.turn(() => (this.session.hasPerson ? drafts(this.session.desk.db, { kind: "photo" }) : []));
      const isHere = (/** @type {string} */ sha256) => photoFile(this.session.desk.db, sha256) !== null;
      const unfinished = open.filter(({ body }) => body.original?.required && !body.view && isHere(body.original.sha256));
      for (const { id, body } of unfinished) {
        const bytes = await this.turn(() => readPhoto(this.session.desk.db, body.original.sha256));
        await this.#derive(id, body.original, bytes, true);
      }
      return { done: unfinished.length };
    });
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #oneAtATime(work) {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /**
   * @param {string} draft
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {object} words
   * @returns {Promise<Image>}
   */
  async #storeOriginal(draft, bytes, words) {
    const { db } = this.session.desk;
    draftOrThrow(db, draft);
    const { media_type, width, height } = look(bytes);
    if (media_type === null || !TAKEN.includes(media_type)) throw new StoreError("PhotoBroken", "this is no picture this app knows", { found: strangerOf(bytes) });
    const stored = await storePhoto(db, bytes, media_type);
    const original = { ...stored, media_type, width, height, required: true };
    patchDraft(db, { id: draft, body: { ...words, original, view: null }, local: { problem: null, awaits_photo_since: null } });
    return original;
  }

  /**
   * @param {string} draft
   * @param {Image} original
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {boolean} keepOriginal
   * @returns {Promise<Added>}
   */
  async #derive(draft, original, bytes, keepOriginal) {
    const { view, width, height, problem } = await makeView(bytes, look(bytes));
    return this.turn(async () => {
      const { db } = this.session.desk;
      const whole = { ...original, width, height, required: view === null };
      const derived = view && { ...(await storePhoto(db, view.bytes, view.media_type)), ...sizeOf(view), required: true };
      if (view && derived) storeSmall(db, derived.sha256, view.small);
      const body = { original: derived && !keepOriginal ? null : whole, view: derived };
      // The draft may have got another photo, or been sealed, while the canvas worked.
      if (draftOrThrow(db, draft).body.original?.sha256 === original.sha256) patchDraft(db, { id: draft, body, local: { problem } });
      return { ...body, problem };
    });
  }
}

/** @param {import("../image.js").View} view */
function sizeOf({ media_type, width, height }) {
  return { media_type, width, height };
}

/**
 * @param {Blob} blob a File from an input is only a reference and may have become unreadable
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function bytesOf(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    const message = `the photo cannot be read: ${error instanceof Error ? error.message : error}`;
    throw new StoreError("PhotoBroken", message, { found: "unreadable" });
  }
}
