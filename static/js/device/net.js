// @ts-check
// The one module that calls fetch. Every request has a deadline; an answer that does not carry the archive's headers is
// a captive portal's, whatever its status says; errors are typed and hold plain facts.

import { isObject, parse } from "../core/ijson.js";
import { Problem, fromPlain } from "../core/problem.js";

/** @import { Bytes, Json, JsonObject } from "../core/port.js" */
/** @import { ClockPort } from "./clock.js" */

const DEADLINE_MS = 60_000;
/** A picture to look at has some 50 KB; it must not stand in the way for long. */
const SMALL_DEADLINE_MS = 30_000;
const OUR_HEADERS = ["Fieldapp-Archive", "Fieldapp-Protocol", "Fieldapp-Time"];
const STATION_HEADERS = ["Fieldapp-Archive", "Fieldapp-Protocol", "Fieldapp-Station"];
const TUS_VERSION = "1.0.0";
const UPLOAD_TYPE = "application/offset+octet-stream";

/** @typedef {{token: string, archive: string, received_at_ms: number, round_trip_ms: number}} Contact what any answer of the archive tells */
/** @typedef {{status: number, headers: Headers, bytes: Bytes, url: string}} Answer */
/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path below the base, or absolute
 * @property {Record<string, string>} [headers]
 * @property {Bytes | Blob | string} [body]
 * @property {number} [deadline_ms]
 */

/** No answer: no network, a deadline, a connection cut in the middle. */
export class Unreachable extends Error {
  /**
   * @param {string} detail
   * @param {{cause?: unknown}} [options]
   */
  constructor(detail, options) {
    super(detail, options);
    this.name = "Unreachable";
  }
}

/** An answer, but not from the archive of this phone: a captive portal, a proxy, another archive. */
export class NotTheArchive extends Error {
  /**
   * @param {string} detail
   * @param {number} [status] of the answer
   * @param {number | null} [retryAfterMs]
   */
  constructor(detail, status = 0, retryAfterMs = null) {
    super(detail);
    this.name = "NotTheArchive";
    this.status = status;
    this.retry_after_ms = retryAfterMs;
  }
}

/** The archive said no, with its wish when to come again. */
export class Rejected extends Error {
  /**
   * @param {Problem} problem
   * @param {number | null} retryAfterMs
   */
  constructor(problem, retryAfterMs) {
    super(problem.message, { cause: problem });
    this.name = "Rejected";
    this.problem = problem;
    this.status = problem.status;
    this.retry_after_ms = retryAfterMs;
  }
}

/** The calls of PROTOCOL 9. */
export class Net {
  /**
   * @param {object} options
   * @param {Pick<ClockPort, "wallMs" | "monotonicMs">} options.clock
   * @param {string} [options.base] where the calls live
   * @param {(contact: Contact) => void} [options.onContact] after every answer of the archive, also of a refusal
   * @param {boolean} [options.isStation] whether a relay answers: it keeps for an archive and has no time token
   */
  constructor({ clock, base = "/sync/1", onContact = () => {}, isStation = false }) {
    this.headers = isStation ? STATION_HEADERS : OUR_HEADERS;
    this.clock = clock;
    this.base = new URL(base, location.href).href;
    this.onContact = onContact;
    /** The name of the archive this phone is bound to; null before enrolment. @type {string | null} */
    this.archive = null;
    /** @type {Set<AbortController>} */
    this.open = new Set();
  }

  /** Break off everything in flight. */
  abort() {
    for (const controller of this.open) controller.abort();
  }

  /** Ask for nothing but the archive's headers. */
  async time() {
    await this.send({ method: "GET", path: "/time" });
  }

  /**
   * Ask to have a key enrolled.
   * @param {string} jws a `fieldapp-enrol` statement
   */
  async enrol(jws) {
    const answer = await this.send({ method: "POST", path: "/enrolments", body: jws });
    return objectOf(answer);
  }

  /**
   * List what may be read; null when nothing changed since that ETag.
   * @param {string | null} etag
   */
  async streams(etag) {
    /** @type {Record<string, string>} */
    const headers = etag === null ? {} : { "If-None-Match": etag };
    const answer = await this.send({ method: "GET", path: "/streams", headers });
    if (answer.status === 304) return null;
    return { etag: answer.headers.get("ETag"), body: objectOf(answer) };
  }

  /**
   * Pull a page of a stream.
   * @param {string} stream
   * @param {number} after position
   * @returns {Promise<Json[]>}
   */
  async page(stream, after) {
    const path = `/streams/${encodeURIComponent(stream)}/records?after=${after}`;
    return linesOf(await this.send({ method: "GET", path }));
  }

  /**
   * Push records.
   * @param {string[]} records JWS
   */
  async push(records) {
    const { bytes, is_packed } = await pack(records.map((jws) => `${jws}\n`).join(""));
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/x-ndjson" };
    if (is_packed) headers["Content-Encoding"] = "gzip";
    return objectOf(await this.send({ method: "POST", path: "/records", headers, body: bytes }));
  }

  /**
   * Ask for receipts, and show some that are held.
   * @param {string[]} hashes
   * @param {string[]} [presented]
   */
  async receipts(hashes, presented = []) {
    const headers = { "Content-Type": "application/json" };
    return objectOf(await this.send({ method: "POST", path: "/receipts", headers, body: JSON.stringify(presented.length === 0 ? { hashes } : { hashes, presented }) }));
  }

  /**
   * Send small photos whole, one after the other; the answer says which count, and has the receipts of their records.
   * @param {{record: string, sha256: string, size_bytes: number}[]} photos
   * @param {Bytes[]} bytes of each
   */
  async sendPhotos(photos, bytes) {
    const listed = photos.map(({ record, sha256, size_bytes }) => `${record} ${sha256} ${size_bytes}`).join(", ");
    const headers = { "Content-Type": "application/octet-stream", "Fieldapp-Photos": listed };
    return objectOf(await this.send({ method: "POST", path: "/photos/whole", headers, body: new Blob(bytes) }));
  }

  /**
   * Open an upload; gives its address and where the archive stands: at the end when it holds the bytes for this record already.
   * @param {{record: string, sha256: string, size_bytes: number}} photo
   */
  async createUpload({ record, sha256, size_bytes }) {
    const headers = {
      "Tus-Resumable": TUS_VERSION,
      "Upload-Length": String(size_bytes),
      "Upload-Metadata": `record ${btoa(record)},sha256 ${btoa(sha256)}`,
    };
    const answer = await this.send({ method: "POST", path: "/photos", headers });
    const location = answer.headers.get("Location");
    if (location === null) throw new NotTheArchive("an upload was made without an address", answer.status);
    const url = new URL(location, answer.url);
    if (url.origin !== new URL(this.base).origin) throw new NotTheArchive("an upload at another origin", answer.status);
    return { upload: url.pathname, offset: answer.headers.has("Upload-Offset") ? offsetOf(answer) : 0 };
  }

  /**
   * Ask how many bytes of an upload have arrived.
   * @param {string} upload
   */
  async uploadOffset(upload) {
    return offsetOf(await this.send({ method: "HEAD", path: upload, headers: { "Tus-Resumable": TUS_VERSION } }));
  }

  /**
   * Send a piece of an upload; gives the offset behind it.
   * @param {string} upload
   * @param {number} offset
   * @param {Bytes} bytes
   */
  async patchUpload(upload, offset, bytes) {
    const headers = {
      "Tus-Resumable": TUS_VERSION,
      "Upload-Offset": String(offset),
      "Content-Type": UPLOAD_TYPE,
    };
    return offsetOf(await this.send({ method: "PATCH", path: upload, headers, body: bytes }));
  }

  /**
   * Fetch the bytes of a photo.
   * @param {string} sha256
   * @returns {Promise<{bytes: Bytes, media_type: string}>}
   */
  async photo(sha256) {
    const answer = await this.send({ method: "GET", path: `/photos/${sha256}` });
    return { bytes: answer.bytes, media_type: answer.headers.get("Content-Type") ?? "application/octet-stream" };
  }

  /**
   * Fetch a small picture of a photo; null while the archive still makes it, with its wish when to come again.
   * @param {string} sha256
   * @returns {Promise<{bytes: Bytes | null, retry_after_ms: number | null}>}
   */
  async smallPhoto(sha256) {
    const answer = await this.send({ method: "GET", path: `/photos/${sha256}?size=small`, deadline_ms: SMALL_DEADLINE_MS });
    if (answer.status === 202) return { bytes: null, retry_after_ms: this.askedWaitMs(answer) };
    return { bytes: answer.bytes, retry_after_ms: null };
  }

  /**
   * Send one request and take its whole answer. Raises Unreachable, NotTheArchive or Rejected.
   * @param {Request} request
   * @returns {Promise<Answer>}
   */
  async send(request) {
    const began_ms = this.clock.monotonicMs();
    const answer = await this.exchange(request);
    const token = answer.headers.get("Fieldapp-Time") ?? "";
    const archive = answer.headers.get("Fieldapp-Archive") ?? "";
    if (!this.headers.every((name) => answer.headers.has(name))) throw this.strange(answer, "not an archive's answer");
    if (this.archive !== null && archive !== this.archive) throw this.strange(answer, "another archive's answer");
    const round_trip_ms = Math.round(this.clock.monotonicMs() - began_ms);
    this.onContact({ token, archive, received_at_ms: this.clock.wallMs(), round_trip_ms });
    if (answer.status >= 400) throw this.rejected(answer);
    return answer;
  }

  /**
   * @param {Request} request
   * @returns {Promise<Answer>}
   */
  async exchange({ method, path, headers = {}, body, deadline_ms = DEADLINE_MS }) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), deadline_ms);
    this.open.add(controller);
    try {
      const response = await fetch(this.addressOf(path), {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        cache: "no-store",
        credentials: "same-origin",
        redirect: "manual",
        signal: controller.signal,
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, bytes, url: response.url };
    } catch (cause) {
      throw new Unreachable(controller.signal.aborted ? "no answer in time" : "no connection", { cause });
    } finally {
      clearTimeout(timer);
      this.open.delete(controller);
    }
  }

  /** @param {string} path */
  addressOf(path) {
    const is_below = !path.startsWith(new URL(this.base).pathname);
    return is_below ? this.base + path : new URL(path, this.base).href;
  }

  /** @param {Answer} answer */
  rejected(answer) {
    return new Rejected(fromPlain(jsonOf(answer), answer.status), this.askedWaitMs(answer));
  }

  /**
   * @param {Answer} answer
   * @param {string} detail
   */
  strange(answer, detail) {
    return new NotTheArchive(detail, answer.status, this.askedWaitMs(answer));
  }

  /** @param {Answer} answer */
  askedWaitMs({ headers }) {
    const text = headers.get("Retry-After");
    return text === null ? null : retryAfterMs(text, this.clock.wallMs());
  }
}

/**
 * Read Retry-After: seconds, or a date (RFC 9110 §10.2.3); null when it is neither.
 * @param {string} text
 * @param {number} wallMs
 */
export function retryAfterMs(text, wallMs) {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  const at_ms = Date.parse(text);
  return Number.isNaN(at_ms) ? null : Math.max(0, at_ms - wallMs);
}

/**
 * @param {Answer} answer
 * @returns {Json | undefined} undefined when it is no JSON
 */
function jsonOf({ bytes }) {
  try {
    return parse(bytes);
  } catch {
    return undefined;
  }
}

/**
 * A body the connection cut short is no answer.
 * @param {Answer} answer
 * @returns {JsonObject}
 */
function objectOf(answer) {
  const body = jsonOf(answer);
  if (body === undefined || !isObject(body)) throw new Unreachable("the answer was cut short");
  return body;
}

/**
 * @param {Answer} answer
 * @returns {Json[]}
 */
function linesOf({ bytes }) {
  const lines = new TextDecoder().decode(bytes).split("\n");
  try {
    return lines.filter((line) => line !== "").map((line) => parse(line));
  } catch (cause) {
    throw new Unreachable("the answer was cut short", { cause });
  }
}

/** @param {Answer} answer */
function offsetOf({ headers, status }) {
  const text = headers.get("Upload-Offset") ?? "";
  if (!/^[0-9]{1,15}$/.test(text)) throw new NotTheArchive("an upload without an offset", status);
  return Number(text);
}

/**
 * Pack a text with gzip where the browser can (Firefox below 113 cannot).
 * @param {string} text
 * @returns {Promise<{bytes: Bytes, is_packed: boolean}>}
 */
async function pack(text) {
  const plain = new TextEncoder().encode(text);
  if (typeof CompressionStream === "undefined") return { bytes: plain, is_packed: false };
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  return { bytes: new Uint8Array(await new Response(stream).arrayBuffer()), is_packed: true };
}
