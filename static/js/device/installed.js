// @ts-check
// Whether the app runs in a tab of a browser of iOS, which may clear what is stored there, instead of from the home screen.

const KEY = "home-screen-seen";

/** Only browsers of iOS and iPadOS say `standalone`; a Mac's has no touch. */
export function isInTab() {
  const { standalone } = /** @type {{standalone?: boolean}} */ (navigator);
  return standalone === false && navigator.maxTouchPoints > 0 && !matchMedia("(display-mode: standalone)").matches;
}

/** Whether the advice was put away on this phone. */
export function isAdviceSeen() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** Note that it was put away; without room for that it is shown again next time. */
export function noteAdviceSeen() {
  try {
    localStorage.setItem(KEY, "true");
  } catch {
    // Shown once more is all that can happen.
  }
}
