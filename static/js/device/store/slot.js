// @ts-check
/**
 * The first sector of a pool file, as SQLite's opfs-sahpool writes it: 512 bytes path, 4 bytes flags (big-endian), 8 bytes digest.
 * Pure. The digest must be computed exactly as sqlite-wasm does ("V2"); a header it does not accept makes it DISCARD the file,
 * so every header is judged here before sqlite-wasm sees it.
 */

export const SECTOR_BYTES = 4096;
export const HEADER_BYTES = 524;
const PATH_BYTES = 512;
const CORPUS_BYTES = 516;

const DELETE_ON_CLOSE = 0x8;
const MAIN_DB = 0x100;
const MAIN_JOURNAL = 0x800;
const SUPER_JOURNAL = 0x4000;
const WAL = 0x80000;
const DIGEST_V2 = 0x80;
const PERSISTENT = MAIN_DB | MAIN_JOURNAL | SUPER_JOURNAL | WAL;

/**
 * @typedef {object} Header
 * @property {"named" | "free" | "damaged"} state
 * @property {string} path empty unless named
 * @property {number} flags
 */

/**
 * Compute the two words of the digest over path and flags.
 * @param {Uint8Array} corpus 516 bytes
 * @param {number} flags
 */
export function digest(corpus, flags) {
  if ((flags & DIGEST_V2) === 0) return new Uint32Array([0, 0]);
  let first = 0xdeadbeef;
  let second = 0x41c6ce57;
  for (const byte of corpus) {
    first = Math.imul(first ^ byte, 2654435761);
    second = Math.imul(second ^ byte, 104729);
  }
  return new Uint32Array([first >>> 0, second >>> 0]);
}

/**
 * Judge a header. Temporary files left by a crash count as free: SQLite drops them.
 * @param {Uint8Array} bytes at least 524
 * @returns {Header}
 */
export function readHeader(bytes) {
  const corpus = bytes.subarray(0, CORPUS_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const flags = view.getUint32(PATH_BYTES);
  const expected = digest(corpus, flags);
  const isWhole = view.getUint32(CORPUS_BYTES, true) === expected[0] && view.getUint32(CORPUS_BYTES + 4, true) === expected[1];
  if (!isWhole) return { state: "damaged", path: "", flags };
  const end = corpus.indexOf(0);
  if (end === 0) return { state: "free", path: "", flags };
  if ((flags & DELETE_ON_CLOSE) !== 0) return { state: "free", path: "", flags };
  if (end < 0 || (flags & PERSISTENT) === 0) return { state: "damaged", path: "", flags };
  return { state: "named", path: new TextDecoder().decode(corpus.subarray(0, end)), flags };
}

/**
 * Make a header that sqlite-wasm accepts; an empty path makes a free slot.
 * @param {string} path
 * @returns {Uint8Array}
 */
export function makeHeader(path) {
  const bytes = new Uint8Array(HEADER_BYTES);
  if (path === "") return bytes;
  new TextEncoder().encodeInto(path, bytes.subarray(0, PATH_BYTES - 1));
  const flags = (path.endsWith("-wal") ? WAL : MAIN_DB) | DIGEST_V2;
  const view = new DataView(bytes.buffer);
  view.setUint32(PATH_BYTES, flags);
  const words = digest(bytes.subarray(0, CORPUS_BYTES), flags);
  view.setUint32(CORPUS_BYTES, words[0], true);
  view.setUint32(CORPUS_BYTES + 4, words[1], true);
  return bytes;
}

/**
 * Tell what a slot's content is by its first bytes, whatever its header says.
 * @param {Uint8Array} bytes the 16 bytes after the sector
 * @returns {"database" | "wal" | "other"}
 */
export function contentOf(bytes) {
  const magic = "SQLite format 3\0";
  if (magic.split("").every((letter, at) => bytes[at] === letter.charCodeAt(0))) return "database";
  const isWal = bytes[0] === 0x37 && bytes[1] === 0x7f && bytes[2] === 0x06 && (bytes[3] === 0x82 || bytes[3] === 0x83);
  return isWal ? "wal" : "other";
}

/**
 * Tell whose file a path is and which of the two: `i05` of `/i05.db` and of `/i05-photo.db`; null of any other file.
 * (No person's name ends in `-photo`: enrolment refuses it.)
 * @param {string} path
 * @returns {{person: string, part: "main" | "photo"} | null}
 */
export function ownerOf(path) {
  const person = /^\/([a-z0-9][a-z0-9-]{0,45})\.db$/.exec(path)?.[1];
  if (person === undefined) return null;
  return person.endsWith("-photo") ? { person: person.slice(0, -"-photo".length), part: "photo" } : { person, part: "main" };
}

/**
 * Return the paths of a person's two databases.
 * @param {string} person
 */
export function pathsOf(person) {
  return { main: `/${person}.db`, photo: `/${person}-photo.db` };
}
