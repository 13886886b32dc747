// @ts-check
// The icons of the phone: drawn on a 24 px grid in the colour of the text beside them, never alone without a word.

import { svg, html } from "../../vendor/lit-html/lit-html.js";

const SHAPES = {
  back: svg`<path d="M15 5l-7 7 7 7"/>`,
  onward: svg`<path d="M9 5l7 7-7 7"/>`,
  camera: svg`<path d="M4 8h3l2-3h6l2 3h3v11H4z"/><circle cx="12" cy="13" r="3.5"/>`,
  gallery: svg`<rect x="4" y="5" width="16" height="14" rx="1"/><path d="M4 16l5-5 4 4 3-3 4 4"/><circle cx="15.5" cy="9" r="1.2"/>`,
  note: svg`<path d="M5 20l1-4L17 5l3 3L9 19z"/><path d="M14.5 7.5l3 3"/>`,
  talk: svg`<path d="M4 5h16v11h-9l-4 4v-4H4z"/><path d="M8 9h8M8 12h5"/>`,
  more: svg`<circle cx="6" cy="12" r="1.3"/><circle cx="12" cy="12" r="1.3"/><circle cx="18" cy="12" r="1.3"/>`,
  check: svg`<path d="M5 13l4.5 4.5L19 7"/>`,
  list: svg`<path d="M9 6h11M9 12h11M9 18h11"/><path d="M4 6h1M4 12h1M4 18h1"/>`,
  flag: svg`<path d="M6 21V4M6 5h12l-2.5 4L18 13H6"/>`,
  meter: svg`<path d="M4 20V11M10 20V5M16 20v-6M21 20H3"/>`,
  clock: svg`<circle cx="12" cy="12" r="8"/><path d="M12 7v5l3.5 2"/>`,
  place: svg`<path d="M12 21s-6.5-6-6.5-11a6.5 6.5 0 0113 0c0 5-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2.3"/>`,
  search: svg`<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>`,
  send: svg`<path d="M12 19V5M6 11l6-6 6 6"/>`,
  saved: svg`<rect x="7" y="3" width="10" height="18" rx="2"/><path d="M9.5 12.5l2 2 3.5-4"/>`,
  safe: svg`<path d="M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6z"/><path d="M8.5 12l2.5 2.5 4.5-5"/>`,
  held: svg`<path d="M6 21V3h9l3 3v15z"/><path d="M12 9v5M12 17v.5"/>`,
  refused: svg`<circle cx="12" cy="12" r="8.5"/><path d="M8.5 8.5l7 7M15.5 8.5l-7 7"/>`,
  returned: svg`<path d="M9 6l-5 5 5 5"/><path d="M4 11h10a5 5 0 015 5v3"/>`,
  warning: svg`<path d="M12 4l9 16H3z"/><path d="M12 10v5M12 17.2v.6"/>`,
  offline: svg`<path d="M4 9a12 12 0 0116 0M7.5 12.5a7 7 0 019 0"/><path d="M12 17v.5M4 20L20 4"/>`,
  person: svg`<circle cx="12" cy="8" r="3.5"/><path d="M5 20c.5-4 3-6 7-6s6.5 2 7 6"/>`,
  people: svg`<circle cx="9" cy="9" r="3"/><path d="M3 19c.4-3.5 2.6-5.2 6-5.2s5.6 1.7 6 5.2"/><path d="M15 6.3a3 3 0 010 5.4M17.5 14.4c2 .8 3.200 2.300 3.500 4.600"/>`,
  settings: svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
  home: svg`<path d="M4 11l8-7 8 7v9h-5v-6H9v6H4z"/>`,
  close: svg`<path d="M6 6l12 12M18 6L6 18"/>`,
  add: svg`<path d="M12 5v14M5 12h14"/>`,
  undo: svg`<path d="M8 5L4 9l4 4"/><path d="M4 9h10a5 5 0 010 10h-4"/>`,
  question: svg`<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.5a2.5 2.5 0 115 0c0 1.7-2.5 2-2.5 4M12 16.5v.6"/>`,
  update: svg`<path d="M19 12a7 7 0 11-2-5"/><path d="M19 4v4h-4"/>`,
};

/** @typedef {keyof typeof SHAPES} IconName */

/**
 * Draw an icon; hidden from screen readers because a word always stands beside it.
 * @param {IconName} name
 */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}
