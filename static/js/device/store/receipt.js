// @ts-check
/**
 * What the archive says of one's own records. A verdict is only its word about one push; a receipt counts after its seal, archive, epoch
 * and stream were checked, and is the only thing that makes anything safe.
 */

import { Refusal } from "../../core/refusal.js";
import { readReceipt } from "../../core/statement.js";
import { notify } from "./notice.js";
import { set, setting } from "./setting.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../../core/statement.js").Fact} Fact */
/** @typedef {import("../../core/certificate.js").Keyring} Keyring */
/** @typedef {import("../../core/port.js").CryptoPort} CryptoPort */
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
    }
  });
}

/**
 * @param {Database} db
 * @param {string} record
 * @param {string[]} missing hashes of bytes the archive does not hold: what was believed sent is to be sent again
 */
function markMissing(db, record, missing) {
  db.run("update naming set is_missing = 0 where record = :record and is_missing = 1", { record });
  for (const sha256 of missing) {
    db.run("update naming set is_missing = 1, is_sent = 0 where record = :record and sha256 = :sha256", { record, sha256 });
  }
}

/**
 * Apply receipts; one that does not prove itself is skipped.
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
      const receipt = await readReceipt(jws, { archive: ring.archive, keys: ring.archive_keys }, port);
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
 * Take a record as never sent.
 * @param {Database} db
 * @param {string} hash
 */
function forgetAnswer(db, hash) {
  db.run(
    `update record set verdict = null, reason = null, detail = null, received_at = null, position = null, receipt = null
     where hash = :hash and is_own = 1 and completed_at is null and verdict is not 'quarantined'`,
    { hash },
  );
}

/**
 * @param {Database} db
 * @param {string} jws
 * @param {import("../../core/statement.js").Receipt} receipt
 * @returns {number} how many facts concerned records here
 */
function applyOne(db, jws, receipt) {
  const epoch = setting(db, "epoch") ?? 1;
  if (receipt.epoch < epoch) return 0;
  if (receipt.epoch > epoch) newEpoch(db, receipt.epoch);
  return receipt.facts.filter((fact) => applyFact(db, jws, fact)).length;
}

/**
 * @param {Database} db
 * @param {string} jws
 * @param {Fact} fact
 */
function applyFact(db, jws, fact) {
  const row = db.row("select stream, position, received_at, completed_at from record where hash = :hash", { hash: fact.hash });
  if (!row || row.stream !== fact.stream) return false;
  if (contradicts(db, row, fact)) {
    notify(db, "archive-changed", { hash: fact.hash, position: row.position, other: fact.position });
    return false;
  }
  db.run(
    `update record set position = :position, received_at = coalesce(received_at, :appended_at),
       completed_at = coalesce(completed_at, :completed_at), receipt = :jws, verdict = 'appended', reason = null, detail = null
     where hash = :hash`,
    { hash: fact.hash, position: fact.position, appended_at: fact.appended_at, completed_at: fact.completed_at, jws },
  );
  if (fact.completed_at !== null) {
    db.run("update naming set is_sent = 1, is_missing = 0, upload = null where record = :hash and is_required = 1", { hash: fact.hash });
  }
  return true;
}

/**
 * Two positions of one record, or one position of two records, in one epoch: history was rewritten.
 * @param {Database} db
 * @param {import("./database.js").Row} row
 * @param {Fact} fact
 */
function contradicts(db, row, fact) {
  if (row.received_at !== null && row.position !== fact.position) return true;
  const sql = "select 1 from record where stream = :stream and position = :position and hash <> :hash";
  return db.row(sql, { stream: fact.stream, position: fact.position, hash: fact.hash }) !== null;
}

/**
 * The archive was rolled back and says so: everything own is offered again, everything pulled is asked for again.
 * @param {Database} db
 * @param {number} epoch
 */
export function newEpoch(db, epoch) {
  db.transaction(() => {
    db.run(`update record set verdict = null, reason = null, detail = null, received_at = null, completed_at = null, position = null,
      receipt = null where is_own = 1`);
    db.run("update record set position = null where is_own = 0");
    db.run("update naming set is_sent = 0, is_missing = 0, upload = null");
    db.run("delete from stream_head");
    set(db, "epoch", epoch);
  });
}
