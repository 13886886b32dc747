// @ts-check
// How much room a visit needs.

/** Below this, space is short: about one day's visit with its photos. */
export const RESERVE_BYTES = 200 * 1024 * 1024;
