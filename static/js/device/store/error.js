// @ts-check
/** What the store raises on purpose. Errors cross from the worker to the page as plain objects and are rebuilt there. */

/**
 * @typedef {"InUseElsewhere" | "UnknownPerson" | "UnknownDraft" | "UnknownCall" | "StorageFull" | "NewerDatabase" | "NoStorage" | "NoKey" |
 *   "NotProven" | "AnnexOpen" | "TooLarge" | "PhotoBroken" | "BadArgument" | "NoPackageKey" | "NotAnAnswer" | "Busy" | "StorageDamaged" | "StoreBug"} StoreErrorName
 */

/** @typedef {{name: string, message: string, detail?: unknown}} PlainError */

export class StoreError extends Error {
  /**
   * @param {StoreErrorName} name
   * @param {string} message
   * @param {unknown} [detail] facts a screen may show; must survive structured cloning
   */
  constructor(name, message, detail) {
    super(message);
    this.name = name;
    this.detail = detail;
  }
}

const FULL = 13;
const IO_ERROR = 10;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/**
 * Return SQLite's primary result code of an error, or 0 when SQLite did not raise it.
 * @param {unknown} error
 */
function resultCode(error) {
  const code = /** @type {{resultCode?: unknown}} */ (error ?? {}).resultCode;
  return typeof code === "number" ? code & 0xff : 0;
}

/**
 * Tell whether SQLite itself found the database damaged.
 * @param {unknown} error
 */
export function isDamage(error) {
  const code = resultCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE || (error instanceof StoreError && error.name === "StorageDamaged");
}

/**
 * Tell whether there is no room left: SQLite's own code, the browser's, or an I/O error after a write that found no room.
 * @param {unknown} error
 * @param {boolean} [hasNoRoom] whether a write of the pool found none
 */
export function isFull(error, hasNoRoom = false) {
  const code = resultCode(error);
  const isQuota = error instanceof DOMException && error.name === "QuotaExceededError";
  return isQuota || code === FULL || (hasNoRoom && code === IO_ERROR);
}

/** Return the error for a call there was no room for; nothing of it is stored. */
export function noRoom() {
  return new StoreError("StorageFull", "there is no room left on this phone");
}

/**
 * Return the plain object that crosses to the page.
 * @param {unknown} error
 * @returns {PlainError}
 */
export function plain(error) {
  if (isFull(error)) return plain(noRoom());
  if (error instanceof StoreError) return { name: error.name, message: error.message, detail: error.detail };
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "StoreBug", message: String(error) };
}
