// @ts-check
/**
 * Somebody else's databases for the length of one turn: opened, worked on, closed. Shows nothing and belongs to no screen; synchronising
 * sees it as it sees the session of who works here.
 */

import { webCrypto } from "../crypto.js";
import { Database } from "./database.js";
import { StoreError } from "./error.js";
import { identity, keyring } from "./identity.js";
import { fitKinds } from "./kind.js";
import { migrate } from "./schema.js";
import { setting } from "./setting.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").Desk} Desk */

export class Guest {
  /** @type {Desk | null} */
  #desk = null;
  /** Certificates are judged once. @type {Desk["ring"] | null} */
  #ring = null;

  /**
   * @param {Session} session of who works here
   * @param {string} person
   */
  constructor(session, person) {
    this.session = session;
    this.person = person;
  }

  get kinds() {
    return this.session.kinds;
  }

  get storage() {
    return this.session.storage;
  }

  get desk() {
    if (!this.#desk) throw new StoreError("StoreBug", "a guest has a desk inside a turn only");
    return this.#desk;
  }

  identity() {
    return identity(this.desk.db, this.desk.ring);
  }

  async refreshRing() {
    this.#ring = await keyring(this.desk.db, webCrypto);
  }

  /**
   * Do work on the databases, inside a turn.
   * @template T
   * @param {() => T | Promise<T>} work
   * @returns {Promise<T>}
   * @throws {StoreError} `UnknownPerson` when they are who works here now
   */
  async visit(work) {
    const isHere = this.session.hasPerson && this.session.desk.db.person === this.person;
    if (isHere || !this.storage.persons().includes(this.person)) throw new StoreError("UnknownPerson", `${this.person} is no guest`);
    const db = Database.open(this.storage.pool, this.person);
    try {
      if (this.#ring === null) {
        migrate(db);
        if (setting(db, "built_at") === null) throw new StoreError("UnknownPerson", `the enrolment of ${this.person} was not finished`);
        fitKinds(db, this.kinds);
        this.#ring = await keyring(db, webCrypto);
      }
      this.#desk = { db, ring: this.#ring };
      return await work();
    } finally {
      this.#desk = null;
      db.close();
    }
  }
}
