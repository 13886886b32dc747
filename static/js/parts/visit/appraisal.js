// @ts-check
// 现场评议: whom it is about, the ballots that came back, and what it came to. Ballots are counted when it is closed and seen by nobody before.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { recipientsOf } from "../../core/annex.js";
import { MOST_TARGETS, candidates } from "../../core/appraisal.js";
import { store } from "../../device/store.js";
import { ballotView, clearBallot, wordOf } from "../ballot.js";
import { banner, button, empty, linkButton, row, rows, screen, section, sheet } from "../element.js";
import { choice, textField, toggle } from "../field.js";
import { handOver } from "../handed.js";
import { lock } from "../lock.js";
import { reading } from "../reading.js";
import { address, go } from "../router.js";
import { attempt, say } from "../shell.js";
import { embedded, inLanguage, pair, t } from "../word.js";
import { keysView } from "./annex.js";
import { today } from "./moment.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("../../device/store/ballot_box.js").Box} Box */
/** @typedef {Record<string, any>} Row */
/** @typedef {{forms: Row[], officials: Row[], tenures: Row[], units: Row[]}} Known */

const MOST_DIGITS = 4;
const known = signal(/** @type {import("../reading.js").Reading<Known> | null} */ (null));
const plan = signal(/** @type {{form: string | null, targets: string[]}} */ ({ form: null, targets: [] }));
const issued = signal("");
const isClosing = signal(false);
let isBusy = false;

/** Nobody on site knows of a covert visit. @param {Journey} visit */
export function isAppraisable(visit) {
  return visit.visit.body["manner"] !== "covert";
}

/** Another screen comes. */
export function leaveAppraisal() {
  known.peek()?.stop();
  known.value = null;
  plan.value = { form: null, targets: [] };
  issued.value = "";
  isClosing.value = false;
  clearBallot();
}

function readKnown() {
  const rows = (/** @type {string} */ kind, order = "captured_at") => store.call("rows", { kind, order });
  known.value = reading(["ballot_form", "official", "tenure", "unit"], async () => {
    const [forms, officials, tenures, units] = await Promise.all([rows("ballot_form", "code"), rows("official", "code"), rows("tenure", "from_on"), rows("unit", "code")]);
    return { forms, officials, tenures, units };
  });
}

/** Say in a few words how it stands. @param {Journey} visit */
export function appraisalText(visit) {
  const [box] = visit.boxes;
  return box === undefined ? t("appraisal.none") : t("appraisal.returned", { n: box.returned });
}

/** @param {Journey} visit @param {string[]} rest `paper`, or the entity of one that is closed */
export function appraisalView(visit, [what]) {
  const back = address("visit", visit.entity);
  if (!isAppraisable(visit)) return screen({ title: t("word.appraisal"), back, body: empty({ icon: "warning", text: t("appraisal.covert") }) });
  const closed = visit.parts.find((part) => part.kind === "appraisal" && part.entity === what);
  if (closed) return screen({ title: inLanguage(closed.body, "title"), back, body: resultView(closed.body) });
  const [box] = visit.boxes;
  if (box === undefined) return setupView(visit, back);
  return what === "paper" ? paperView(visit, box) : boxView(visit, box, back);
}

/** @param {Journey} visit @param {string} back */
function setupView(visit, back) {
  if (known.value === null) queueMicrotask(() => known.peek() ?? readKnown());
  const found = known.value?.value;
  if (found === undefined) return screen({ title: t("word.appraisal"), back, body: nothing });
  if (found.forms.length === 0) return screen({ title: t("word.appraisal"), back, body: empty({ icon: "list", text: t("appraisal.no_form"), name: "no-form" }) });
  const { form: chosen, targets } = plan.value;
  const form = found.forms.find((each) => each["entity"] === chosen);
  const all = candidates(/** @type {any} */ ({ ...visit.target, ...found }), today());
  const fitting = all.filter((each) => form?.["targets"].includes(each.noun));
  const isMany = targets.length > MOST_TARGETS;
  return screen({
    title: t("word.appraisal"), back, note: t("appraisal.note"),
    body: html`
      ${choice({
        name: "form", label: t("word.ballot"), value: chosen,
        options: found.forms.map((each) => ({ value: each["entity"], label: inLanguage(each), note: inLanguage(each, "raters") })),
        onChoose: (entity) => {
          const next = found.forms.find((each) => each["entity"] === entity);
          const fits = all.filter((each) => next?.["targets"].includes(each.noun));
          plan.value = { form: entity, targets: fits.length === 1 ? fits.map((each) => each.entity) : [] };
        },
      })}
      ${form === undefined ? nothing : html`
        ${inLanguage(form, "occasion") ? banner({ icon: "question", body: inLanguage(form, "occasion"), name: "occasion" }) : nothing}
        ${section({
          title: t("appraisal.targets"), name: "targets", aside: html`<span class="visit-count">${targets.length}</span>`,
          body: fitting.length === 0 ? html`<p>${t("appraisal.no_target")}</p>` : html`<div class="stack">${fitting.map((each) => toggle({
            name: `target-${each.entity}`, label: inLanguage(each), isOn: targets.includes(each.entity),
            onChange: (isOn) => { plan.value = { ...plan.peek(), targets: isOn ? [...targets, each.entity] : targets.filter((one) => one !== each.entity) }; },
          }))}</div>`,
        })}
        ${isMany ? banner({ tone: "warn", icon: "warning", body: t("appraisal.too_many", { n: MOST_TARGETS }), name: "too-many" }) : nothing}`}`,
    bar: button({
      label: t("appraisal.open"), kind: "primary", isWide: true, isDisabled: form === undefined || targets.length === 0 || isMany, name: "open-box",
      onTap: () => form !== undefined && void open(visit, form, fitting.filter((each) => targets.includes(each.entity))),
    }),
  });
}

/** @param {Journey} visit @param {Row} form @param {import("../../core/appraisal.js").Appraised[]} targets */
async function open(visit, form, targets) {
  if (isBusy) return;
  isBusy = true;
  const { entity, name, name_en, relation, relation_en, relations, contact, contact_en, contacts, options, questions } = form;
  await attempt(async () => {
    const free = await freeWords(form);
    const setup = { form: entity, title: name, title_en: name_en, targets, relation, relation_en, relations, contact, contact_en, contacts, options, questions, ...free };
    await store.call("openBox", { visit: visit.entity, stream: visit.visit.stream, setup });
  });
  isBusy = false;
}

/** What may be written freely, where somebody can read it in confidence; who that is, is told with it. @param {Row} form */
async function freeWords(form) {
  const chosen = recipientsOf(await store.call("annexCircle"), []);
  if (chosen.why !== null) return { words: [], readers: [] };
  const readers = /** @type {import("../../device/store/annex.js").Reader[]} */ (chosen.readers).map(({ person, name, name_en }) => ({ person, name, name_en }));
  return { words: form["words"], readers };
}

/** @param {Journey} visit @param {Box} box @param {string} back */
function boxView(visit, box, back) {
  const hasPin = lock.value !== null;
  return screen({
    title: t("word.appraisal"), back, note: inLanguage(box.setup, "title"),
    body: html`
      <p class="ballot-count" data-name="returned" role="status">${t("appraisal.returned", { n: box.returned })}</p>
      ${section({ title: t("appraisal.targets"), body: rows(box.setup.targets.map((each) => row({ label: inLanguage(each), icon: "person" }))) })}
      ${hasPin ? nothing : banner({
        icon: "warning", tone: "warn", title: t("appraisal.pin"), body: t("appraisal.pin_note"), name: "needs-pin",
        actions: linkButton({ label: t("lock.set"), kind: "primary", href: address("settings") }),
      })}
      <p class="field-hint">${t("appraisal.secret")}</p>
      ${box.setup.words.length > 0 ? keysView() : html`<p class="field-hint" data-name="no-words">${t("appraisal.no_words")}</p>`}
      <div class="stack">
        ${linkButton({ label: t("appraisal.paper"), icon: "note", isWide: true, href: address("visit", visit.entity, "appraise", "paper"), name: "paper" })}
        ${box.returned === 0
          ? button({ label: t("appraisal.drop"), kind: "quiet", isWide: true, onTap: () => void attempt(() => store.call("dropBox", { entity: box.entity })), name: "drop-box" })
          : button({ label: t("appraisal.close"), icon: "check", isWide: true, onTap: () => { isClosing.value = true; }, name: "close-box" })}</div>
      ${isClosing.value ? closingSheet(visit, box) : nothing}`,
    bar: button({
      label: t("appraisal.hand_over"), icon: "person", kind: "primary", isWide: true, isDisabled: !hasPin, name: "hand-over",
      onTap: () => void attempt(() => handOver(box)),
    }),
  });
}

/** @param {Journey} visit @param {Box} box */
function closingSheet(visit, box) {
  const count = countOf(issued.value);
  const isReady = count !== null && count >= box.returned;
  const close = () => {
    isClosing.value = false;
  };
  return sheet({
    title: t("appraisal.close"), onClose: close, name: "closing",
    body: html`<div class="stack"><p>${t("appraisal.close_note", { n: box.returned })}</p>
      ${box.is_told ? nothing : banner({ tone: "warn", icon: "warning", body: t("appraisal.too_few"), name: "too-few" })}
      ${textField({
        name: "issued", label: t("appraisal.issued"), inputMode: "numeric", value: issued.value, onInput: (text) => { issued.value = text; },
        error: issued.value === "" || isReady ? "" : t("appraisal.issued_few", { n: box.returned }),
      })}</div>`,
    bar: button({ label: t("appraisal.close_now"), kind: "primary", isWide: true, isDisabled: !isReady, onTap: () => void closeNow(visit, box, count ?? 0), name: "close-now" }),
  });
}

/** @param {Journey} visit @param {Box} box @param {number} count */
async function closeNow(visit, box, count) {
  if (isBusy) return;
  isBusy = true;
  const isDone = await attempt(() => store.call("closeBox", { entity: box.entity, issued: count, v: embedded("kinds").appraisal.v }));
  isBusy = false;
  if (!isDone) return;
  say(t("appraisal.closed"));
  go(address("visit", visit.entity, "appraise", box.entity), { isInstead: true });
}

/** @param {string} text */
function countOf(text) {
  const plain = text.normalize("NFKC").trim();
  return /^\d+$/.test(plain) && plain.length <= MOST_DIGITS ? Number(plain) : null;
}

/** Ballots on paper, put in one after the other. @param {Journey} visit @param {Box} box */
function paperView(visit, box) {
  return ballotView({
    setup: box.setup, hasRoom: box.has_room, back: address("visit", visit.entity, "appraise"),
    aside: html`<p class="field-hint" data-name="paper-count">${t("appraisal.returned", { n: box.returned })}</p>`,
    onCast: async (ballot) => {
      await store.call("castBallot", { entity: box.entity, ballot });
      say(t("appraisal.paper_in"));
      scrollTo(0, 0);
    },
  });
}

/** @param {Row} body */
function resultView(body) {
  const marks = (/** @type {Row} */ count) => body["options"].map((/** @type {any} */ option, /** @type {number} */ at) => `${wordOf(option)} ${count["marks"][at]}`).join(" · ");
  const of = (/** @type {string} */ target, /** @type {(group: string) => boolean} */ isGroup) => body["counts"].filter((/** @type {Row} */ each) => each["target"] === target && isGroup(each["group"]));
  const question = (/** @type {Row} */ count) => wordOf(body["questions"].find((/** @type {Row} */ each) => each["id"] === count["question"]));
  return html`<p class="ballot-count" data-name="counts">${t("ballot.counts", { a: body["issued"], b: body["returned"], c: body["valid"] })}</p>
    ${body["letter"] ? html`<p class="field-hint" data-name="sealed-words">${t("appraisal.words_sealed")}</p>` : nothing}
    ${body["counts"].length === 0 ? banner({ icon: "question", body: t("ballot.few"), name: "few" }) : nothing}
    ${body["targets"].map((/** @type {Row} */ target) => section({
      title: inLanguage(target), name: "result",
      body: html`${rows(of(target["entity"], (group) => group === "all").map((/** @type {Row} */ count) => row({ label: question(count), note: marks(count) })))}
        ${groupsView(body, of(target["entity"], (group) => group !== "all"), question, marks)}`,
    }))}`;
}

/** @param {Row} body @param {Row[]} counts @param {(count: Row) => string} question @param {(count: Row) => string} marks */
function groupsView(body, counts, question, marks) {
  if (counts.length === 0) return nothing;
  return html`<details class="visit-dropped"><summary>${t("appraisal.groups")}</summary>
    ${rows(counts.map((count) => row({ label: pair(groupText(body, count["group"]), question(count)), note: marks(count) })))}</details>`;
}

/** @param {Row} body @param {string} group */
function groupText(body, group) {
  const [by = "", id] = group.split(".");
  const word = body[by === "relation" ? "relations" : "contacts"].find((/** @type {Row} */ each) => each["id"] === id);
  return word ? wordOf(word) : group;
}
