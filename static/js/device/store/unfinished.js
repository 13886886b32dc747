// @ts-check
/** What a kill may have left half done in a person's databases: finished at every opening, before anybody works with them. */

import { webCrypto } from "../crypto.js";
import { finishForgetting } from "./annex.js";
import { forgetEarlierBallots } from "./ballot_box.js";
import { finishBlurring } from "./blur.js";
import { applyKept, finishErasing } from "./erasure.js";
import { keyring } from "./identity.js";
import { fitKinds } from "./kind.js";
import { catchUpLog } from "./seal.js";

/**
 * Finish it, and return the keys known.
 * @param {import("./database.js").Database} db
 * @param {{kinds: import("./kind.js").Kinds, log: import("./log.js").Log}} storage
 */
export async function finishAll(db, { kinds, log }) {
  fitKinds(db, kinds);
  if (catchUpLog(db, log) > 0) console.info("the log was behind the database");
  const ring = await keyring(db, webCrypto);
  db.transaction(() => applyKept(db, kinds, ring));
  finishErasing(db, log);
  finishBlurring(db);
  finishForgetting(db);
  forgetEarlierBallots(db);
  return ring;
}
