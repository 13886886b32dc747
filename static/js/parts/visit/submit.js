// @ts-check
// 提交审核: put every draft of the visit into the form it is sealed in, then one call seals them all with the submission that names
// them. Until that call has answered nothing is said to be submitted; repeating it after a lost answer seals nothing twice.

import { isEmpty, sealedBody } from "../../core/part.js";
import { store } from "../../device/store.js";
import { attempt, fail, say } from "../shell.js";
import { t } from "../word.js";
import { isCorrected, journeyNow, openPart } from "./journey.js";
import { allKept, forgetChanges } from "./keep.js";
import { pagesOf, stayOf } from "./standing.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("../../core/finish.js").Missing} Missing */

const MISSING_LIMIT = 100;

/**
 * Seal the visit and everything open of it; true when it is sealed. A failure is shown and nothing is lost.
 * @param {Missing[]} missing
 * @param {string} reason
 */
export async function submit(missing, reason) {
  if (!(await allKept())) {
    fail(new Error(t("visit.unsaved")));
    return false;
  }
  return attempt(async () => {
    const visit = await journeyNow();
    if (visit === null) throw new Error(t("visit.not_here"));
    const drafts = [...(await prepareVisit(visit)), ...(await prepareParts(visit))];
    if (drafts.length === 0 && visit.submission === null && !visit.visit.isOwn) throw new Error(t("join.nothing"));
    const manifest = await prepareSubmission(visit, missing.slice(0, MISSING_LIMIT), reason);
    await store.call("seal", { drafts, manifest });
    forgetChanges();
    say(t("visit.submitted"));
  });
}

/** @param {Journey} visit @returns {Promise<string[]>} */
async function prepareVisit(visit) {
  const { draft, body } = visit.visit;
  if (draft === null) return [];
  await store.call("saveDraft", { id: draft, body: sealedBody("visit", { ...body, ...stayOf(visit) }) });
  return [draft];
}

/** What is empty, and a correction that changes nothing, is discarded, the rest saved as it is sealed. @param {Journey} visit @returns {Promise<string[]>} */
async function prepareParts(visit) {
  const drafts = await prepareAnswers(visit);
  for (const part of visit.parts) {
    if (part.draft === null || part.kind === "answer") continue;
    const isSame = part.sealed !== null && !isCorrected(part);
    if (isSame || isEmpty(part.kind, part.body)) await store.call("discardDraft", { id: part.draft });
    else if (part.kind === "photo") drafts.push(await preparePhoto(part.draft));
    else {
      await store.call("saveDraft", { id: part.draft, body: sealedBody(part.kind, part.body) });
      drafts.push(part.draft);
    }
  }
  return drafts;
}

/** The store itself writes the bytes' names into a photo's draft, so only the words are touched. @param {string} id */
async function preparePhoto(id) {
  const { body } = await store.call("draft", { id });
  await store.call("patchDraft", { id, body: { caption: body.caption.trim(), place: body.place.trim() } });
  return id;
}

/** Answers are sealed with what other cards recorded of their items, and without items that are not asked any more. @param {Journey} visit */
async function prepareAnswers(visit) {
  const drafts = [];
  for (const page of pagesOf(visit)) {
    const { part, items } = page;
    if (part.entity === "" && part.draft === null) continue; // never begun
    const isForm = page.branches !== null;
    const asked = new Set(items.map((item) => item.id));
    const given = named(page.answers, asked);
    // What a form calculates goes with its answers; it is no reason to seal them anew.
    const kept = isForm ? page.answers : given;
    if (part.draft === null && (isForm || JSON.stringify(kept) === JSON.stringify(part.body["answers"]))) continue;
    const notes = isForm ? named(part.body["notes"], asked) : part.body["notes"];
    const body = sealedBody("answer", { ...part.body, answers: kept, notes });
    const id = part.draft ?? (await part.open({}));
    const isBlank = isEmpty("answer", sealedBody("answer", { ...body, answers: given }));
    await store.call(isBlank ? "discardDraft" : "saveDraft", { id, body });
    if (!isBlank) drafts.push(id);
  }
  return drafts;
}

/** @param {Record<string, string>} values @param {ReadonlySet<string>} names */
function named(values, names) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

/** @param {Journey} visit @param {Missing[]} missing @param {string} reason @returns {Promise<string>} */
async function prepareSubmission(visit, missing, reason) {
  const told = { missing, reason: reason.trim() };
  const part = visit.submission;
  if (part === null) return (await openPart(visit, "submission", { visit: visit.entity, records: [], ...told })).id;
  const id = part.draft ?? (await part.open({}));
  await store.call("patchDraft", { id, body: told });
  return id;
}
