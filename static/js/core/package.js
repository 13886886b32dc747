// @ts-check
// Packages as a phone writes and reads them (PROTOCOL 11): it packs what is not safe yet, and reads the receipts that come back.

import { encode } from "./base64url.js";
import { ContainerWriter, readContainer } from "./container.js";
import { toHex } from "./hex.js";
import { isObject, parse } from "./ijson.js";
import { PIECE_BYTES, encrypt } from "./jwe.js";
import { Refusal } from "./refusal.js";

/** @import { Bytes, Jwk, SecrecyPort } from "./port.js" */

const FORMAT = "fieldapp-package-1";
const MANIFEST = "manifest.json";
const KEYS = "keys.ndjson";
const RECEIPTS = "receipts.ndjson";

/** @typedef {{hash: string, size_bytes: number, photos: {sha256: string, size_bytes: number}[]}} Item a record, with its photos that are here */
/** @typedef {{pieces: string[][], photos: Map<string, number>, size_bytes: number, room: number}} Part what goes into one file */
/** @typedef {{archive: string, kid: string, jwk: Jwk, keys: string[]}} Destination */
/**
 * @typedef {object} Source where the content comes from, piece by piece
 * @property {(hashes: string[]) => Promise<string[]>} records JWS in the order asked
 * @property {(sha256: string, from: number, to: number) => Promise<Bytes>} photo
 */

/**
 * Say what goes into which file, so that every photo stands beside a record that names it.
 * @param {Item[]} items
 * @param {number} partBytes
 * @returns {Part[]} at least one
 */
export function plan(items, partBytes) {
  const parts = [emptyPart()];
  for (const item of items) {
    let part = /** @type {Part} */ (parts.at(-1));
    if (part.pieces.length > 0 && part.size_bytes + growth(part, item) > partBytes) parts.push((part = emptyPart()));
    part.size_bytes += growth(part, item);
    if (part.pieces.length === 0 || item.size_bytes + 1 > part.room) {
      part.pieces.push([]);
      part.room = PIECE_BYTES;
    }
    part.pieces.at(-1)?.push(item.hash);
    part.room -= item.size_bytes + 1;
    for (const { sha256, size_bytes } of item.photos) part.photos.set(sha256, size_bytes);
  }
  return parts;
}

/** @returns {Part} */
function emptyPart() {
  return { pieces: [], photos: new Map(), size_bytes: 0, room: 0 };
}

/**
 * @param {Part} part
 * @param {Item} item
 */
function growth(part, { size_bytes, photos }) {
  const fresh = photos.filter(({ sha256 }) => !part.photos.has(sha256)).reduce((sum, photo) => sum + photo.size_bytes, 0);
  return Math.floor(((size_bytes + fresh) * 4) / 3);
}

/**
 * Write one file of a package. Only one piece stands in memory at a time; the blobs are the browser's to put away.
 * @param {Part} part
 * @param {{destination: Destination, written_at: string, id: string, part: number, parts: number}} about
 * @param {Source} source
 * @param {SecrecyPort} port
 * @returns {Promise<Blob>}
 */
export async function writePart(part, about, source, port) {
  const writer = new PartWriter(about, port);
  await writer.plain(KEYS, about.destination.keys);
  await writer.plain(RECEIPTS, []);
  for (const [at, hashes] of part.pieces.entries()) {
    const lines = await source.records(hashes);
    if (lines.length !== hashes.length) throw new Refusal("count-differs", "a record is gone");
    await writer.piece("records", at + 1, part.pieces.length, text(lines));
  }
  for (const [sha256, size_bytes] of part.photos) {
    const total = Math.max(1, Math.ceil(size_bytes / PIECE_BYTES));
    for (let number = 1; number <= total; number += 1) {
      const from = (number - 1) * PIECE_BYTES;
      const bytes = await source.photo(sha256, from, Math.min(size_bytes, from + PIECE_BYTES));
      await writer.piece(`photos/${sha256}`, number, total, bytes);
    }
  }
  const records = part.pieces.reduce((sum, piece) => sum + piece.length, 0);
  return writer.close({ records, photos: part.photos.size, receipts: 0, keys: about.destination.keys.length });
}

/** Give a new package its id: 128 random bits. @param {Pick<SecrecyPort, "random">} port */
export function packageId(port) {
  return encode(port.random(16));
}

class PartWriter {
  /** @type {Blob[]} */
  #blobs = [];
  /** @type {{name: string, size_bytes: number, sha256: string}[]} */
  #members = [];
  #container = new ContainerWriter();

  /**
   * @param {Parameters<typeof writePart>[1]} about
   * @param {SecrecyPort} port
   */
  constructor(about, port) {
    this.about = about;
    this.port = port;
  }

  /**
   * @param {string} name
   * @param {string[]} lines
   */
  plain(name, lines) {
    return this.#add(name, text(lines));
  }

  /**
   * @param {string} thing
   * @param {number} number
   * @param {number} total
   * @param {Bytes} bytes
   */
  async piece(thing, number, total, bytes) {
    const { destination, id, part, parts } = this.about;
    const name = `${thing}/${String(number).padStart(4, "0")}.jwe`;
    const jwe = await encrypt(destination, { of: `${id}.${part}of${parts}`, name, total }, bytes, this.port);
    await this.#add(name, new TextEncoder().encode(jwe));
  }

  /**
   * @param {string} name
   * @param {Bytes} bytes
   */
  async #add(name, bytes) {
    this.#members.push({ name, size_bytes: bytes.length, sha256: toHex(await this.port.digest(bytes)) });
    this.#blobs.push(new Blob([this.#container.header(name, bytes), bytes]));
  }

  /** @param {{records: number, photos: number, receipts: number, keys: number}} counts */
  close(counts) {
    const { destination, written_at, id, part, parts } = this.about;
    const { archive, kid } = destination;
    const manifest = new TextEncoder().encode(JSON.stringify({
      format: FORMAT, archive, keys_of: archive, written_by: "phone", written_at, package: id, part, parts, encrypted_to: kid, counts,
      members: this.#members,
    }));
    const header = this.#container.header(MANIFEST, manifest);
    return new Blob([...this.#blobs, header, manifest, ...this.#container.close()], { type: "application/octet-stream" });
  }
}

/** @param {string[]} lines @returns {Bytes} */
function text(lines) {
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
}

/**
 * Read an answer: the receipts and key records in it, none of them checked yet. Raises a Refusal named as PROTOCOL 11 does.
 * @param {Bytes} bytes
 * @param {string} archive the pinned name
 * @param {Pick<SecrecyPort, "digest">} port
 */
export async function readAnswer(bytes, archive, port) {
  const members = readContainer(bytes);
  const manifest = manifestOf(members.get(MANIFEST));
  for (const [name, data] of members) {
    if (name === MANIFEST) continue;
    const said = manifest.members.find((one) => isObject(one) && one["name"] === name);
    if (!isObject(said)) throw new Refusal("manifest-differs", name);
    if (said["sha256"] !== toHex(await port.digest(data))) throw new Refusal("hash-differs", name);
  }
  if (manifest.archive !== archive) throw new Refusal("other-archive", "of another archive");
  return { receipts: linesOf(members.get(RECEIPTS)), keys: linesOf(members.get(KEYS)) };
}

/** @param {Bytes | undefined} bytes */
function manifestOf(bytes) {
  if (bytes === undefined) throw new Refusal("not-a-package", "without a manifest");
  const value = parse(bytes);
  if (!isObject(value) || value["format"] !== FORMAT || !Array.isArray(value["members"])) throw new Refusal("manifest-differs", "not of the form");
  return { archive: value["archive"], members: value["members"] };
}

/** @param {Bytes | undefined} bytes */
function linesOf(bytes) {
  return new TextDecoder().decode(bytes ?? new Uint8Array()).split("\n").filter((line) => line !== "");
}
