// @ts-check
// The addresses of a visit's screens. Leaving one screen for another of the same visit keeps it open and keeps sampling positions.

import { nothing } from "../../../vendor/lit-html/lit-html.js";
import { position } from "../../device/position.js";
import { empty, screen } from "../element.js";
import { address, go, place } from "../router.js";
import { t } from "../word.js";
import { checklistView } from "./checklist.js";
import { correctView } from "./correct.js";
import { dayLogView } from "./day_log.js";
import { entryView } from "./entry.js";
import { finishView } from "./finish.js";
import { closeMore, hubView } from "./hub.js";
import { interviewView, roleView } from "./interview.js";
import { closeJourney, journey, openJourney } from "./journey.js";
import { meetingView } from "./meeting.js";
import { milestoneView } from "./milestone.js";
import { unwatchPosition, watchPosition } from "./no_position.js";
import { photoView } from "./photo.js";
import { progressView } from "./progress.js";
import { questionView } from "./question.js";
import { editorOf } from "./recorded.js";
import { start } from "./start.js";
import { teamView } from "./team.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

let isSampling = false;

/** @type {Record<string, (visit: Journey, rest: string[]) => unknown>} */
const VIEWS = {
  "": hubView,
  photo: (visit, [entity]) => withPart(visit, "photo", entity, photoView),
  entry: (visit, [entity]) => withPart(visit, "entry", entity, entryView),
  talk: (visit, [entity]) => (entity === undefined ? roleView(visit) : withPart(visit, "interview", entity, interviewView)),
  meeting: (visit, [entity]) => withPart(visit, "meeting", entity, meetingView),
  day: (visit, [on]) => dayLogView(visit, on),
  check: (visit, [code]) => checklistView(visit, code),
  progress: (visit) => (visit.target.project === null ? absent(address("visit", visit.entity)) : progressView(visit)),
  milestone: (visit, [entity]) => milestoneView(visit, entity),
  before: questionView,
  team: teamView,
  finish: finishView,
};

const visit = {
  /** @param {string[]} args */
  enter([entity = ""]) {
    openJourney(entity);
    if (!isSampling) position.start();
    isSampling = true;
    watchPosition(entity);
    closeMore();
    scrollTo(0, 0);
  },
  leave,
  /** @param {string[]} args */
  view([, name = "", ...rest]) {
    const present = journey.value;
    if (present === undefined) return nothing;
    const view = VIEWS[name];
    return present === null || view === undefined ? absent() : view(present, rest);
  },
};

const correct = {
  /** @param {string[]} args */
  enter([entity = ""]) {
    openJourney(entity);
  },
  leave,
  /** @param {string[]} args */
  view([entity = "", item]) {
    const present = journey.value;
    if (present === undefined) return nothing;
    if (present === null) return absent();
    const part = [present.visit, ...present.parts].find((each) => each.entity === item);
    if (part === undefined) return correctView(present);
    queueMicrotask(() => go(editorOf(entity, part), { isInstead: true }));
    return nothing;
  },
};

/** The next screen is known only after this one is left. */
function leave() {
  queueMicrotask(() => {
    const { name } = place.peek();
    if (name === "visit" || name === "correct") return;
    if (isSampling) position.stop();
    isSampling = false;
    unwatchPosition();
    closeJourney();
  });
}

/** @param {Journey} visit @param {string} kind @param {string | undefined} entity @param {(visit: Journey, part: Part) => unknown} view */
function withPart(visit, kind, entity, view) {
  const part = visit.parts.find((each) => each.kind === kind && each.entity === entity);
  return part === undefined ? absent(address("visit", visit.entity)) : view(visit, part);
}

/** @param {string} back */
function absent(back = "#/") {
  return screen({ title: t("word.visit"), back, body: empty({ icon: "question", text: t("visit.not_here") }) });
}

/** @type {Record<"start" | "visit" | "correct", import("../shell.js").Screen>} */
export const screens = { start, visit, correct };
