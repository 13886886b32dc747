// @ts-check
/** How much room this phone has left, as the browser tells it: padded and sometimes late, so a write may still find none. */

/** Below this, space is short: about one day's visit with its photos. */
const RESERVE_BYTES = 200 * 1024 * 1024;

/** Return how many bytes are missing to the reserve, 0 when there is room or the browser does not say. */
export async function shortBytes() {
  const { usage, quota } = await navigator.storage.estimate();
  if (usage === undefined || quota === undefined) return 0;
  return Math.max(0, RESERVE_BYTES - (quota - usage));
}
