// @ts-check
// The code by which an administrator binds a phone: the app's address with the code behind the `#`. Pure.

const FORM = /#\/login\/code\/([A-Za-z0-9_-]{22})$/;

/**
 * Return the code in what was scanned or opened; null when it is another thing.
 * @param {string} text
 */
export function readEnrolmentCode(text) {
  return FORM.exec(text.trim())?.[1] ?? null;
}
