// @ts-check
/**
 * What the archive says of one's own records. A verdict is only its word about one push; a receipt counts after its seal, archive, epoch
 * and stream were checked, and is the only thing that makes anything safe.
 */

import { presentKey } from "../../core/certificate.js";
import { Refusal } from "../../core/refusal.js";
import { readReceipt } from "../../core/statement.js";
import { parseInstant } from "../../core/instant.js";
import { wallMs } from "../clock.js";
import { payloadOf } from "./kind.js";
import { nowText } from "./moment.js";
import { notify } from "./notice.js";
import { doubt } from "./presenting.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/statement.js").Fact} Fact */
/** @typedef {import("../../core/certificate.js").Keyring} Keyring */
/** @typedef {import("../../core/port.js").CryptoPort} CryptoPort */
/** So long after bytes were sent whole, an archive that does not hold them gets them again; a relay may need a while. */
const RESEND_AFTER_MS = 3_600_000;

/** @typedef {{hash: string, verdict: string, reason?: string | null, detail?: string | null, missing?: string[]}} Judged */

/**
 * Note the verdicts of a push.
 * @param {Database} db
 * @param {Judged[]} verdicts
 */
export function applyVerdicts(db, verdicts) {
  const sql = "update record set verdict = :verdict, reason = :reason, detail = :detail where hash = :hash and is_own = 1";
  db.transaction(() => {
    for (const { hash, verdict, reason, detail, missing } of verdicts) {
      db.run(sql, { hash, verdict, reason: reason ?? null, detail: detail ?? null });
      markMissing(db, hash, missing ?? []);
      // An archive that does not know a key it has given receipts to has lost it.
      if (verdict === "refused" && reason === "unknown-key") doubtKey(db, hash);
    }
  });
}

/**
 * @param {Database} db
 * @param {string} hash of a record whose key the archive does not know
 */
function doubtKey(db, hash) {
  const row = db.row("select stream, kid from record where hash = :hash and is_own = 1", { hash });
  if (row) doubt(db, row.stream, `key ${row.kid} is unknown`);
}

/**
 * Note what the archive lacks: what was believed sent, or even held, is sent again, and the record is safe no longer.
 * @param {Database} db
 * @param {string} record
 * @param {string[]} missing hashes of bytes
 */
function markMissing(db, record, missing) {
  db.run("update naming set is_missing = 0 where record = :record and is_missing = 1", { record });
  if (missing.length > 0) db.run("update record set completed_at = null where hash = :record and is_own = 1", { record });
  for (const sha256 of missing) {
    const sql = "update naming set is_missing = 1, sent_at = null, held_at = null where record = :record and sha256 = :sha256";
    db.run(sql, { record, sha256 });
  }
}

/**
 * Apply receipts; one that does not prove itself is skipped, and so is one by a key the archive has replaced: what it stated before is
 * kept here already, or stated again by the new one.
 * @param {Database} db
 * @param {Keyring} ring
 * @param {CryptoPort} port
 * @param {string[]} receipts
 * @param {Record<string, string[]>} [missing] bytes the archive lacks, by record
 * @param {string[]} [asked] hashes the archive was asked about: one it does not mention is not there and is sent again
 */
export async function applyReceipts(db, ring, port, receipts, missing = {}, asked = []) {
  let rejected = 0;
  /** @type {{jws: string, receipt: import("../../core/statement.js").Receipt}[]} */
  const proven = [];
  for (const jws of receipts) {
    try {
      const receipt = await readReceipt(jws, { archive: ring.archive, keys: presentKey(ring) }, port);
      proven.push({ jws, receipt });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      rejected += 1;
    }
  }
  const applied = db.transaction(() => {
    let count = 0;
    for (const { jws, receipt } of proven) count += applyOne(db, jws, receipt);
    for (const [hash, list] of Object.entries(missing)) markMissing(db, hash, list);
    const named = new Set([...Object.keys(missing), ...proven.flatMap(({ receipt }) => receipt.facts.map(({ hash }) => hash))]);
    if (rejected === 0) for (const hash of asked) if (!named.has(hash)) forgetAnswer(db, hash);
    return count;
  });
  return { applied, rejected };
}

/**
 * Take a record as never sent. Where a receipt says it was received, the archive has lost it: that receipt is shown to it.
 * @param {Database} db
 * @param {string} hash
 */
function forgetAnswer(db, hash) {
  const proven = db.row("select stream, receipt from record where hash = :hash and is_own = 1 and receipt is not null", { hash });
  if (proven) doubt(db, proven.stream, `${hash} is gone`, proven.receipt);
  const changed = db.run(
    `update record set verdict = null, reason = null, detail = null, received_at = null, completed_at = null, position = null, receipt = null
     where hash = :hash and is_own = 1 and verdict is not 'quarantined'`,
    { hash },
  );
  if (changed > 0) db.run("update naming set sent_at = null, held_at = null, is_missing = 0, upload = null where record = :hash", { hash });
}

/**
 * @param {Database} db
 * @param {string} jws
 * @param {import("../../core/statement.js").Receipt} receipt
 * @returns {number} how many facts concerned records here
 */
function applyOne(db, jws, receipt) {
  const epoch = setting(db, "epoch");
  if (receipt.epoch < (epoch ?? 1)) return 0;
  if (receipt.epoch !== epoch) newEpoch(db, receipt.epoch);
  return receipt.facts.filter((fact) => applyFact(db, jws, fact, receipt.issued_at)).length;
}

/**
 * @param {Database} db
 * @param {string} jws
 * @param {Fact} fact
 * @param {string} issued_at
 */
function applyFact(db, jws, fact, issued_at) {
  const row = db.row("select hash, stream, position, received_at, completed_at, receipt from record where hash = :hash", { hash: fact.hash });
  if (!row || row.stream !== fact.stream) return false;
  if (contradicts(db, row, fact)) {
    tellContradiction(db, row, fact, jws);
    return false;
  }
  db.run(
    `update record set position = :position, received_at = coalesce(received_at, :appended_at),
       completed_at = coalesce(completed_at, :completed_at), receipt = :jws, verdict = 'appended', reason = null, detail = null
     where hash = :hash`,
    { hash: fact.hash, position: fact.position, appended_at: fact.appended_at, completed_at: fact.completed_at, jws },
  );
  for (const naming of db.rows("select number, sha256, sent_at from naming where record = :hash", { hash: fact.hash })) {
    applyHeld(db, naming, fact.held.includes(naming.sha256) ? issued_at : null);
  }
  return true;
}

/**
 * Note whether the archive holds the bytes of a naming now. Those sent long ago and not held are sent again.
 * @param {Database} db
 * @param {import("./database.js").Row} naming with number, sent_at
 * @param {string | null} held_at the archive's time of saying so
 */
function applyHeld(db, { number, sent_at }, held_at) {
  if (held_at !== null) {
    const sql = `update naming set sent_at = coalesce(sent_at, :now), held_at = coalesce(held_at, :held_at), is_missing = 0, upload = null
      where number = :number`;
    db.run(sql, { number, now: nowText(), held_at });
    return;
  }
  const age_ms = sent_at === null ? 0 : Math.abs(wallMs() - parseInstant(sent_at).ms);
  const again = age_ms > RESEND_AFTER_MS ? ", sent_at = null" : "";
  db.run(`update naming set held_at = null${again} where number = :number`, { number });
}

/**
 * Two positions of one record, one position of two records, or two heads at one position, in one epoch: history was rewritten.
 * @param {Database} db
 * @param {import("./database.js").Row} row
 * @param {Fact} fact
 */
function contradicts(db, row, fact) {
  const { hash, stream, position, head } = fact;
  if (row.received_at !== null && row.position !== position) return true;
  const known = row.receipt === null ? null : headIn(row.receipt, hash);
  if (known !== null && known !== head) return true;
  const other = `select 1 from record where stream = :stream and position = :position and hash <> :hash
    union select 1 from stream_head where stream = :stream and position = :position and head <> :head`;
  return db.row(other, { stream, position, hash, head }) !== null;
}

/**
 * The head a receipt kept here names for a record.
 * @param {string} jws
 * @param {string} hash
 * @returns {string | null}
 */
function headIn(jws, hash) {
  const { facts } = /** @type {{facts: Fact[]}} */ (/** @type {unknown} */ (payloadOf(jws)));
  return facts.find((fact) => fact.hash === hash)?.head ?? null;
}

/**
 * Tell the person once, with both receipts as evidence, and show the archive what it said before.
 * @param {Database} db
 * @param {import("./database.js").Row} row
 * @param {Fact} fact
 * @param {string} jws the receipt that contradicts
 */
function tellContradiction(db, row, fact, jws) {
  const { hash, stream, position, head } = fact;
  if (!doubt(db, stream, `${hash} ${position} ${head}`, row.receipt)) return;
  const known = "select 1 from notice where what = 'archive-changed' and json_extract(detail, '$.hash') = :hash and json_extract(detail, '$.head') = :head";
  if (db.row(known, { hash, head })) return;
  const receipts = [row.receipt, jws].filter((each) => each !== null);
  notify(db, "archive-changed", { hash, stream, position: row.position, other: position, head, receipts });
}

/**
 * The archive was rolled back and says so: everything own is offered again, everything pulled is asked for again. The first epoch a phone
 * hears of is only noted.
 * @param {Database} db
 * @param {number} epoch
 */
export function newEpoch(db, epoch) {
  db.transaction(() => {
    const before = setting(db, "epoch");
    set(db, "epoch", epoch);
    if (before === null) return;
    db.run(`update record set verdict = null, reason = null, detail = null, received_at = null, completed_at = null, position = null,
      receipt = null where is_own = 1`);
    db.run("update record set position = null where is_own = 0");
    db.run("update naming set sent_at = null, held_at = null, is_missing = 0, upload = null");
    db.run("delete from stream_head");
    db.run("update certificate set position = null");
    set(db, "doubt", null);
    notify(db, "archive-restored", { epoch });
  });
}
