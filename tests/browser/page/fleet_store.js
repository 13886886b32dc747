// @ts-check
// What a phone of the simulation keeps for one person. Each change is a transaction: it is there whole after a crash, or not at all.

/** @typedef {import("./fleet_archive.js").Fact} Fact */
/** @typedef {{size_bytes: number, part: "view" | "original", upload: string | null, is_sent: boolean, is_held: boolean, is_here: boolean}} Photo */
/** @typedef {{hash: string, size_bytes: number, state: "unsent" | "received" | "safe", is_here: boolean, safe_at: number, photos: Record<string, Photo>}} Row `safe_at`: the archive's time of saying so */

/** The phone died in the middle of something. */
export class Crashed extends Error {}
/** The phone has no room. */
export class Full extends Error {}

export class Store {
  /** @param {string} person */
  constructor(person) {
    this.person = person;
    this.epoch = 1;
    /** When the archive was last heard in this epoch, on its clock. */
    this.heard_at = 0;
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    /** What happens to the next transactions. @type {("crash" | "full")[]} */
    this.faults = [];
  }

  /**
   * Change rows in one transaction. What a crash or a full disk interrupts leaves nothing behind.
   * @param {(row: (hash: string) => Row | undefined) => void} change
   */
  transaction(change) {
    /** @type {Map<string, Row>} */
    const touched = new Map();
    change((hash) => {
      const row = touched.get(hash) ?? structuredClone(this.rows.get(hash));
      if (row !== undefined) touched.set(hash, row);
      return row;
    });
    const fault = this.faults.shift();
    if (fault === "crash") throw new Crashed();
    if (fault === "full") throw new Full();
    for (const [hash, row] of touched) this.rows.set(hash, row);
  }

  /** @param {Row} row */
  seal(row) {
    this.rows.set(row.hash, row);
  }

  work() {
    const rows = [...this.rows.values()];
    const unsent = rows.filter(({ state, is_here }) => state === "unsent" && is_here);
    const received = rows.filter(({ state }) => state === "received");
    const parts = /** @type {const} */ (["view", "original"]);
    const photos = parts.flatMap((wanted) =>
      received.flatMap(({ hash, photos: named }) =>
        Object.entries(named)
          .filter(([, { part, is_sent, is_here }]) => part === wanted && !is_sent && is_here)
          .map(([sha256, { size_bytes, part, upload }]) => ({ record: hash, sha256, size_bytes, part, upload })),
      ),
    );
    return {
      unsent: unsent.map(({ hash, size_bytes }) => ({ hash, size_bytes })),
      unsafe: received.map(({ hash }) => hash),
      photos,
      earlier: null,
      has_person: true,
    };
  }

  /**
   * @param {number} epoch
   * @param {number} spoke_at
   */
  hear(epoch, spoke_at) {
    if (epoch === this.epoch) this.heard_at = Math.max(this.heard_at, spoke_at);
    if (epoch <= this.epoch) return;
    this.transaction((row) => {
      for (const hash of this.rows.keys()) {
        const found = row(hash);
        if (found === undefined) continue;
        found.state = "unsent";
        for (const photo of Object.values(found.photos)) Object.assign(photo, { upload: null, is_sent: false, is_held: false });
      }
    });
    this.epoch = epoch;
    this.heard_at = spoke_at;
  }

  /**
   * @param {Fact[]} facts
   * @param {string[]} asked
   * @param {number} spoke_at
   */
  believe(facts, asked, spoke_at) {
    for (const { epoch } of facts) this.hear(epoch, spoke_at);
    const known = new Set(facts.map(({ hash }) => hash));
    this.transaction((row) => {
      for (const fact of facts.filter(({ epoch }) => epoch === this.epoch)) {
        const found = row(fact.hash);
        if (found === undefined) continue;
        if (found.state !== "safe" && fact.is_complete) found.safe_at = spoke_at;
        found.state = fact.is_complete ? "safe" : "received";
        for (const [sha256, photo] of Object.entries(found.photos)) {
          photo.is_held = fact.held.includes(sha256);
          photo.is_sent = photo.is_held;
        }
      }
      for (const hash of asked.filter((one) => !known.has(one))) {
        const found = row(hash);
        if (found !== undefined) found.state = "unsent";
      }
    });
  }

  /**
   * @param {string} record
   * @param {string} sha256
   * @param {Partial<Photo>} change
   */
  note(record, sha256, change) {
    this.transaction((row) => {
      const photo = row(record)?.photos[sha256];
      if (photo !== undefined) Object.assign(photo, change);
    });
  }

  /**
   * Free what was safe for a while when the archive was last heard: a backup that is younger than that has it too.
   * @param {number} keep_ms
   */
  free(keep_ms) {
    const is_old = (/** @type {Row} */ { state, safe_at }) => state === "safe" && this.heard_at - safe_at >= keep_ms;
    const old = [...this.rows.values()].filter(is_old);
    this.transaction((row) => {
      for (const { hash } of old) {
        const found = row(hash);
        if (found === undefined) continue;
        found.is_here = false;
        for (const photo of Object.values(found.photos)) photo.is_here = false;
      }
    });
  }
}
