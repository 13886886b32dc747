// @ts-check
// 保密附页: what must stay confidential of a talk, and who was spoken to. Written here, encrypted when sealed, shown here no more. Keys this phone has not
// used before are told in words, and used only after a person confirmed them.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { checkNumber, recipientsOf } from "../../core/annex.js";
import { annexesOf, isEmpty, sealedBody } from "../../core/part.js";
import { store } from "../../device/store.js";
import { banner, button, linkButton, row, rows, screen, section } from "../element.js";
import { textField, toggle } from "../field.js";
import { kindText } from "../line.js";
import { reading } from "../reading.js";
import { address } from "../router.js";
import { attempt } from "../shell.js";
import { inLanguage, t } from "../word.js";
import { change, discard, partFor } from "./journey.js";
import { allKept, forgetChanges } from "./keep.js";
import { keptView } from "./kept.js";
import { longest } from "./limit.js";
import { hrefOf } from "./recorded.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("../../device/store/annex.js").Circle} Circle */

/** Who annexes may be written to; read while the talk is on screen. @type {import("../reading.js").Reading<Circle> | null} */
let circle = null;

/** @returns {Circle | undefined} */
function circleNow() {
  circle ??= reading(["reader_key", "recovery_key", "person", "setting"], () => store.call("annexCircle"));
  return circle.value;
}

/** Put the reading away; called when the visit is left. */
export function leaveAnnex() {
  circle?.stop();
  circle = null;
}

/**
 * The way from a talk to its annex, and how that stands.
 * @param {Journey} visit
 * @param {Part} talk
 */
export function annexRow(visit, talk) {
  const annexes = annexesOf(visit.parts, talk.entity);
  const open = annexes.find((part) => part.record === null);
  const sealed = annexes.filter((part) => part.record !== null).length;
  const now = open ? [t(isSealable(open) ? "annex.written" : "annex.waiting")] : [];
  const note = [...(sealed > 0 ? [t("annex.sealed_n", { n: sealed })] : []), ...now].join(" · ") || t("annex.none");
  return rows([row({
    label: t("word.annex"), note, icon: "lock", tone: open && !isSealable(open) ? "warn" : "plain", name: "annex",
    href: address("visit", visit.entity, "talk", talk.entity, "annex"),
  })]);
}

/** @param {Part} part */
function isSealable({ body }) {
  const present = circleNow();
  return present === undefined || recipientsOf(present, body["without"]).why === null;
}

/**
 * The annexes of a visit that stay behind as drafts: said before the visit is submitted, and after.
 * @param {Journey} visit
 */
export function unsealedView(visit) {
  const left = visit.parts.filter((part) => part.kind === "annex" && part.draft !== null && !isEmpty("annex", part.body) && !isSealable(part));
  if (left.length === 0) return nothing;
  const talkOf = (/** @type {Part} */ part) => visit.parts.find(({ entity }) => entity === part.body["interview"]) ?? part;
  return section({
    title: t("annex.unsealed"), name: "unsealed-annex",
    body: rows(left.map((part) => row({ label: kindText(talkOf(part)), note: t("annex.waiting"), icon: "lock", tone: "warn", href: hrefOf(visit, part) }))),
  });
}

/** @param {Journey} visit @param {Part} talk */
export function annexView(visit, talk) {
  const present = circleNow();
  if (present === undefined) return nothing;
  const part = partFor(visit, "annex", { interview: talk.entity }, () => ({
    visit: talk.body["visit"], interview: talk.entity, identity: "", words: "", without: [],
  }));
  const back = address("visit", visit.entity, "talk", talk.entity);
  const mine = talk.isOwn ? writing(part, present) : nothing;
  return screen({
    title: t("word.annex"), back, note: html`${t("interview.code", { code: talk.body["code"] })}${part.draft === null ? nothing : html` · ${keptView()}`}`,
    body: html`${sealedView(visit, talk, present)}${talk.isOwn ? html`<p>${t("annex.explain")}</p>` : nothing}${mine}`,
    bar: html`${part.draft !== null ? button({ label: t("annex.drop"), kind: "quiet", onTap: () => void discard(part), name: "drop" }) : nothing}
      ${part.draft !== null && talk.record !== null && talk.draft === null && isSealable(part)
        ? button({ label: t("annex.seal_now"), icon: "lock", kind: "primary", onTap: () => void sealNow(part), name: "seal-now" })
        : linkButton({ label: t("act.done"), kind: "primary", href: back, name: "done" })}`,
  });
}

/** @param {Part} part @param {Circle} present */
function writing(part, present) {
  const { body } = part;
  return html`${recoveryBanner(present)}
    ${textField({
      name: "identity", label: t("annex.identity"), value: body["identity"], rows: 2, longest: longest("annex", "identity"),
      onInput: (identity) => change(part, { identity }),
    })}
    ${textField({
      name: "words", label: t("annex.words"), value: body["words"], rows: 7, longest: longest("annex", "words"), onInput: (words) => change(part, { words }),
    })}
    ${present.readers.filter(({ trust }) => trust !== "known").map(readerBanner)}
    ${readersView(part, present)}`;
}

/** What must be confirmed before a letter can be written, outside a talk. */
export function keysView() {
  const present = circleNow();
  return present === undefined ? nothing : recoveryBanner(present);
}

/** @param {Circle} present */
function recoveryBanner({ recovery }) {
  if (recovery === null) return banner({ tone: "warn", icon: "warning", title: t("annex.no_recovery"), body: t("annex.no_recovery_note"), name: "no-recovery" });
  if (recovery.trust === "known") return nothing;
  return banner({
    tone: "warn", icon: "warning", title: t("annex.recovery_changed"), name: "recovery-changed",
    body: html`${t("annex.recovery_changed_note")} ${numberOf(recovery.kid)}`, actions: confirmButton(recovery.kid),
  });
}

/** @param {Circle["readers"][number]} reader */
function readerBanner(reader) {
  const stem = reader.trust === "new" ? "annex.reader_new" : "annex.reader_changed";
  return banner({
    tone: "warn", icon: "warning", title: t(stem, { name: inLanguage(reader) }), name: `reader-${reader.trust}`,
    body: html`${t(`${stem}_note`)} ${numberOf(reader.kid)}`, actions: confirmButton(reader.kid),
  });
}

/** @param {string} kid */
function numberOf(kid) {
  return html`<strong data-name="check-number">${t("annex.check_number", { number: checkNumber(kid) })}</strong>`;
}

/** @param {string} kid */
function confirmButton(kid) {
  const confirm = async () => {
    await attempt(() => store.call("confirmKey", { kid }));
    await circle?.again();
  };
  return button({ label: t("annex.confirm"), icon: "check", onTap: () => void confirm(), name: "confirm-key" });
}

/** @param {Part} part @param {Circle} present */
function readersView(part, present) {
  const known = present.readers.filter(({ trust }) => trust === "known");
  const without = /** @type {string[]} */ (part.body["without"]);
  const isNobody = known.every(({ person }) => without.includes(person));
  return section({
    title: t("annex.readers"), name: "readers",
    body: html`<div class="stack">${known.map((reader) => toggle({
      name: `reader-${reader.person}`, label: inLanguage(reader), note: inLanguage(reader, "post"), isOn: !without.includes(reader.person),
      onChange: (isOn) => change(part, { without: isOn ? without.filter((person) => person !== reader.person) : [...without, reader.person] }),
    }))}</div><p class="field-hint" data-name="readers-hint">${t(isNobody ? "annex.no_readers" : "annex.readers_hint")}</p>`,
  });
}

/** @param {Journey} visit @param {Part} talk @param {Circle} present */
function sealedView(visit, talk, present) {
  const sealed = annexesOf(visit.parts, talk.entity).filter((part) => part.record !== null);
  const names = new Map([...visit.target.people, ...present.readers].map((each) => [each["person"], inLanguage(each)]));
  return sealed.map(({ body }) => {
    const readers = /** @type {{person: string}[]} */ (body["readers"]).map(({ person }) => names.get(person) ?? person);
    const told = readers.length > 0 ? readers.join(t("mark.comma")) : t("annex.sealed_recovery");
    return banner({ tone: "good", icon: "lock", title: t("annex.sealed"), body: t("annex.sealed_note", { names: told }), name: "annex-sealed" });
  });
}

/** Seal what is left when its talk is sealed already: the annex goes after it by itself. @param {Part} part */
async function sealNow(part) {
  if (!(await allKept())) return;
  const isSealed = await attempt(async () => {
    await store.call("saveDraft", { id: part.draft, body: sealedBody("annex", part.body) });
    await store.call("seal", { drafts: [part.draft] });
  });
  if (isSealed) forgetChanges();
}
