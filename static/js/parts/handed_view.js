// @ts-check
// What somebody sees to whom the phone was handed: what is kept of a ballot and what is not, the ballot, and thanks. Only the PIN leads out.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { store } from "../device/store.js";
import { ballotView } from "./ballot.js";
import { banner, button, screen } from "./element.js";
import { handed, step } from "./handed.js";
import { lockNow } from "./lock.js";
import { failureView } from "./shell.js";
import { inLanguage, t } from "./word.js";

export function handedView() {
  const box = handed.value;
  if (box === null) return nothing;
  const views = { start: startView, ballot: paperView, thanks: thanksView };
  return html`${failureView()}${views[step.value](box)}`;
}

/** @param {import("./handed.js").Box} box */
function startView({ setup }) {
  return screen({
    title: t("ballot.hand_over"), note: inLanguage(setup, "title"),
    body: html`<div class="stack ballot-intro" data-name="ballot-start"><p>${t("ballot.intro")}</p><p>${t("ballot.limits")}</p></div>${takenBackKey()}`,
    bar: button({ label: t("ballot.begin"), kind: "primary", isWide: true, onTap: () => { step.value = "ballot"; }, name: "begin-ballot" }),
  });
}

/** @param {import("./handed.js").Box} box */
function paperView({ entity, setup, has_room }) {
  return ballotView({
    setup, hasRoom: has_room,
    onCast: async (ballot) => {
      handed.value = await store.call("castBallot", { entity, ballot });
      step.value = "thanks";
      scrollTo(0, 0);
    },
  });
}

function thanksView() {
  return screen({
    title: t("word.appraisal"),
    body: html`<div data-name="thanks">${banner({ tone: "good", icon: "check", title: t("ballot.cast"), body: t("ballot.hand_back") })}</div>${takenBackKey()}`,
    bar: button({ label: t("ballot.next_person"), kind: "primary", isWide: true, onTap: () => { step.value = "start"; }, name: "next-person" }),
  });
}

function takenBackKey() {
  return button({ label: t("ballot.take_back"), kind: "quiet", icon: "person", isWide: true, onTap: () => void lockNow(), name: "take-back" });
}
