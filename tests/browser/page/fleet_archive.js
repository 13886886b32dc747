// @ts-check
// The archive of the simulation, as PROTOCOL.md describes it: it appends once, knows what is missing, and can be rolled back.

/** @typedef {{sha256: string, size_bytes: number}} Named */
/** @typedef {{hash: string, photos: Named[]}} Item */
/** @typedef {{hash: string, position: number, is_complete: boolean, held: string[], epoch: number}} Fact */
/** @typedef {{records: [string, {position: number, photos: Named[]}][], held: string[]}} Backup */

export class Archive {
  epoch = 1;
  /** @type {Map<string, {position: number, photos: Named[]}>} */
  records = new Map();
  /** Pairs of record and photo that are held. @type {Set<string>} */
  held = new Set();
  /** @type {Map<string, {record: string, sha256: string, size_bytes: number, offset: number}>} */
  uploads = new Map();
  next = 1;

  /** @returns {Backup} */
  backUp() {
    return structuredClone({ records: [...this.records], held: [...this.held] });
  }

  /** @param {Backup} backup */
  restore(backup) {
    this.records = new Map(structuredClone(backup.records));
    this.held = new Set(backup.held);
    this.uploads.clear();
    this.epoch += 1;
  }

  /**
   * @param {string} hash
   * @returns {Fact | null}
   */
  fact(hash) {
    const row = this.records.get(hash);
    if (row === undefined) return null;
    const held = row.photos.filter(({ sha256 }) => this.held.has(`${hash} ${sha256}`)).map(({ sha256 }) => sha256);
    return { hash, position: row.position, is_complete: held.length === row.photos.length, held, epoch: this.epoch };
  }

  /** @param {Item[]} items */
  push(items) {
    const verdicts = items.map(({ hash, photos }) => {
      const verdict = this.records.has(hash) ? "known" : "appended";
      if (verdict === "appended") this.records.set(hash, { position: this.records.size + 1, photos });
      return { hash, verdict, reason: null };
    });
    return { verdicts, facts: this.facts(items.map(({ hash }) => hash)) };
  }

  /**
   * @param {string[]} hashes
   * @returns {Fact[]}
   */
  facts(hashes) {
    return hashes.flatMap((hash) => this.fact(hash) ?? []);
  }

  /**
   * @param {string} record
   * @param {Named} named
   * @returns {string | null} null: the text is not here
   */
  create(record, { sha256, size_bytes }) {
    if (!this.records.has(record)) return null;
    const upload = `/upload/${this.epoch}-${this.next++}`;
    const offset = this.held.has(`${record} ${sha256}`) ? size_bytes : 0;
    this.uploads.set(upload, { record, sha256, size_bytes, offset });
    return upload;
  }

  /** Take photos that came whole. @param {(Named & {record: string})[]} photos */
  takeAll(photos) {
    const counted = photos.filter(({ record }) => this.records.has(record));
    for (const { record, sha256 } of counted) this.held.add(`${record} ${sha256}`);
    const asked = photos.map(({ record }) => record);
    return { outcome: { counted }, facts: this.facts(asked), asked };
  }

  /**
   * @param {string | null} upload
   * @param {number} from
   * @param {number} to
   * @returns {number | "gone" | "elsewhere"}
   */
  patch(upload, from, to) {
    const found = this.uploads.get(upload ?? "");
    if (found === undefined) return "gone";
    if (found.offset !== from) return "elsewhere";
    found.offset = to;
    if (to === found.size_bytes) this.held.add(`${found.record} ${found.sha256}`);
    return to;
  }
}
