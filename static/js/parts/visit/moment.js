// @ts-check
// The present moment on this phone, as records write it. The only clock of the visit's screens.

import { formatInstant } from "../../core/instant.js";

/**
 * Write an instant of this phone, by default now, with its local offset.
 * @param {number} [ms] since 1970 UTC
 */
export function instantNow(ms = Date.now()) {
  return formatInstant(ms, -new Date(ms).getTimezoneOffset());
}

/** Return the local day of now. */
export function today() {
  return instantNow().slice(0, 10);
}
