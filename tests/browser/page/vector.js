// @ts-check
// Judges one vector as the phone would: `judge(vector)` gives what stands under `expect`.
import { judgeKeys } from "../../../static/js/core/certificate.js";
import { ChainBroken, head0, verifyPage } from "../../../static/js/core/chain.js";
import { row } from "../../../static/js/core/fold.js";
import { grams } from "../../../static/js/core/grams.js";
import { parse as parseJson } from "../../../static/js/core/ijson.js";
import { decode } from "../../../static/js/core/base64url.js";
import { encrypt, openKeyFile, openLetter, writeKeyFile, writeLetter } from "../../../static/js/core/jwe.js";
import { thumbprint } from "../../../static/js/core/jwk.js";
import { distanceM } from "../../../static/js/core/place.js";
import { parse, verify } from "../../../static/js/core/record.js";
import { Refusal } from "../../../static/js/core/refusal.js";
import { ENROL_TYP, RECEIPT_TYP, parse as parseStatement, readReceipt, readTime } from "../../../static/js/core/statement.js";
import { webCrypto } from "../../../static/js/device/crypto.js";
import { opening } from "../../../static/js/desk/opening.js";
import { agree, secrecy } from "../../../static/js/device/secrecy.js";

/** @typedef {any} Vector as read from its file; tests/vectors/README.md says what stands where */

/** @type {Record<string, (vector: Vector) => Promise<unknown>>} */
const JUDGES = {
  record: judgeRecord,
  statement: judgeStatement,
  keys: judgeStream,
  chain: judgeChain,
  fold: async ({ input }) => ({ row: foldAnyOrder(input) }),
  jwe: judgeJwe,
  letter: judgeLetter,
  key_file: judgeKeyFile,
  ijson: judgeJson,
  grams: async ({ input }) => ({ grams: grams(input.text) }),
  place: async ({ input }) => ({ distance_m: distanceM(input.from, input.to) }),
};

/** @param {Vector} vector */
async function judge(vector) {
  return JUDGES[vector.kind]?.(vector);
}

/** @param {Vector} vector */
async function judgeRecord({ input, keys }) {
  return refusedOr(async () => {
    const record = await parse(bytesOf(input), webCrypto);
    const jwk = keys[record.kid];
    if (jwk === undefined) throw new Refusal("unknown-key", record.kid);
    if ((await thumbprint(jwk, webCrypto)) !== record.kid) throw new Error("the vector names a key wrongly");
    await verify(record, jwk, webCrypto);
    return { verdict: "good", hash: record.hash };
  });
}

/** @param {Vector} vector */
async function judgeStatement({ input, pinned }) {
  return refusedOr(async () => {
    if (input.typ === ENROL_TYP) return judgeEnrol(input.jws);
    const read = input.typ === RECEIPT_TYP ? readReceipt : readTime;
    await read(input.jws, pinned, webCrypto);
    return { verdict: "good" };
  });
}

/** A phone writes such requests and reads none; this reads one as the archive does. @param {string} jws */
async function judgeEnrol(jws) {
  const sealed = parseStatement(jws, ENROL_TYP);
  const jwk = /** @type {any} */ (sealed.payload["jwk"]);
  if ((await thumbprint(jwk, webCrypto)) !== sealed.kid) throw new Refusal("not-a-record", "sealed by another key");
  await verify(sealed, jwk, webCrypto);
  return { verdict: "good" };
}

/** @param {Vector} vector */
async function judgeStream({ input }) {
  return refusedOr(async () => {
    const ring = await judgeKeys(input.archive, input.records, webCrypto);
    return {
      verdict: "good",
      archive_keys: Object.keys(ring.archive_keys),
      current: ring.current,
      persons: Object.fromEntries(Object.values(ring.certificates).map(({ kid, person }) => [kid, person])),
      revoked: Object.keys(ring.revoked),
      ...(Object.keys(ring.vouched).length > 0 ? { vouched: ring.vouched } : {}),
    };
  });
}

/** @param {Vector} vector */
async function judgeChain({ input }) {
  const { archive, stream, from, lines } = input;
  const is_begun = from.position > 0 || from.head === (await head0(archive, stream, webCrypto));
  if (!is_begun) throw new Error("the vector begins at another head");
  try {
    const { place } = await verifyPage(stream, from, lines, webCrypto);
    return { verdict: "good", ...place };
  } catch (error) {
    if (error instanceof ChainBroken) return { verdict: "broken", position: error.position };
    throw error;
  }
}

/** Encrypt with what else is drawn by lot. @param {Vector} vector */
async function judgeJwe({ input }) {
  const { recipient, place, ephemeral, key, iv } = input;
  return { jwe: await encrypt(recipient, place, /** @type {any} */ (bytesOf(input)), drawing([key, iv], [ephemeral])) };
}

/** A port whose chance is given, in the order it is drawn. @param {string[]} texts @param {any[]} ephemerals */
function drawing(texts, ephemerals) {
  const [drawn, keys] = [texts.map(decode), [...ephemerals]];
  return {
    ...secrecy,
    agree: async (/** @type {any} */ jwk) => agree(jwk, await pairOf(keys.shift())),
    random: () => /** @type {any} */ (drawn.shift()),
  };
}

/** @param {any} jwk with its private half */
async function pairOf({ d, ...open }) {
  const algorithm = { name: "ECDH", namedCurve: "P-256" };
  return {
    privateKey: await crypto.subtle.importKey("jwk", { ...open, d }, algorithm, false, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("jwk", open, algorithm, true, []),
  };
}

/** Write it with what else is drawn by lot; all it is written to open it, a stranger does not. @param {Vector} vector */
async function judgeLetter({ input, expect }) {
  const { readers, of, content, opened_by, ephemerals, key, iv } = input;
  for (const own of opened_by) {
    const opened = await openLetter(expect.letter, own, of, opening);
    if (JSON.stringify(opened) !== JSON.stringify(content)) throw new Error("it says something else");
    await refusedAs("misplaced", () => openLetter(expect.letter, own, "another", opening));
    await refusedAs("other-key", () => openLetter(expect.letter, { ...own, kid: "another" }, of, opening));
    await refusedAs("not-a-letter", () => openLetter({ ...expect.letter, tag: "A".repeat(22) }, own, of, opening));
  }
  return { letter: await writeLetter(readers, of, content, drawing([key, iv], ephemerals)) };
}

/** @param {string} reason @param {() => Promise<unknown>} work */
async function refusedAs(reason, work) {
  const found = await refusedOr(work);
  if (/** @type {any} */ (found).reason !== reason) throw new Error(`not refused as ${reason}`);
}

/** Open it; what opens is also written as it is. @param {Vector} vector */
async function judgeKeyFile({ input }) {
  const { file, passphrase, own, key, iv, salt } = input;
  try {
    const opened = await openKeyFile(file, passphrase, opening);
    const written = await writeKeyFile({ kid: opened.kid, jwk: own }, passphrase, { ...opening, ...drawing([key, iv, salt], []) });
    if (written !== file) throw new Error("it is written otherwise");
    return opened;
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason };
    throw error;
  }
}

/** @param {Vector} vector */
async function judgeJson({ input }) {
  try {
    return { verdict: "good", value: parseJson(bytesOf(input)) };
  } catch (error) {
    if (error instanceof Refusal) return { verdict: "refused" };
    throw error;
  }
}

/** @param {Vector} input */
function foldAnyOrder({ records, is_shared }) {
  const leaves = records.map((/** @type {Vector} */ { hash, kid, payload }) => ({ body: null, captured_at: null, ...payload, hash, kid }));
  const rows = orders(leaves).map((order) => row(order, is_shared));
  if (new Set(rows.map((one) => JSON.stringify(one))).size > 1) throw new Error("the order changes the row");
  return rows[0];
}

/**
 * @template T
 * @param {T[]} items
 * @returns {T[][]} every order, and one with all items twice
 */
function orders(items) {
  if (items.length === 0) return [[]];
  const all = items.flatMap((item, at) => orders([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]));
  return [...all, [...items, ...items]];
}

/** @param {() => Promise<unknown>} work */
async function refusedOr(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return { verdict: "refused", reason: error.reason };
    throw error;
  }
}

/** @param {{jws?: string, base64?: string, filled?: {before: string, text: string, count: number, after: string}}} input */
function bytesOf({ jws, base64, filled }) {
  if (base64 !== undefined) return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (filled === undefined) return new TextEncoder().encode(jws);
  return new TextEncoder().encode(filled.before + filled.text.repeat(filled.count) + filled.after);
}

Object.assign(globalThis, { judge });
