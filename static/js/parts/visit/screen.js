// @ts-check
// The addresses of a visit's screens. Leaving one screen for another of the same visit keeps it open and keeps sampling positions.

import { nothing } from "../../../vendor/lit-html/lit-html.js";
import { effect, signal } from "../../../vendor/signals-core/signals-core.mjs";
import { position } from "../../device/position.js";
import { absentView } from "../absent.js";
import { empty, linkButton, screen } from "../element.js";
import { address, go, place } from "../router.js";
import { t } from "../word.js";
import { acceptanceOf, isArchived, readOnly } from "./archived.js";
import { leaveBlur } from "./blur.js";
import { checklistView } from "./checklist.js";
import { claimView } from "./claim.js";
import { confirmationView } from "./confirmation.js";
import { leaveAll } from "./filling.js";
import { correctView } from "./correct.js";
import { dayLogView } from "./day_log.js";
import { entryView } from "./entry.js";
import { finishView } from "./finish.js";
import { closeMore, hubView } from "./hub.js";
import { interviewView, roleView } from "./interview.js";
import { closeJourney, journey, openJourney } from "./journey.js";
import { codeView } from "./join.js";
import { joining } from "./joining.js";
import { leaveMarking } from "./marking.js";
import { meetingView } from "./meeting.js";
import { milestoneView } from "./milestone.js";
import { unwatchPosition, watchPosition } from "./no_position.js";
import { takeSameView } from "./pair.js";
import { photoView } from "./photo.js";
import { progressView } from "./progress.js";
import { questionView } from "./question.js";
import { hrefOf } from "./recorded.js";
import { start } from "./start.js";
import { teamView } from "./team.js";
import { closeViewfinder } from "./viewfinder.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */

/** Whether a visit's own screens are shown. */
const isShown = signal(false);
let isSampling = false;

/** @type {Record<string, (visit: Journey, rest: string[]) => unknown>} */
const VIEWS = {
  "": hubView,
  photo: (visit, [entity, what]) => withPart(visit, "photo", entity, (_, part) => photoView(visit, part, what)),
  same: takeSameView,
  entry: (visit, [entity]) => withPart(visit, "entry", entity, entryView),
  talk: (visit, [entity]) => (entity === undefined ? roleView(visit) : withPart(visit, "interview", entity, interviewView)),
  claim: (visit, [entity]) => withPart(visit, "claim", entity, claimView),
  confirm: confirmationView,
  meeting: (visit, [entity]) => withPart(visit, "meeting", entity, meetingView),
  day: (visit, [on]) => dayLogView(visit, on),
  check: (visit, [code]) => checklistView(visit, code),
  progress: (visit) => (visit.target.project === null ? absent(visit) : progressView(visit)),
  milestone: (visit, [entity]) => milestoneView(visit, entity),
  before: questionView,
  team: teamView,
  join: codeView,
  finish: finishView,
};

const visit = {
  /** @param {string[]} args */
  enter([entity = ""]) {
    openJourney(entity);
    isShown.value = true;
    watchPosition(entity);
    closeMore();
    closeViewfinder();
    leaveMarking();
    leaveBlur();
    leaveAll();
    scrollTo(0, 0);
  },
  leave,
  /** @param {string[]} args */
  view([, name = "", ...rest]) {
    const present = journey.value;
    if (present === undefined) return nothing;
    const view = VIEWS[name];
    if (present === null) return absentView("visit");
    if (view === undefined) return absent(present);
    return isArchived(present) ? readOnly(view(present, rest)) : view(present, rest);
  },
};

/** Positions belong to photos still to be taken: none are sampled for a visit that is only read. */
effect(() => {
  const isWanted = isShown.value && Boolean(journey.value) && acceptanceOf(/** @type {Journey} */ (journey.value)) === null;
  if (isWanted === isSampling) return;
  isSampling = isWanted;
  if (isWanted) position.start();
  else position.stop();
});

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
    if (present === null) return absentView("visit");
    const part = [present.visit, ...present.parts].find((each) => each.entity === item);
    if (part === undefined) return correctView(present);
    queueMicrotask(() => go(hrefOf(present, part), { isInstead: true }));
    return nothing;
  },
};

/** The next screen is known only after this one is left. */
function leave() {
  closeViewfinder();
  queueMicrotask(() => {
    const { name } = place.peek();
    if (name === "visit" || name === "correct") return;
    isShown.value = false;
    unwatchPosition();
    closeJourney();
  });
}

/** @param {Journey} visit @param {string} kind @param {string | undefined} entity @param {(visit: Journey, part: Part) => unknown} view */
function withPart(visit, kind, entity, view) {
  const part = visit.parts.find((each) => each.kind === kind && each.entity === entity);
  return part === undefined ? absent(visit) : view(visit, part);
}

/** Something the visit does not have. @param {Journey} visit */
function absent(visit) {
  const back = address("visit", visit.entity);
  return screen({
    title: t("word.visit"), back,
    body: empty({ icon: "question", name: "absent", text: t("absent.part"), action: linkButton({ label: t("word.visit"), href: back, kind: "primary", isWide: true }) }),
  });
}

/** @type {Record<"start" | "visit" | "correct" | "join", import("../shell.js").Screen>} */
export const screens = { start, visit, correct, join: joining };
