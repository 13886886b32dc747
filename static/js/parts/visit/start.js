// @ts-check
// Begin a visit: everything is proposed, one tap starts. Who has to keep away is said, and not proposed.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { monthOf } from "../../core/day.js";
import { proposedManner, proposedPurpose, proposedTeam, unitsTied } from "../../core/start.js";
import { store } from "../../device/store.js";
import { absentView } from "../absent.js";
import { banner, button, linkButton, row, rows, screen, section, sheet } from "../element.js";
import { choice, toggle } from "../field.js";
import { reading } from "../reading.js";
import { address, go } from "../router.js";
import { attempt, identity } from "../shell.js";
import { embedded, inLanguage, listed, momentText, t } from "../word.js";
import { restoreVisit } from "./journey.js";
import { instantNow, today } from "./moment.js";
import { readTarget } from "./target.js";

/** @typedef {import("./target.js").Target} Target */
/** @typedef {import("../../device/store/draft.js").Draft} Draft */
/** @typedef {{purpose: string, milestone: string | null, manner: string, team: string[]}} Plan */

export const PURPOSES = ["monthly", "milestone", "follow_up", "stationed", "campaign", "concentrated"];
export const MANNERS = ["announced", "unannounced", "covert"];

/** @typedef {{target: Target, underWay: Draft[], discarded: Draft[]}} Found */
const present = signal(/** @type {import("../reading.js").Reading<Found> | null} */ (null));
/** What the person changed of the proposal. */
const changes = signal(/** @type {Partial<Plan>} */ ({}));
const open = signal(/** @type {"purpose" | "manner" | "team" | null} */ (null));
let isStarting = false;

export const start = {
  /** @param {string[]} args */
  enter([noun = "", entity = ""]) {
    // A project's page links by its id alone.
    const stream = entity === "" ? `project:${noun}` : `${noun}:${entity}`;
    changes.value = {};
    open.value = null;
    const here = (/** @type {Draft} */ draft) => draft.stream === stream;
    present.value = reading(["project", "milestone", "team", "person", "assignment", "draft"], async () => ({
      target: await readTarget(stream, null),
      underWay: (await store.call("drafts", { kind: "visit" })).filter(here),
      discarded: (await store.call("drafts", { kind: "visit", discarded: true })).filter(here),
    }));
  },
  leave() {
    present.peek()?.stop();
    present.value = null;
  },
  view() {
    const value = present.value?.value;
    if (value === undefined) return nothing;
    const { noun, project, unit } = value.target;
    return (project ?? unit) === null ? absentView(noun) : startView(value);
  },
};

/** @param {Target} target @returns {Plan} */
function planOf(target) {
  const purpose = proposedPurpose(/** @type {any[]} */ (target.milestonesAtHand), target.noun === "unit");
  const manner = proposedManner(/** @type {any[]} */ (target.assignments), { today: today(), milestone: purpose.milestone });
  const team = membersOf(target).filter((member) => !member.is_recused).map((member) => member.person);
  return { ...purpose, manner, team, ...changes.value };
}

/** @param {Target} target */
export function membersOf(target) {
  const units = target.project
    ? unitsTied(/** @type {any} */ (target.project), /** @type {any[]} */ (target.links), today())
    : [target.entity];
  const me = identity.value?.person ?? "";
  const members = /** @type {{person: string, part: string}[]} */ (target.team?.["members"] ?? []);
  const withMe = members.some((member) => member.person === me) || me === "" ? members : [{ person: me, part: "member" }, ...members];
  return proposedTeam(withMe, /** @type {any[]} */ (target.people), units);
}

/** @param {Target} target @param {string} person */
export function nameOf(target, person) {
  const found = target.people.find((each) => each["person"] === person);
  return found ? inLanguage(found) : person;
}

/** @param {Found} found */
function startView({ target, underWay: [underWay], discarded }) {
  const plan = planOf(target);
  const recused = membersOf(target).filter((member) => member.is_recused);
  const isMine = recused.some((member) => member.person === identity.value?.person);
  const title = inLanguage(target.project ?? target.unit);
  const orders = target.assignments.filter((each) => each["month"] === monthOf(today()) && each["stream"] === `team:${target.team?.["entity"]}`).map((each) => each["note"]).filter(Boolean);
  return screen({
    title, back: target.noun === "project" ? address("project", target.entity) : "#/", note: t("visit.start_note"),
    body: html`
      ${isMine ? banner({ tone: "warn", icon: "warning", title: t("visit.recuse"), body: t("visit.recuse_self"), name: "recuse" }) : nothing}
      ${underWay ? banner({
        icon: "note", title: t("visit.under_way"), body: t("visit.under_way_note"),
        actions: linkButton({ label: t("home.continue"), href: address("visit", underWay.entity), kind: "primary" }),
      }) : nothing}
      ${rows([
        row({ label: purposeText(target, plan), note: t("visit.purpose"), icon: "flag", onTap: () => { open.value = "purpose"; }, name: "purpose" }),
        row({ label: t(`manner.${plan.manner}`), note: t("visit.manner"), icon: "talk", onTap: () => { open.value = "manner"; }, name: "manner" }),
        row({
          label: plan.team.map((person) => nameOf(target, person)).join(t("mark.comma")) || t("visit.team_none"), icon: "person",
          note: recused.length > 0 ? `${recused.map((member) => nameOf(target, member.person)).join(t("mark.comma"))} · ${t("visit.recuse")}` : t("visit.team"),
          onTap: () => { open.value = "team"; }, name: "team",
        }),
      ])}
      ${orders.length > 0 ? banner({ icon: "person", title: t("assignment.title"), body: listed(orders), name: "assignment" }) : nothing}
      ${target.noun === "unit" ? linkButton({ label: t("interview.begin"), icon: "talk", isWide: true, href: address("talk", "unit", target.entity), name: "begin-talk" }) : nothing}
      ${plan.manner === "covert" ? banner({ icon: "warning", body: t("visit.covert_note") }) : nothing}
      ${discarded.length > 0 ? section({
        title: t("visit.discarded"),
        body: rows(discarded.map((draft) => row({
          label: t("visit.started", { time: momentText(draft.opened_at) }),
          value: button({ label: t("visit.restore"), icon: "undo", onTap: () => void restoreVisit(draft) }),
        }))),
      }) : nothing}
      ${open.value === "purpose" ? purposeSheet(target, plan) : open.value === "manner" ? mannerSheet(plan) : open.value === "team" ? teamSheet(target, plan) : nothing}`,
    bar: button({
      label: t("home.start"), icon: "place", kind: "primary", isWide: true, isDisabled: plan.team.length === 0,
      onTap: () => void begin(target, plan), name: "start",
    }),
  });
}

/** @param {Target} target @param {Plan} plan */
function purposeText(target, plan) {
  const milestone = target.milestones.find((each) => each["entity"] === plan.milestone);
  return milestone ? `${t("purpose.milestone")} · ${inLanguage(milestone)}` : t(`purpose.${plan.purpose}`);
}

/** @param {Target} target @param {Plan} plan */
function purposeSheet(target, plan) {
  const milestones = target.milestones.map((each) => ({ value: `milestone/${each["entity"]}`, label: `${t("purpose.milestone")} · ${inLanguage(each)}` }));
  const others = PURPOSES.filter((purpose) => purpose !== "milestone").map((purpose) => ({ value: purpose, label: t(`purpose.${purpose}`) }));
  const near = new Set(target.milestonesAtHand.map((each) => `milestone/${each["entity"]}`));
  const options = [...milestones.filter((each) => near.has(each.value)), ...others, ...milestones.filter((each) => !near.has(each.value))];
  return sheet({
    title: t("visit.purpose"), onClose: close, name: "purpose-sheet",
    body: choice({
      name: "purpose", label: t("visit.purpose"), isLabelHidden: true, options,
      value: plan.milestone ? `milestone/${plan.milestone}` : plan.purpose,
      onChoose: (value) => {
        const [purpose = "", milestone = null] = value.split("/");
        changes.value = { ...changes.value, purpose, milestone };
        close();
      },
    }),
  });
}

/** @param {Plan} plan */
function mannerSheet(plan) {
  return sheet({
    title: t("visit.manner"), onClose: close, name: "manner-sheet",
    body: choice({
      name: "manner", label: t("visit.manner"), isLabelHidden: true, value: plan.manner,
      options: MANNERS.map((manner) => ({ value: manner, label: t(`manner.${manner}`) })),
      onChoose: (manner) => {
        changes.value = { ...changes.value, manner };
        close();
      },
    }),
  });
}

/** @param {Target} target @param {Plan} plan */
function teamSheet(target, plan) {
  return sheet({
    title: t("visit.team"), onClose: close, name: "team-sheet",
    body: html`<div class="stack">${membersOf(target).map((member) => toggle({
      name: `member-${member.person}`, label: nameOf(target, member.person), isOn: plan.team.includes(member.person),
      note: member.is_recused ? t("visit.recuse") : t(`team.${member.part}`),
      onChange: (isOn) => {
        const team = isOn ? [...plan.team, member.person] : plan.team.filter((person) => person !== member.person);
        changes.value = { ...changes.value, team };
      },
    }))}</div>`,
    bar: button({ label: t("act.done"), kind: "primary", isWide: true, onTap: close }),
  });
}

function close() {
  open.value = null;
}

/** @param {Target} target @param {Plan} plan */
async function begin(target, plan) {
  if (isStarting) return;
  isStarting = true;
  const at = instantNow();
  const body = { ...plan, accompanied_by: "", arrived_at: at, left_at: at, is_left_late: false, summary: "", next_time: [] };
  await attempt(async () => {
    const draft = await store.call("openDraft", { kind: "visit", v: embedded("kinds").visit.v, stream: target.stream, body });
    go(address("visit", draft.entity), { isInstead: true });
  });
  isStarting = false;
}
