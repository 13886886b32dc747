// @ts-check
// Fields people type into. What stands in a focused field is the person's: no render changes it, so that dictation and
// Chinese composition are never broken. A caller saves on `onInput` and shows what failed.

import { html, nothing, noChange } from "../../vendor/lit-html/lit-html.js";
import { Directive, directive, PartType } from "../../vendor/lit-html/directive.js";
import { ifDefined } from "../../vendor/lit-html/directives/if-defined.js";
import { live } from "../../vendor/lit-html/directives/live.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { lengthOf } from "../core/limit.js";
import { t } from "./word.js";

class Kept extends Directive {
  /** @param {import("../../vendor/lit-html/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("kept() belongs on an element");
  }

  /** @param {string} value */
  render(value) {
    void value;
    return noChange;
  }

  /**
   * @param {import("../../vendor/lit-html/directive.js").ElementPart} part
   * @param {[string]} values
   */
  update(part, [value]) {
    const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (part.element);
    const isTyped = document.activeElement === field && field.dataset["typed"] === "true";
    if (!isTyped && field.value !== value) field.value = value;
    return noChange;
  }
}

const kept = directive(Kept);

/** Takes the focus once, when the field comes on screen. */
class Focused extends Directive {
  isDone = false;

  /** @param {boolean} isWanted */
  render(isWanted) {
    void isWanted;
    return noChange;
  }

  /**
   * @param {import("../../vendor/lit-html/directive.js").ElementPart} part
   * @param {[boolean]} values
   */
  update(part, [isWanted]) {
    if (isWanted && !this.isDone) queueMicrotask(() => /** @type {HTMLElement} */ (part.element).focus());
    this.isDone = true;
    return noChange;
  }
}

const focused = directive(Focused);

/** The name of the field somebody types into. */
const typing = signal(/** @type {string | null} */ (null));

/**
 * Say whether somebody types into a field just now: what is half written is neither wrong nor final.
 * @param {string} name of the field
 */
export function isTyping(name) {
  return typing.value === name && document.activeElement?.getAttribute("name") === name;
}

/**
 * @typedef {object} TextField
 * @property {string} name unique on the screen; also the `name` of the element
 * @property {string} label
 * @property {string} value
 * @property {(value: string) => void} onInput called on every change, while composing too
 * @property {() => void} [onDone] called when the field is left or a one-line field is confirmed
 * @property {string} [hint] below the field
 * @property {string} [error] what is wrong, below the field; shown once the field is left
 * @property {string} [excess] what is too much, shown at once
 * @property {string} [placeholder]
 * @property {number} [rows] more than one makes a text area
 * @property {number} [longest] in characters; what is longer is kept, and said to be too long
 * @property {boolean} [isLabelHidden] the label is then for screen readers only
 * @property {boolean} [isDisabled]
 * @property {boolean} [takesFocus] when it comes on screen
 * @property {"text" | "password" | "search" | "date" | "time" | "datetime-local"} [type]
 * @property {"text" | "decimal" | "numeric" | "search"} [inputMode]
 * @property {string} [autocomplete]
 */

/** @param {TextField} given */
export function textField(given) {
  const field = { ...given, error: (isTyping(given.name) ? undefined : given.error) ?? given.excess ?? overText(given) };
  const hint = field.hint || field.error ? `${field.name}-hint` : undefined;
  return html`<label class="field" data-invalid=${field.error ? "true" : nothing}>
    <span class=${field.isLabelHidden ? "unseen" : "field-label"}>${field.label}</span>
    ${(field.rows ?? 1) > 1 ? area(field, hint) : line(field, hint)}
    ${field.error ? html`<span class="field-error" id=${ifDefined(hint)}>${field.error}</span>` : nothing}
    ${field.hint && !field.error ? html`<span class="field-hint" id=${ifDefined(hint)}>${field.hint}</span>` : nothing}
  </label>`;
}

/** @param {TextField} field */
function overText({ value, longest = Infinity }) {
  const over = lengthOf(value ?? "") - longest;
  return over > 0 ? t("form.over", { n: over, most: longest }) : undefined;
}

/** @param {TextField} field */
function handlers(field) {
  return {
    /** @param {Event} event */
    input(event) {
      const element = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (event.target);
      element.dataset["typed"] = "true";
      typing.value = field.name;
      field.onInput(element.value);
    },
    /** @param {Event} event */
    left(event) {
      delete (/** @type {HTMLElement} */ (event.target).dataset["typed"]);
      if (typing.peek() === field.name) typing.value = null;
      field.onDone?.();
    },
    /** @param {KeyboardEvent} event */
    key(event) {
      if (event.key === "Enter" && !event.isComposing) field.onDone?.();
    },
  };
}

/**
 * @param {TextField} field
 * @param {string | undefined} hint
 */
function line(field, hint) {
  const { input, left, key } = handlers(field);
  return html`<input name=${field.name} type=${field.type ?? "text"} inputmode=${ifDefined(field.inputMode)}
    autocomplete=${field.autocomplete ?? "off"} placeholder=${field.placeholder ?? ""}
    ?disabled=${field.isDisabled ?? false}
    aria-invalid=${field.error ? "true" : nothing} aria-describedby=${ifDefined(hint)}
    @input=${input} @blur=${left} @keydown=${key} ${kept(field.value)} ${focused(field.takesFocus ?? false)}>`;
}

/**
 * @param {TextField} field
 * @param {string | undefined} hint
 */
function area(field, hint) {
  const { input, left } = handlers(field);
  return html`<textarea name=${field.name} rows=${field.rows ?? 3} autocomplete=${field.autocomplete ?? "off"} placeholder=${field.placeholder ?? ""}
    ?disabled=${field.isDisabled ?? false}
    aria-invalid=${field.error ? "true" : nothing} aria-describedby=${ifDefined(hint)}
    @input=${input} @blur=${left} ${kept(field.value)} ${focused(field.takesFocus ?? false)}></textarea>`;
}

/**
 * @typedef {object} Option
 * @property {string} value
 * @property {string} label
 * @property {string} [note] second line, softer
 * @property {boolean} [isDisabled]
 */

/**
 * One choice of several, as large rows; with `isTight` side by side where they fit.
 * Nothing is chosen while `value` is null. Tapping the chosen one again clears it when `onClear` is given.
 * @param {{name: string, label: string, options: Option[], value: string | null, onChoose: (value: string) => void,
 *   onClear?: () => void, isTight?: boolean, hint?: string, isLabelHidden?: boolean, ask?: string, error?: string}} choice
 *   `ask`: what is still needed here, as long as it is no error
 */
export function choice({ name, label, options, value, onChoose, onClear, isTight, hint, isLabelHidden, ask, error }) {
  return html`<fieldset class="choice" data-tight=${isTight ? "true" : nothing} data-invalid=${error ? "true" : nothing}>
    <legend class=${isLabelHidden ? "unseen" : "field-label"}>${label}</legend>
    ${hint ? html`<p class="field-hint">${hint}</p>` : nothing}
    <div class="choice-options">${options.map((option) => optionRow(name, option, value, onChoose, onClear))}</div>
    ${error ? html`<p class="field-error">${error}</p>` : ask ? html`<p class="field-hint">${ask}</p>` : nothing}
  </fieldset>`;
}

/**
 * @param {string} name
 * @param {Option} option
 * @param {string | null} value
 * @param {(value: string) => void} onChoose
 * @param {(() => void) | undefined} onClear
 */
function optionRow(name, option, value, onChoose, onClear) {
  const isChosen = option.value === value;
  const clear = () => {
    if (isChosen && onClear) onClear();
  };
  return html`<label class="option">
    <input type="radio" name=${name} value=${option.value} ?disabled=${option.isDisabled ?? false}
      .checked=${live(isChosen)} @change=${() => onChoose(option.value)} @click=${clear}>
    <span class="option-mark" aria-hidden="true"></span>
    <span class="option-text">${option.label}${option.note ? html`<small>${option.note}</small>` : nothing}</span>
  </label>`;
}

/**
 * A switch with its word.
 * @param {{name: string, label: string, isOn: boolean, onChange: (isOn: boolean) => void, note?: string}} toggle
 */
export function toggle({ name, label, isOn, onChange, note }) {
  /** @param {Event} event */
  const changed = (event) => onChange(/** @type {HTMLInputElement} */ (event.target).checked);
  return html`<label class="option" data-toggle="true">
    <input type="checkbox" name=${name} .checked=${live(isOn)} @change=${changed}>
    <span class="option-mark" aria-hidden="true"></span>
    <span class="option-text">${label}${note ? html`<small>${note}</small>` : nothing}</span>
  </label>`;
}
