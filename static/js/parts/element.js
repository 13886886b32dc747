// @ts-check
// The building blocks of every screen: functions from plain values to html. They hold no state, call no store and
// know no inspection. Looks stand in component.css; fields people type into stand in field.js.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { icon } from "./icon.js";
import { over } from "./over.js";
import { marked } from "./marked.js";
import { picture } from "./picture.js";
import { t } from "./word.js";

/** @typedef {Partial<import("./marked.js").Layer>} Layer */
/** @typedef {import("./icon.js").IconName} IconName */
/** @typedef {unknown} Content whatever lit-html renders: text, a template, a list of them, `nothing` */
/** @typedef {"plain" | "good" | "warn" | "bad"} Tone said in words too, never by colour alone */

/**
 * Say whether there is something to render.
 * @param {Content} content
 */
function has(content) {
  return content !== undefined && content !== null && content !== nothing && content !== "";
}

/**
 * A whole screen: head with a way back, the content, and what the thumb reaches.
 * @param {{title: Content, note?: Content, back?: string, aside?: Content, body: Content, bar?: Content}} parts
 *   `back` is a hash (`#/`), `note` a line below the title, `aside` stands right of it, `bar` at the bottom
 */
export function screen({ title, note, back, aside, body, bar }) {
  return html`<header class="head">
      ${back === undefined ? nothing : html`<a class="head-back" href=${back} aria-label=${t("act.back")}>${icon("back")}</a>`}
      <div class="head-text"><h1>${title}</h1>${has(note) ? html`<p>${note}</p>` : nothing}</div>
      ${aside ?? nothing}
    </header>
    <main class="body" id="main" tabindex="-1">${body}</main>
    ${has(bar) ? html`<nav class="bar">${bar}</nav>` : nothing}`;
}

/**
 * A button. `kind`: primary (one on a screen), plain, quiet (text only), bad (gives something up).
 * @param {{label: Content, onTap: (event: Event) => void, icon?: IconName, kind?: "primary" | "plain" | "quiet" | "bad",
 *   isDisabled?: boolean, isWide?: boolean, name?: string}} button
 */
export function button({ label, onTap, icon: shape, kind = "plain", isDisabled = false, isWide = false, name }) {
  return html`<button type="button" class="button" data-kind=${kind} data-wide=${isWide ? "true" : nothing}
    data-name=${name ?? nothing} ?disabled=${isDisabled} @click=${onTap}>
    ${shape ? icon(shape) : nothing}<span>${label}</span></button>`;
}

/**
 * A link that looks like a button.
 * @param {{label: Content, href: string, icon?: IconName, kind?: "primary" | "plain" | "quiet", isWide?: boolean, name?: string}} link
 */
export function linkButton({ label, href, icon: shape, kind = "plain", isWide = false, name }) {
  return html`<a class="button" href=${href} data-kind=${kind} data-wide=${isWide ? "true" : nothing} data-name=${name ?? nothing}>
    ${shape ? icon(shape) : nothing}<span>${label}</span></a>`;
}

/**
 * One key of the thumb bar: icon above its word. `isMain` makes it the largest.
 * @param {{label: string, icon: IconName, onTap?: (event: Event) => void, href?: string, isMain?: boolean, count?: number, isHere?: boolean, name?: string}} key
 */
export function barKey({ label, icon: shape, onTap, href, isMain = false, count = 0, isHere = false, name }) {
  const inside = html`<span class="bar-icon">${icon(shape)}${count ? html`<b class="count">${count}</b>` : nothing}</span><span>${label}</span>`;
  const main = isMain ? "true" : nothing;
  return href === undefined
    ? html`<button type="button" class="bar-key" data-main=${main} data-name=${name ?? nothing} @click=${onTap}>${inside}</button>`
    : html`<a class="bar-key" data-main=${main} data-name=${name ?? nothing} href=${href} aria-current=${isHere ? "page" : nothing}>${inside}</a>`;
}

/**
 * A card. With `href` or `onTap` its head is tappable; `foot` holds buttons of its own.
 * @param {{title?: Content, tag?: Content, body?: Content, foot?: Content, href?: string, onTap?: () => void, tone?: Tone, name?: string}} card
 */
export function card({ title, tag, body, foot, href, onTap, tone = "plain", name }) {
  const text = html`${has(tag) ? html`<div class="card-tag">${tag}</div>` : nothing}
    ${has(title) ? html`<h2>${title}</h2>` : nothing}${has(body) ? html`<div class="card-text">${body}</div>` : nothing}`;
  const head = href !== undefined ? html`<a class="card-head" href=${href}>${text}</a>`
    : onTap ? html`<button type="button" class="card-head" @click=${onTap}>${text}</button>`
    : html`<div class="card-head">${text}</div>`;
  return html`<article class="card" data-tone=${tone} data-name=${name ?? nothing}>${head}
    ${has(foot) ? html`<div class="card-foot">${foot}</div>` : nothing}</article>`;
}

/**
 * A titled part of a screen.
 * @param {{title: Content, aside?: Content, body: Content, name?: string}} section
 */
export function section({ title, aside, body, name }) {
  return html`<section class="section" data-name=${name ?? nothing}>
    <div class="section-head"><h2>${title}</h2>${aside ?? nothing}</div>${body}</section>`;
}

/**
 * A line of a list: a word on the left, its value on the right or below, tappable when it leads somewhere. `picture` stands in the icon's place.
 * @param {{label: Content, value?: Content, note?: Content, icon?: IconName, picture?: Content, href?: string, onTap?: () => void, tone?: Tone, name?: string}} row
 */
export function row({ label, value, note, icon: shape, picture: image, href, onTap, tone = "plain", name }) {
  const leads = href !== undefined || onTap !== undefined;
  const inside = html`${has(image) ? html`<span class="row-picture">${image}</span>` : shape ? icon(shape) : nothing}
    <span class="row-text"><span>${label}</span>${has(note) ? html`<small>${note}</small>` : nothing}</span>
    ${has(value) ? html`<span class="row-value">${value}</span>` : nothing}${leads ? icon("onward") : nothing}`;
  if (href !== undefined) return html`<a class="row" data-tone=${tone} data-name=${name ?? nothing} href=${href}>${inside}</a>`;
  if (onTap) return html`<button type="button" class="row" data-tone=${tone} data-name=${name ?? nothing} @click=${onTap}>${inside}</button>`;
  return html`<div class="row" data-tone=${tone} data-name=${name ?? nothing}>${inside}</div>`;
}

/**
 * Rows in a frame.
 * @param {Content[]} items
 */
export function rows(items) {
  return html`<div class="rows">${items}</div>`;
}

/**
 * A small word that can be pressed: a filter, a preset, a quick answer.
 * @param {{label: Content, isOn?: boolean, onTap: () => void, icon?: IconName, name?: string}} chip
 */
export function chip({ label, isOn = false, onTap, icon: shape, name }) {
  return html`<button type="button" class="chip" data-name=${name ?? nothing} aria-pressed=${isOn ? "true" : "false"} @click=${onTap}>
    ${shape ? icon(shape) : nothing}<span>${label}</span></button>`;
}

/**
 * Chips side by side.
 * @param {Content[]} items
 * @param {string} label for screen readers
 */
export function chips(items, label) {
  return html`<div class="chips" role="group" aria-label=${label}>${items}</div>`;
}

/**
 * A word with a coloured ground: why a card is here, what state a thing is in (`state` names it for styles and tests).
 * @param {{label: Content, tone?: Tone, icon?: IconName, state?: string}} tag
 */
export function tag({ label, tone = "plain", icon: shape, state }) {
  return html`<span class="tag" data-tone=${tone} data-state=${state ?? nothing}>${shape ? icon(shape) : nothing}<span>${label}</span></span>`;
}

/**
 * A banner: something the person should know, with what can be done about it. `isUrgent` interrupts a screen reader.
 * @param {{title?: Content, body?: Content, tone?: Tone, icon?: IconName, actions?: Content, isUrgent?: boolean, name?: string}} banner
 */
export function banner({ title, body, tone = "plain", icon: shape, actions, isUrgent = false, name }) {
  return html`<div class="banner" data-tone=${tone} data-name=${name ?? nothing} role=${isUrgent ? "alert" : "status"}>
    ${shape ? icon(shape) : nothing}
    <div class="banner-text">${has(title) ? html`<strong>${title}</strong>` : nothing}${has(body) ? html`<p>${body}</p>` : nothing}
      ${has(actions) ? html`<div class="banner-actions">${actions}</div>` : nothing}</div></div>`;
}

/**
 * What stands where there is nothing yet.
 * @param {{icon?: IconName, text: Content, action?: Content, name?: string}} empty
 */
export function empty({ icon: shape, text, action, name }) {
  return html`<div class="empty" data-name=${name ?? nothing}>${shape ? icon(shape) : nothing}<p>${text}</p>${action ?? nothing}</div>`;
}

/** @type {Record<string, {icon: IconName, tone: Tone}>} */
const STATES = {
  draft: { icon: "note", tone: "plain" },
  saved: { icon: "saved", tone: "plain" },
  handed: { icon: "send", tone: "plain" },
  sending: { icon: "send", tone: "plain" },
  sent: { icon: "send", tone: "plain" },
  safe: { icon: "safe", tone: "good" },
  held: { icon: "held", tone: "warn" },
  refused: { icon: "refused", tone: "bad" },
  erased: { icon: "check", tone: "plain" },
  corrected: { icon: "note", tone: "plain" },
  conflict: { icon: "warning", tone: "warn" },
  exported: { icon: "saved", tone: "plain" },
};

/**
 * The state word of a thing, bound to what is proven (`core/state.js`).
 * @param {string} state
 * @param {{photos?: {held: number, count: number}, reason?: string | null}} [facts]
 */
export function stateWord(state, { photos, reason } = {}) {
  const look = STATES[state] ?? { icon: "question", tone: "plain" };
  const hasPhotos = state !== "sent" || (photos?.count ?? 0) > 0;
  const label = hasPhotos
    ? t(`state.${state}`, { a: photos?.held ?? 0, n: photos?.count ?? 0, reason: reason ?? "" })
    : t("state.sent_text");
  return html`<span class="state" data-state=${state} data-tone=${look.tone}>${icon(look.icon)}<span>${label}</span></span>`;
}

/**
 * A sheet from below for a short task. Shown while it is rendered; `onClose` is told of every way out
 * (the close key, Escape, a tap beside it, the phone's back) and must stop rendering it.
 * @param {{title: Content, body: Content, bar?: Content, onClose: () => void, name?: string}} sheet
 */
export function sheet({ title, body, bar, onClose, name }) {
  /** @param {MouseEvent} event */
  const beside = (event) => event.target === event.currentTarget && onClose();
  /** @param {Event} event */
  const cancelled = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog class="sheet" data-name=${name ?? nothing} ${over(onClose)} @cancel=${cancelled} @close=${onClose} @click=${beside}>
    <div class="sheet-inner"><header class="sheet-head"><h2>${title}</h2>
      <button type="button" class="sheet-close" aria-label=${t("act.close")} @click=${onClose}>${icon("close")}</button></header>
      <div class="sheet-body">${body}</div>${has(bar) ? html`<div class="sheet-bar">${bar}</div>` : nothing}</div></dialog>`;
}

/**
 * Photos side by side. A photo leads to `href` or `onTap`; `onAdd` puts a key at the end.
 * @param {{photos: {key: string, sha256: string | null | undefined, layer?: Layer, caption: string, mark?: Content, href?: string, onTap?: () => void}[],
 *   onAdd?: () => void, addLabel?: string}} strip `sha256` names bytes on this phone, null where there are none, undefined while they are made
 */
export function photoStrip({ photos, onAdd, addLabel }) {
  return html`<ul class="strip">${repeat(photos, ({ key }) => key, (photo) => html`<li>${stripItem(photo)}</li>`)}
    ${onAdd ? html`<li><button type="button" class="strip-add" @click=${onAdd}>${icon("camera")}<span>${addLabel ?? t("visit.photo")}</span></button></li>` : nothing}</ul>`;
}

/** @param {{sha256: string | null | undefined, layer?: Layer, caption: string, mark?: Content, href?: string, onTap?: () => void}} photo */
function stripItem({ sha256, layer = {}, caption, mark, href, onTap }) {
  const inside = html`${marked(picture(sha256, "", { isTile: true }), layer, { isTile: true })}<span class="strip-caption">${caption}</span>${has(mark) ? html`<span class="strip-mark">${mark}</span>` : nothing}`;
  if (href !== undefined) return html`<a class="strip-item" href=${href}>${inside}</a>`;
  if (onTap) return html`<button type="button" class="strip-item" @click=${onTap}>${inside}</button>`;
  return html`<div class="strip-item">${inside}</div>`;
}

/**
 * Due, reported and observed progress as bars with their figures; null means not known.
 * @param {{label: string, permille: number | null, text: string, isMain?: boolean}[]} bars
 */
export function progressBars(bars) {
  return html`<dl class="bars">${bars.map(({ label, permille, text, isMain }) => html`<div data-main=${isMain ? "true" : nothing}>
    <dt>${label}</dt><dd><svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="bars-ground" width="1000" height="10"/>
      <rect class="bars-fill" width=${permille ?? 0} height="10"/></svg><span>${text}</span></dd></div>`)}</dl>`;
}
