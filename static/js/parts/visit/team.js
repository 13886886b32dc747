// @ts-check
// Who is on the visit; changed as long as it is not sealed, corrected afterwards.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { linkButton, row, rows, screen } from "../element.js";
import { toggle } from "../field.js";
import { address } from "../router.js";
import { t } from "../word.js";
import { change } from "./journey.js";
import { returnedView } from "./returned.js";
import { membersOf, nameOf } from "./start.js";

/** @typedef {import("./journey.js").Journey} Journey */

/** @param {Journey} visit */
export function teamView(visit) {
  const team = /** @type {string[]} */ (visit.visit.body["team"]);
  return screen({
    title: t("visit.team"), back: address("visit", visit.entity),
    body: html`${returnedView(visit, visit.visit)}<div class="stack">${visit.visit.isOwn ? togglesOf(visit, team) : rows(team.map((person) => row({
      label: nameOf(visit.target, person), icon: "person",
    })))}</div>`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}

/** @param {Journey} visit @param {string[]} team */
function togglesOf(visit, team) {
  return membersOf(visit.target).map((member) => toggle({
    name: `member-${member.person}`, label: nameOf(visit.target, member.person), isOn: team.includes(member.person),
    note: member.is_recused ? t("visit.recuse") : t(`team.${member.part}`),
    onChange: (isOn) => change(visit.visit, { team: isOn ? [...team, member.person] : team.filter((person) => person !== member.person) }),
  }));
}
