// @ts-check
// 评议票: one ballot, filled in by whoever holds the phone, one of those appraised a page. It stands in memory only until it is cast.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { LONGEST_WORDS, blankBallot, isValid } from "../core/appraisal.js";
import { lengthOf } from "../core/limit.js";
import { banner, button, screen } from "./element.js";
import { choice, textField } from "./field.js";
import { fail } from "./shell.js";
import { inLanguage, language, listed, t } from "./word.js";

/** @typedef {import("../core/appraisal.js").Setup} Setup */
/** @typedef {import("../core/appraisal.js").Ballot} Ballot */
/** @typedef {import("../core/appraisal.js").Wording & {hint_zh?: string, hint_en?: string}} Asked */

const filling = signal(blank());

function blank() {
  return { ballot: blankBallot(), page: 0, isToBeSure: false, isBusy: false };
}

/** Forget what is marked: another person comes, or nobody does. */
export function clearBallot() {
  filling.value = blank();
}

/** @param {Partial<ReturnType<typeof blank>>} changes */
function turn(changes) {
  filling.value = { ...filling.peek(), isToBeSure: false, ...changes };
  if (changes.page !== undefined) scrollTo(0, 0);
}

/**
 * @param {{setup: Setup & Record<string, any>, hasRoom: boolean, back?: string, onCast: (ballot: Ballot) => Promise<void>, aside?: unknown}} ballot
 *   `hasRoom`: for words;
 *   `onCast`: puts it into the box; the ballot is blank again when it resolves
 */
export function ballotView({ setup, hasRoom, back, onCast, aside }) {
  const { ballot, page, isToBeSure, isBusy } = filling.value;
  const target = setup.targets[page];
  if (target === undefined) return nothing;
  const isLast = page === setup.targets.length - 1;
  const cast = async () => {
    if (filling.peek().isBusy) return;
    if (!isValid(ballot) && !isToBeSure) return turn({ isToBeSure: true });
    turn({ isBusy: true });
    try {
      await onCast(ballot);
      clearBallot();
    } catch (error) {
      // Told, and the ballot stays as it was marked: casting it again is the voter's own act.
      fail(error, null, t("failure.title"));
    } finally {
      turn({ isBusy: false });
    }
  };
  return screen({
    title: inLanguage(setup, "title"), note: setup.targets.length > 1 ? t("ballot.page", { a: page + 1, n: setup.targets.length }) : undefined,
    ...(back === undefined ? {} : { back }),
    body: html`
      ${page === 0 && setup.relations.length > 0 ? choice({
        name: "relation", label: inLanguage(setup, "relation"), value: ballot.relation, options: setup.relations.map(optionOf),
        onChoose: (relation) => write({ relation }), onClear: () => write({ relation: null }),
      }) : nothing}
      <h2 class="ballot-target" data-name="target">${inLanguage(target)}</h2>
      ${opinionView(setup, target.entity)}
      ${isLast && setup.words.length > 0 ? wordsView(setup, hasRoom) : nothing}
      ${isToBeSure ? banner({ tone: "warn", icon: "warning", title: t("ballot.blank"), body: t("ballot.blank_note"), isUrgent: true, name: "blank" }) : nothing}
      ${aside ?? nothing}`,
    bar: html`${page > 0 ? button({ label: t("ballot.before"), onTap: () => turn({ page: page - 1 }), name: "before" }) : nothing}
      ${isLast
        ? button({ label: t(isToBeSure ? "ballot.cast_blank" : "ballot.do_cast"), kind: "primary", isWide: true, isDisabled: isBusy || isTooLong(ballot), onTap: () => void cast(), name: "cast" })
        : button({ label: t("ballot.next"), kind: "primary", isWide: true, onTap: () => turn({ page: page + 1 }), name: "next" })}`,
  });
}

/** @param {Ballot} ballot */
function isTooLong({ words }) {
  return Object.values(words).some((text) => lengthOf(text) > LONGEST_WORDS);
}

/** What may be said freely, and who will read it. @param {Setup & Record<string, any>} setup @param {boolean} hasRoom */
function wordsView(setup, hasRoom) {
  const { words } = filling.value.ballot;
  if (!hasRoom) return html`<p class="field-hint" data-name="words-full">${t("ballot.words_full")}</p>`;
  return html`<h2 class="ballot-target">${t("ballot.words")}</h2>
    <p class="field-hint" data-name="words-note">${t("ballot.words_note", { names: listed(setup.readers.map((reader) => inLanguage(reader))) || t("ballot.words_recovery") })}</p>
    ${setup.words.map((word) => textField({
      name: `words-${word.id}`, label: wordOf(word), value: words[word.id] ?? "", rows: 2, longest: LONGEST_WORDS,
      onInput: (text) => write({ words: { ...filling.peek().ballot.words, [word.id]: text } }),
    }))}`;
}

/** @param {Partial<Ballot>} changes */
function write(changes) {
  turn({ ballot: { ...filling.peek().ballot, ...changes } });
}

/** What is thought of one of them. @param {Setup & Record<string, any>} setup @param {string} entity */
function opinionView(setup, entity) {
  const { opinions } = filling.value.ballot;
  const opinion = opinions[entity] ?? { contact: null, marks: {} };
  const say = (/** @type {Partial<typeof opinion>} */ changes) => write({ opinions: { ...opinions, [entity]: { ...opinion, ...changes } } });
  const mark = (/** @type {string} */ question, /** @type {string | null} */ option) => {
    const { [question]: _, ...rest } = opinion.marks;
    say({ marks: option === null ? rest : { ...rest, [question]: option } });
  };
  return html`
    ${setup.contacts.length > 0 ? choice({
      name: "contact", label: inLanguage(setup, "contact"), value: opinion.contact, isTight: true, options: setup.contacts.map(optionOf),
      onChoose: (contact) => say({ contact }), onClear: () => say({ contact: null }),
    }) : nothing}
    ${setup.questions.map((/** @type {Asked} */ question) => choice({
      name: question.id, label: wordOf(question), hint: (language() === "en" ? question.hint_en : question.hint_zh) ?? "", isTight: true,
      value: opinion.marks[question.id] ?? null, options: setup.options.map(optionOf),
      onChoose: (option) => mark(question.id, option), onClear: () => mark(question.id, null),
    }))}`;
}

/** @param {import("../core/appraisal.js").Wording} word */
function optionOf(word) {
  return { value: word.id, label: wordOf(word) };
}

/** @param {import("../core/appraisal.js").Wording} word */
export function wordOf({ zh, en }) {
  return language() === "en" ? en : zh;
}
