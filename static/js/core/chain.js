// @ts-check
// The hash chain of a stream (PROTOCOL 5): what was pulled follows without a gap from what was pulled before.

import { fromHash, isHash, toHex } from "./hex.js";
import { isObject } from "./ijson.js";
import { isInstant } from "./instant.js";
import { isHashList, isKind, isPerson, parse } from "./record.js";
import { Refusal } from "./refusal.js";
import { isId } from "./uuid7.js";

/** @import { Bytes, CryptoPort, Json } from "./port.js" */
/** @import { SealedRecord } from "./record.js" */

/** @typedef {{position: number, head: string}} Place the last position held and the head there; position 0 has head₀ */
/**
 * @typedef {object} Erased what stays known of a record erased by law: folding still needs it
 * @property {string} id
 * @property {string} kind
 * @property {string} entity
 * @property {string} author
 * @property {string[]} supersedes
 */
/** @typedef {{position: number, head: string, appended_at: string, hash: string, record: string | null, erased: Erased | null}} Line one of the last two is null */

export class ChainBroken extends Error {
  /**
   * @param {string} stream
   * @param {number} position
   * @param {string} detail
   * @param {{cause?: unknown}} [options]
   */
  constructor(stream, position, detail, options) {
    super(`${stream} at ${position}: ${detail}`, options);
    this.name = "ChainBroken";
    this.stream = stream;
    this.position = position;
  }
}

/**
 * Compute the head of an empty stream, as hex.
 * @param {string} archive
 * @param {string} stream
 * @param {Pick<CryptoPort, "digest">} crypto
 */
export async function head0(archive, stream, crypto) {
  return toHex(await crypto.digest(new TextEncoder().encode(`fieldapp-1${archive}${stream}`)));
}

/**
 * Compute the next head, as hex.
 * @param {string} head
 * @param {string} hash of the record appended
 * @param {Pick<CryptoPort, "digest">} crypto
 */
export async function extend(head, hash, crypto) {
  const bytes = new Uint8Array(64);
  bytes.set(fromHash(head));
  bytes.set(fromHash(hash), 32);
  return toHex(await crypto.digest(bytes));
}

/**
 * Check a pulled page against the place it continues. Raises ChainBroken at the first line that does not follow;
 * then nothing of the page may be kept. Seals are not checked here.
 * @param {string} stream
 * @param {Place} from
 * @param {Json[]} lines
 * @param {Pick<CryptoPort, "digest">} crypto
 * @returns {Promise<{place: Place, entries: {line: Line, record: SealedRecord | null}[]}>}
 */
export async function verifyPage(stream, from, lines, crypto) {
  let place = from;
  const entries = [];
  for (const item of lines) {
    const position = place.position + 1;
    const line = asLine(stream, position, item);
    const head = await extend(place.head, line.hash, crypto);
    if (head !== line.head) throw new ChainBroken(stream, position, "the head does not follow");
    entries.push({ line, record: await recordOf(stream, line, crypto) });
    place = { position, head };
  }
  return { place, entries };
}

/**
 * @param {string} stream
 * @param {number} position
 * @param {Json} item
 * @returns {Line}
 */
function asLine(stream, position, item) {
  if (!isObject(item)) throw new ChainBroken(stream, position, "not a line of a page");
  const { hash, head, appended_at, record, erased } = item;
  const has_form = isHash(hash) && isHash(head) && isInstant(appended_at);
  const has_rest = typeof record === "string" ? erased === null : record === null && isErased(erased);
  if (!has_form || !has_rest) throw new ChainBroken(stream, position, "not a line of a page");
  if (item["position"] !== position) throw new ChainBroken(stream, position, "another position stands here");
  return /** @type {Line} */ (/** @type {unknown} */ ({ position, hash, head, appended_at, record, erased }));
}

/** @param {Json | undefined} value */
function isErased(value) {
  if (value === undefined || !isObject(value)) return false;
  const { id, kind, entity, author, supersedes, ...rest } = value;
  const has_names = isId(id) && isKind(kind) && isId(entity) && isPerson(author) && isHashList(supersedes);
  return has_names && Object.keys(rest).length === 0;
}

/**
 * @param {string} stream
 * @param {Line} line
 * @param {Pick<CryptoPort, "digest">} crypto
 */
async function recordOf(stream, line, crypto) {
  if (line.record === null) return null;
  const record = await readRecord(stream, line, crypto);
  if (record.hash !== line.hash) throw new ChainBroken(stream, line.position, "the record has another hash");
  if (record.stream !== stream) throw new ChainBroken(stream, line.position, "the record is of another stream");
  return record;
}

/**
 * @param {string} stream
 * @param {Line} line
 * @param {Pick<CryptoPort, "digest">} crypto
 */
async function readRecord(stream, line, crypto) {
  try {
    return await parse(line.record ?? "", crypto);
  } catch (cause) {
    if (cause instanceof Refusal) throw new ChainBroken(stream, line.position, cause.message, { cause });
    throw cause;
  }
}
