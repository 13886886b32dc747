// @ts-check
/** Looking a person's databases through, piece by piece, so that saves go on in between: every table, and the bytes of every photo that is only here. */

import { StoreError } from "./error.js";
import { isWhole } from "./photo.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {{schema: "main" | "photo", table: string} | {sha256: string}} Piece */

const TABLES = "select name from main.sqlite_schema where type = 'table' and sql not like 'create virtual%'";
/** The bytes themselves are proven by their hash; those the archive has could be fetched again. */
const PHOTO_TABLES = ["file", "small", "earlier"];
const ONLY_HERE = `select sha256 from photo.file as file where exists (select 1 from naming where naming.sha256 = file.sha256 and naming.held_at is null)
  or exists (select 1 from draft where instr(draft.body, file.sha256) > 0)`;

/** All of it once in a worker's life: at every start it would take longer than all else. */
export class Check {
  /** What is left, by person; the last comes next. @type {Map<string, Piece[]>} */
  #left = new Map();

  /**
   * Look one more piece through.
   * @param {Database} db
   * @returns {Promise<boolean>} whether something is left
   * @throws {StoreError} `StorageDamaged`
   */
  async next(db) {
    const pieces = this.#left.get(db.person) ?? piecesOf(db);
    this.#left.set(db.person, pieces);
    const piece = pieces.pop();
    if (piece && !(await isSound(db, piece))) throw new StoreError("StorageDamaged", `${JSON.stringify(piece)} of ${db.person} is damaged`);
    return pieces.length > 0;
  }
}

/** @param {Database} db @returns {Piece[]} */
function piecesOf(db) {
  const tables = db.rows(TABLES).map(({ name }) => /** @type {const} */ ({ schema: "main", table: String(name) }));
  const photos = PHOTO_TABLES.map((table) => /** @type {const} */ ({ schema: "photo", table }));
  return [...db.rows(ONLY_HERE).map(({ sha256 }) => ({ sha256: String(sha256) })), ...photos, ...tables];
}

/** @param {Database} db @param {Piece} piece */
async function isSound(db, piece) {
  if ("table" in piece) return db.isSound(piece.schema, piece.table);
  // Removed since.
  if (!db.row("select 1 from photo.file where sha256 = :sha256", piece)) return true;
  return isWhole(db, piece.sha256);
}
