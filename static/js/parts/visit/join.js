// @ts-check
// 一起记录: the code of this visit, for colleagues' phones to scan. It is drawn here, asks no network, and says on screen neither where
// this is nor how the visit is made: others may be looking.

import { html, nothing, svg } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { writeVisitCode } from "../../core/visit_code.js";
import { drawCode } from "../../device/qr.js";
import { banner, button, linkButton, row, rows, screen } from "../element.js";
import { address } from "../router.js";
import { attempt, fail, identity, say } from "../shell.js";
import { inLanguage, t } from "../word.js";
import { nameOf } from "./start.js";
import { stayOf } from "./standing.js";
import { subjectOf } from "./target.js";

/** @typedef {import("./journey.js").Journey} Journey */

const drawn = signal(/** @type {{text: string, modules: boolean[][]} | null} */ (null));
/** The code being drawn. */
let asked = "";

/** @param {Journey} visit */
export function codeView(visit) {
  const text = codeOf(visit);
  draw(text);
  const modules = drawn.value?.text === text ? drawn.value.modules : null;
  return screen({
    title: t("join.title"), note: t("join.show_note"), back: address("visit", visit.entity),
    body: html`
      ${modules === null ? nothing : picture(modules)}
      <p class="line">${t("join.named", { names: visit.visit.body["team"].map((/** @type {string} */ person) => nameOf(visit.target, person)).join(t("mark.comma")) })}</p>
      ${visit.visit.isOwn ? rows([row({ label: t("join.add_team"), icon: "person", href: address("visit", visit.entity, "team"), name: "team" })]) : nothing}
      <details class="code-text"><summary>${t("join.as_text")}</summary><p><code data-name="code-text">${text}</code></p>
        ${button({ label: t("join.copy"), icon: "note", onTap: () => void copy(text), name: "copy" })}</details>`,
    bar: linkButton({ label: t("act.done"), kind: "primary", href: address("visit", visit.entity), name: "done" }),
  });
}

/** @param {Journey} visit */
function codeOf(visit) {
  const { body, author, stream } = visit.visit;
  const place = subjectOf(visit.target);
  return writeVisitCode({
    archive: identity.value?.archive ?? "", visit: visit.entity, stream, name: place?.["name"] ?? "", name_en: place?.["name_en"] ?? "",
    purpose: body["purpose"], manner: body["manner"], milestone: body["milestone"] ?? null, arrived_at: stayOf(visit).arrived_at, author, team: body["team"],
  });
}

/** @param {string} text */
function draw(text) {
  if (asked === text) return;
  asked = text;
  drawCode(text).then(
    (modules) => {
      if (asked === text) drawn.value = { text, modules };
    },
    (error) => {
      fail(error, () => {
        asked = "";
        draw(text);
      });
    },
  );
}

/** One path; dark on light whatever the theme is, because readers want it so. @param {boolean[][]} modules */
function picture(modules) {
  const size = modules.length;
  const path = modules.flatMap((line, y) => line.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return html`<div class="code"><svg data-name="code" viewBox=${`0 0 ${size} ${size}`} shape-rendering="crispEdges" role="img" aria-label=${t("join.code")}>
    ${svg`<rect class="code-light" width=${size} height=${size} /><path class="code-dark" d=${path} />`}</svg></div>`;
}

/** @param {string} text */
async function copy(text) {
  if (await attempt(() => navigator.clipboard.writeText(text))) say(t("join.copied"));
}

/** Whether this person is of the team the main recorder names. @param {Journey} visit */
export function isNamed({ visit }) {
  const me = identity.value?.person ?? "";
  return visit.author === me || visit.body["team"].includes(me);
}

/** Who keeps this visit, for whoever joined it. @param {Journey} visit */
export function guestView(visit) {
  if (visit.visit.isOwn) return nothing;
  const name = nameOf(visit.target, visit.visit.author);
  return html`${banner({ icon: "person", body: t("join.guest", { name }), name: "guest" })}
    ${isNamed(visit) ? nothing : banner({ tone: "warn", icon: "warning", body: t("join.not_named", { name }), name: "not-named" })}`;
}
