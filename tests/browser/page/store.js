// @ts-check
// Gives the tests the phone's storage: calls that answer `{value}` or `{error}`, endless work that reports every answer
// outside the browser, and damage done to the files while nobody has them open.
import { capability } from "../../../static/js/device/capability.js";
import { now } from "../../../static/js/device/clock.js";
import { makeKey } from "../../../static/js/device/key.js";
import { Store } from "../../../static/js/device/store.js";

/** @typedef {(line: unknown) => Promise<void>} Acknowledge given by the test, answered outside the browser */

const store = new Store(new URL("store_worker.js", import.meta.url));
/** @type {any[]} */
const events = [];
for (const name of /** @type {const} */ (["changed", "lease", "notice", "sync", "rebuilding", "fault"])) {
  store.on(name, (event) => void events.push(event));
}

/**
 * Make a call and report the outcome as a plain object.
 * @param {string} name
 * @param {any} [args] `blob: [bytes]` becomes a Blob
 */
async function call(name, args) {
  try {
    const value = await store.call(name, withBlob(args));
    return { value: value instanceof Uint8Array ? [...value] : value };
  } catch (error) {
    const { name: kind, message, detail } = /** @type {Error & {detail?: unknown}} */ (error);
    return { error: { name: kind, message, detail: detail ?? null } };
  }
}

/** @param {any} args */
function withBlob(args) {
  if (typeof args?.blob !== "string") return args;
  return { ...args, blob: new Blob([Uint8Array.from(atob(args.blob), (letter) => letter.charCodeAt(0))]) };
}

/**
 * Repeat something until killed; every finished round is reported outside the browser.
 * @param {(round: number) => Promise<unknown>} work
 */
async function endlessly(work) {
  const acknowledge = /** @type {Acknowledge} */ (/** @type {any} */ (globalThis).acknowledge);
  for (let round = 0; ; round += 1) await acknowledge(await work(round));
}

/** Type into a draft. @param {string} id */
function typeEndlessly(id) {
  const run = Date.now();
  return endlessly(async (round) => {
    const what = `${run}:${String(round).padStart(6, "0")} ${"字".repeat(round % 400)}`;
    await store.call("saveDraft", { id, body: { what } });
    return { what };
  });
}

/** Draw a picture nobody has drawn before. */
async function picture() {
  const canvas = new OffscreenCanvas(320, 240);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pixels = context.createImageData(320, 240);
  for (let at = 0; at < pixels.data.length; at += 65_536) crypto.getRandomValues(pixels.data.subarray(at, at + 65_536));
  context.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
}

/** Take photos. @param {string} stream */
function photographEndlessly(stream) {
  return endlessly(async () => {
    const draft = await store.call("openDraft", { kind: "photo", v: 1, stream, body: { caption: "" } });
    const added = await store.call("addPhoto", { draft: draft.id, blob: await picture() });
    return { draft: draft.id, original: added.original.sha256, view: added.view.sha256 };
  });
}

/** Write an entry and a photo, and seal them with a submission. @param {string} stream */
function sealEndlessly(stream) {
  return endlessly(async (round) => {
    const visit = await store.call("openDraft", { kind: "visit", v: 1, stream, body: { summary: `round ${round}` } });
    const entry = await store.call("openDraft", { kind: "entry", v: 1, stream, visit: visit.id, body: { visit: visit.id, what: "裂缝" } });
    const manifest = await store.call("openDraft", { kind: "submission", v: 1, stream, visit: visit.id, body: { visit: visit.id, records: [] } });
    return store.call("seal", { drafts: [visit.id, entry.id], manifest: manifest.id });
  });
}

/** Apply receipts one by one, each for one record. @param {{hash: string, receipt: string}[]} receipts */
async function applyOneByOne(receipts) {
  const acknowledge = /** @type {Acknowledge} */ (/** @type {any} */ (globalThis).acknowledge);
  for (const { hash, receipt } of receipts) {
    const { applied } = await store.call("port", { name: "applyReceipts", args: [[receipt], {}, []] });
    await acknowledge({ hash, applied });
  }
}

/**
 * Grow old: make records safe whose receipts are long past, seal another, and let go of what has come of age.
 * @param {string} stream @param {string[]} receipts
 */
function ageEndlessly(stream, receipts) {
  let day = 0;
  return endlessly(async (round) => {
    const receipt = receipts[round % receipts.length];
    await store.call("port", { name: "applyReceipts", args: [[receipt], {}, []] });
    const { id } = await store.call("openDraft", { kind: "entry", v: 1, stream, body: { list: "achievement", what: "新" } });
    const sealed = (await store.call("seal", { drafts: [id] })).records[0].hash;
    await store.call("clock", { days: (day += 31) });
    const { records } = await store.call("tidy");
    return { sealed, records };
  });
}

/** Open files of the origin directly, which works only while no worker has them. */
const files = {
  /** @param {string} path @returns {Promise<FileSystemFileHandle>} */
  async handle(path) {
    const parts = path.split("/");
    const name = /** @type {string} */ (parts.pop());
    let directory = await navigator.storage.getDirectory();
    for (const part of parts) directory = await directory.getDirectoryHandle(part);
    return directory.getFileHandle(name);
  },
  /** Names under a directory. @param {string} path */
  async names(path) {
    let directory = await navigator.storage.getDirectory();
    for (const part of path.split("/").filter(Boolean)) directory = await directory.getDirectoryHandle(part);
    const names = [];
    for await (const name of directory.keys()) names.push(name);
    return names.sort();
  },
  /** @param {string} path @param {number} at @param {number} length */
  async read(path, at, length) {
    const file = await (await files.handle(path)).getFile();
    return [...new Uint8Array(await file.slice(at, at + length).arrayBuffer())];
  },
  /** @param {string} path */
  async text(path) {
    return (await (await files.handle(path)).getFile()).text();
  },
  /** @param {string} path */
  async size(path) {
    return (await (await files.handle(path)).getFile()).size;
  },
  /** @param {string} path @param {number} at @param {number[]} bytes */
  async write(path, at, bytes) {
    const stream = await (await files.handle(path)).createWritable({ keepExistingData: true });
    await stream.write({ type: "write", position: at, data: new Uint8Array(bytes) });
    await stream.close();
  },
  /** @param {string} path @param {number} size */
  async truncate(path, size) {
    const stream = await (await files.handle(path)).createWritable({ keepExistingData: true });
    await stream.truncate(size);
    await stream.close();
  },
  /** The pool file that carries a path now. @param {string} pool @param {string} path */
  async slotOf(pool, path) {
    for (const name of await files.names(`${pool}/.opaque`)) {
      const header = await files.read(`${pool}/.opaque/${name}`, 0, 512);
      const text = String.fromCharCode(...header.slice(0, header.indexOf(0)));
      if (text === path) return `${pool}/.opaque/${name}`;
    }
    return null;
  },
};

/** @param {string} person */
async function newKey(person) {
  const { kid, jwk } = await makeKey(person, now());
  return { kid, jwk };
}

const work = { typeEndlessly, photographEndlessly, sealEndlessly, applyOneByOne, ageEndlessly };
Object.assign(globalThis, { phone: { call, events, files, newKey, ...work, capability: () => capability(store) } });
