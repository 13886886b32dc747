// @ts-check
// Judges the coverage vectors with the phone's code, and orders a month's visits.

import { agenda } from "../../../static/js/core/agenda.js";
import { stateOf, windowOf } from "../../../static/js/core/coverage.js";

Object.assign(globalThis, {
  agenda,
  /** @param {any} given */
  month: ({ rule, visits, month, today }) => stateOf(rule, visits, month, today),
  /** @param {any} given */
  window_: ({ rule, visits, planned_on, today }) => windowOf(rule, visits, planned_on, today),
});
