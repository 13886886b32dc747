// @ts-check
// The visit: a hub, not a wizard. What is open from last time stands first, below it what was recorded; the thumb reaches the rest.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { stateOfAll } from "../../core/state.js";
import { lessTag, overdueCountTag } from "../attention.js";
import { banner, barKey, button, card, linkButton, row, rows, screen, section, sheet, stateWord, tag } from "../element.js";
import { textField } from "../field.js";
import { address, go } from "../router.js";
import { dayText, gapText, inLanguage, percentText, t, timeText } from "../word.js";
import { unsealedView } from "./annex.js";
import { acceptanceOf, archivedView, isArchived } from "./archived.js";
import { importPhotos, notReceived, takePhoto } from "./capture.js";
import { appraisalText, isAppraisable } from "./appraisal.js";
import { addEntry } from "./entry.js";
import { addClaim } from "./claim.js";
import { isConfirmable } from "./confirmation.js";
import { change, discardVisit, leaveVisit } from "./journey.js";
import { guestView } from "./join.js";
import { keptView } from "./kept.js";
import { longest } from "./limit.js";
import { addMeeting } from "./meeting.js";
import { standingText, stateText } from "./milestone.js";
import { today } from "./moment.js";
import { noPositionView } from "./no_position.js";
import { progressPart } from "./progress.js";
import { beforeCounts } from "./question.js";
import { recordedView } from "./recorded.js";
import { standingReturn } from "./returned.js";
import { nameOf } from "./start.js";
import { hasArrived, milestonesOf, missingOf, pagesOf, stayOf } from "./standing.js";
import { decisionsView, summaryView } from "./summed.js";
import { subjectOf } from "./target.js";

/** @typedef {import("./journey.js").Journey} Journey */

const OVERDUE_SHOWN = 3;
const isMore = signal(false);

/** @param {Journey} visit */
export function hubView(visit) {
  const returned = standingReturn(visit);
  return screen({
    title: inLanguage(subjectOf(visit.target)), back: "#/",
    note: html`${hasArrived(visit) ? `${t("visit.arrived", { time: timeText(stayOf(visit).arrived_at) })} · ` : nothing}${stateOfVisit(visit)}`,
    body: html`
      ${archivedView(visit)}${guestView(visit)}
      ${summaryView(visit)}
      ${isArchived(visit) ? decisionsView(visit) : nothing}
      ${returned ? returnedBanner(visit, returned) : nothing}
      ${notReceived(visit)}
      ${isArchived(visit) ? nothing : html`${noPositionView(visit)}${beforeCard(visit)}
        <div class="visit-cards">${progressCard(visit)}${checkCard(visit)}</div>
        ${milestoneRows(visit)}${openBoxRow(visit)}`}
      ${isSubmitted(visit) ? unsealedView(visit) : nothing}
      ${recordedView(visit)}
      ${hasSomethingOpen(visit) ? linkButton({
        label: t(isSubmitted(visit) ? "visit.resubmit" : "visit.finish"), icon: "flag", isWide: true, href: address("visit", visit.entity, "finish"),
        name: "finish",
      }) : nothing}
      ${isMore.value ? moreSheet(visit) : nothing}`,
    bar: acceptanceOf(visit) ? nothing : html`
      ${barKey({ label: t("visit.note"), icon: "note", onTap: () => void addEntry(visit), name: "note" })}
      ${barKey({ label: t("visit.photo"), icon: "camera", isMain: true, onTap: () => void takePhoto(visit), name: "photo" })}
      ${barKey({ label: t("visit.talk"), icon: "talk", href: address("visit", visit.entity, "talk"), name: "talk" })}
      ${barKey({ label: t("visit.more"), icon: "more", onTap: () => { isMore.value = true; }, name: "more" })}`,
  });
}

/** @param {Journey} visit */
export function isSubmitted(visit) {
  return visit.submission !== null && visit.submission.record !== null;
}

/** Whether there is a draft to be sealed, or the visit came back. @param {Journey} visit */
function hasSomethingOpen(visit) {
  return (visit.visit.isOwn && !isSubmitted(visit)) || standingReturn(visit) !== null || [visit.visit, ...visit.parts].some((part) => part.draft !== null) || isUnlisted(visit);
}

/** Whether an appraisal was closed after the visit was submitted. @param {Journey} visit */
function isUnlisted({ parts, submission }) {
  return parts.some((part) => part.kind === "appraisal" && part.isOwn && !submission?.body["records"].includes(part.record));
}

/** One word: what is proven of the whole. A draft is called kept only when its last change is committed. @param {Journey} visit */
function stateOfVisit(visit) {
  const isDraft = [visit.visit, ...visit.parts].some((part) => part.draft !== null);
  if (isDraft) return keptView();
  if (acceptanceOf(visit)) return tag({ label: t("review.filed"), tone: "good", icon: "safe" });
  const states = Object.values(visit.states);
  if (states.length === 0) return t(visit.visit.record === null ? "join.empty" : "visit.submitted_before"); // sealed on another phone, known here from the archive
  const photos = states.reduce((sum, each) => ({ held: sum.held + each.photos.held, count: sum.count + each.photos.count }), { held: 0, count: 0 });
  const state = stateOfAll(states.map((each) => /** @type {import("../../core/state.js").State} */ (each.state)));
  return html`<span data-name="state">${stateWord(state, { photos })}</span>`;
}

/** @param {Journey} visit @param {import("./returned.js").Return} returned */
function returnedBanner(visit, returned) {
  const open = missingOf(visit).filter(({ what }) => what === "returned").length;
  const items = open > 0 ? t("visit.returned_items", { n: open }) : t("visit.returned_answered");
  return banner({
    tone: "warn", icon: "returned", title: t("review.return"), body: [returned.reason, returned.items.length > 0 ? items : ""].filter(Boolean).join(" · "), name: "returned",
    actions: returned.items.length > 0 ? linkButton({
      label: t("visit.see_items", { n: returned.items.length }), kind: "primary", href: address("correct", visit.entity),
    }) : nothing,
  });
}

/** @param {Journey} visit */
function beforeCard(visit) {
  const { count, done } = beforeCounts(visit);
  const wishes = visit.target.lastVisit?.["next_time"]?.length ?? 0;
  if (count + wishes === 0) return nothing;
  return card({
    title: t("visit.last_problems"), href: address("visit", visit.entity, "before"), tone: done < count ? "warn" : "good", name: "before",
    body: count > 0 ? html`${t("visit.before_done", { a: done, n: count })} ${overdueCountTag([...visit.target.problems, ...visit.target.decisions])}` : t("visit.wished_count", { n: wishes }),
  });
}

/** @param {Journey} visit */
function progressCard(visit) {
  if (visit.target.project === null) return nothing;
  const { observed_permille, due_permille } = progressPart(visit).body;
  return card({
    title: t("visit.reconcile"), href: address("visit", visit.entity, "progress"), tone: observed_permille === null ? "plain" : "good", name: "progress",
    body: observed_permille === null ? t("progress.due_line", { n: percentText(due_permille) }) : html`${t("project.observed")} ${percentText(observed_permille)}% · ${gapText(observed_permille, due_permille)}
      ${lessTag(visit.target.lastProgress, observed_permille, { isShort: true })}`,
  });
}

/** @param {Journey} visit */
function checkCard(visit) {
  const page = pagesOf(visit)[0];
  if (page === undefined) return nothing;
  return card({
    title: t("visit.check"), href: address("visit", visit.entity, "check"), tone: page.done === page.items.length ? "good" : "plain", name: "check",
    body: t("checklist.done", { a: page.done, n: page.items.length }),
  });
}

/** Those near or overdue, each one tap away; the rest behind one more. @param {Journey} visit */
function milestoneRows(visit) {
  const shown = [...new Set([...milestonesOf(visit), ...visit.target.milestonesOverdue.slice(0, OVERDUE_SHOWN)])];
  const rest = visit.target.milestones.length - shown.length;
  if (shown.length === 0) return nothing;
  return section({
    title: t("word.milestone"), name: "milestones",
    aside: rest > 0 ? linkButton({ label: t("milestone.all"), kind: "quiet", href: address("visit", visit.entity, "milestone"), name: "all-milestones" }) : nothing,
    body: rows(shown.map((each) => milestoneRow(visit, each))),
  });
}

/** An appraisal under way; a new one is begun under "more". @param {Journey} visit */
function openBoxRow(visit) {
  if (visit.boxes.length === 0) return nothing;
  return rows([row({ label: t("word.appraisal"), icon: "list", tone: "warn", note: appraisalText(visit), href: address("visit", visit.entity, "appraise"), name: "open-appraisal" })]);
}

/** @param {Journey} visit @param {Record<string, any>} milestone */
function milestoneRow(visit, milestone) {
  return row({
    label: inLanguage(milestone), icon: "flag", tone: stateText(visit, milestone) === "" ? "warn" : "plain", name: "milestone",
    note: `${t("milestone.planned_on", { date: dayText(milestone["planned_on"]) })}${milestone["planned_on"] < today() ? ` · ${t("project.passed")}` : ""}`,
    value: standingText(visit, milestone), href: address("visit", visit.entity, "milestone", milestone["entity"]),
  });
}

/** @param {Journey} visit */
function moreSheet(visit) {
  const close = () => {
    isMore.value = false;
  };
  const then = (/** @type {() => unknown} */ act) => () => {
    close();
    void act();
  };
  const { body } = visit.visit;
  return sheet({
    title: t("visit.more"), onClose: close, name: "more-sheet",
    body: html`<div class="stack">${rows([
      row({ label: t("photo.imported"), icon: "gallery", onTap: then(() => importPhotos(visit)), name: "gallery" }),
      ...(visit.target.photos.length > 0 ? [row({ label: t("photo.take_same"), icon: "camera", href: address("visit", visit.entity, "same"), name: "same" })] : []),
      row({ label: t("claim.said"), icon: "talk", onTap: then(() => addClaim(visit)), name: "claim" }),
      row({ label: t("word.meeting"), icon: "person", onTap: then(() => addMeeting(visit)), name: "meeting" }),
      ...(isConfirmable(visit) ? [row({ label: t("confirmation.title"), icon: "check", href: address("visit", visit.entity, "confirm"), name: "confirm" })] : []),
      ...(isAppraisable(visit) ? [row({ label: t("word.appraisal"), icon: "list", href: address("visit", visit.entity, "appraise"), name: "appraise" })] : []),
      row({ label: t("visit.day_log"), icon: "list", href: address("visit", visit.entity, "day"), name: "day" }),
      row({ label: t("word.milestone"), icon: "flag", href: address("visit", visit.entity, "milestone"), name: "milestones" }),
      row({ label: t("join.title"), icon: "people", href: address("visit", visit.entity, "join"), name: "join" }),
      visit.target.closed.length > 0 ? row({
        label: t("recheck.closed", { n: visit.target.closed.length }), icon: "check", href: address("visit", visit.entity, "before"), name: "closed",
      }) : nothing,
      row({
        label: t("visit.team"), icon: "person",
        note: body["team"].map((/** @type {string} */ person) => nameOf(visit.target, person)).join(t("mark.comma")),
        href: address("visit", visit.entity, "team"), name: "team",
      }),
    ])}
    ${body["manner"] === "covert" || !visit.visit.isOwn ? nothing : textField({
      name: "accompanied_by", label: t("visit.accompanied"), value: body["accompanied_by"], longest: longest("visit", "accompanied_by"),
      onInput: (accompanied_by) => change(visit.visit, { accompanied_by }),
    })}
    ${endView(visit, then)}</div>`,
  });
}

/** Discard one's own visit; leave a colleague's that nothing was recorded on. What people have voted on is closed first, and sealed. @param {Journey} visit @param {(act: () => unknown) => () => void} then */
function endView(visit, then) {
  const hasVotes = visit.boxes.length > 0 || visit.parts.some((part) => part.kind === "appraisal");
  if (isSubmitted(visit) || hasVotes) return nothing;
  if (visit.visit.isOwn) return button({ label: t("visit.discard"), kind: "bad", isWide: true, onTap: then(() => giveUp(visit)), name: "discard" });
  const isEmptyHere = visit.visit.record === null && visit.parts.every((part) => !part.isOwn);
  return isEmptyHere ? button({ label: t("join.leave"), kind: "bad", isWide: true, onTap: then(() => giveUp(visit)), name: "leave" }) : nothing;
}

/** @param {Journey} visit */
async function giveUp(visit) {
  if (await (visit.visit.isOwn ? discardVisit(visit) : leaveVisit(visit))) go("#/", { isInstead: true });
}

/** Put away what lay over the hub; called when another screen comes. */
export function closeMore() {
  isMore.value = false;
}
