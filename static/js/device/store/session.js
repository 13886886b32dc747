// @ts-check
/**
 * What one worker has open: the lease, the storage, one person's databases. Opens, lets go and takes back; heals a damaged database once.
 * Every method runs inside a turn of the worker's queue.
 */

import { webCrypto } from "../crypto.js";
import { NoKey, keysOf, listKeys, openKey } from "../key.js";
import { monotonicMs, wallMs } from "../clock.js";
import { Changes } from "./change.js";
import { Check } from "./check.js";
import { Database } from "./database.js";
import { sweepDrafts } from "./draft.js";
import { StoreError, isDamage, isFull, noRoom } from "./error.js";
import { checkEnrolment, identity, keepEnrolment, keyring } from "./identity.js";
import { Lease } from "./lease.js";
import { nowText } from "./moment.js";
import { notify } from "./notice.js";
import { emptyPool, letGo, oldPools } from "./old_pool.js";
import { sweepPhotos } from "./photo.js";
import { sweepText } from "./retention.js";
import { makeRoom, shortBytes } from "./room.js";
import { migrate } from "./schema.js";
import { set, setting } from "./setting.js";
import { loadSqlite } from "./sqlite.js";
import { Storage } from "./storage.js";
import { finishAll } from "./unfinished.js";

/** @typedef {import("./kind.js").Kinds} Kinds */
/** @typedef {"closed" | "held" | "resting" | "elsewhere"} LeaseState */
/** @typedef {(event: {event: string, [name: string]: unknown}) => void} Emit */
/** @typedef {{person: string, name: string, role: string, unsent: number, is_handed: boolean}} Somebody `unsent`: own records not yet safe; `is_handed`: gave the phone away for a ballot */
/** @typedef {{db: Database, ring: import("../../core/certificate.js").Keyring}} Desk */

export class Session {
  /** @type {LeaseState} */
  state = "closed";
  /** @type {Kinds} */
  kinds = {};
  /** @type {Storage | null} */
  #storage = null;
  /** @type {Desk | null} */
  #desk = null;
  /** The person to open again after the lease came back. @type {string | null} */
  #person = null;
  #hasKey = false;
  /** The databases looked at last to say who works here: mostly theirs who is opened next. @type {Database | null} */
  #spare = null;
  /** When the storage was last taken, on the monotonic clock. */
  held_at_ms = 0;
  #check = new Check();

  /**
   * @param {Emit} emit
   * @param {() => void} onWanted another worker asks for the storage
   * @param {() => void} onFree the storage came free by itself
   */
  constructor(emit, onWanted, onFree) {
    this.emit = emit;
    this.onFree = onFree;
    this.changes = new Changes((tables) => emit({ event: "changed", tables }));
    this.lease = new Lease(onWanted);
  }

  get storage() {
    if (!this.#storage) throw new StoreError("StoreBug", "start first");
    return this.#storage;
  }

  /** @throws {StoreError} `UnknownPerson` when nobody is open */
  get desk() {
    if (!this.#desk) throw new StoreError("UnknownPerson", "open a person first");
    return this.#desk;
  }

  get hasPerson() {
    return this.#desk !== null;
  }

  /**
   * Take the storage and look at what is there.
   * @param {Kinds} kinds
   */
  async start(kinds) {
    if (this.state === "held") return this.#report();
    this.kinds = kinds;
    this.#storage ??= new Storage(await loadSqlite(), kinds, (done) => this.emit({ event: "rebuilding", done }));
    await this.wake();
    return this.#report();
  }

  async #report() {
    const people = await this.people();
    const isLost = people.length === 0 && (await listKeys()).length > 0;
    return { people, is_first_run: this.storage.isFirstRun, is_lost: isLost };
  }

  /** Return who works on this phone. Databases found damaged are rebuilt on the way. */
  async people() {
    const people = [];
    for (const person of this.storage.persons()) people.push(...(await this.#presented(person)));
    // Where somebody works, colleagues' databases are opened for sending only.
    if (this.#person !== null) this.#dropSpare();
    return people;
  }

  /** @param {string} person @returns {Promise<Somebody[]>} empty when the enrolment was never finished */
  async #presented(person) {
    if (this.#desk?.db.person === person) return this.#introduce(this.#desk.db);
    try {
      const { db, found } = await this.#opened(person, (fresh) => this.#introduce(fresh));
      this.#spare = db;
      return found;
    } catch (error) {
      const isNewer = error instanceof StoreError && error.name === "NewerDatabase";
      if (isNewer) return [{ person, name: person, role: "", unsent: 0, is_handed: false }];
      throw error;
    }
  }

  /** @param {Database} db @returns {Somebody[]} */
  #introduce(db) {
    const row = setting(db, "built_at") === null ? null : db.row("select name, role from identity where is_current = 1");
    const unsent = row && Number(db.value("select count(*) from record where is_own = 1 and completed_at is null"));
    return row ? [{ person: db.person, name: String(row.name), role: String(row.role), unsent: unsent ?? 0, is_handed: setting(db, "screen.handed") !== null }] : [];
  }

  /** Take the lease, asking for it, and open what was open. */
  async wake() {
    if (this.state === "held") return;
    const before = this.state;
    const person = this.#person;
    try {
      await this.lease.take();
      await this.storage.open();
      this.state = "held";
      if (person !== null) await this.open(person);
      this.held_at_ms = monotonicMs();
    } catch (error) {
      this.#close();
      this.lease.release();
      this.#person = person;
      this.state = before === "closed" ? "closed" : "elsewhere";
      this.emit({ event: "lease", state: this.state });
      throw error;
    }
    this.emit({ event: "lease", state: this.state });
  }

  /**
   * Close everything and let go of the lease.
   * @param {"resting" | "elsewhere"} state
   */
  letGo(state) {
    if (this.state === "closed" || this.state === "resting") return;
    if (this.state === "held") this.#close();
    this.lease.release();
    this.state = state;
    if (state === "elsewhere") this.lease.waitInLine(this.onFree);
    this.emit({ event: "lease", state });
  }

  /** The lease came by itself while waiting in line: open what was open. */
  async takeUp() {
    if (this.state === "held") return;
    if (this.state !== "elsewhere") return this.lease.release();
    await this.wake();
  }

  #dropSpare() {
    this.#spare?.close();
    this.#spare = null;
  }

  #close() {
    this.#dropSpare();
    this.#desk?.db.close();
    this.#desk = null;
    this.#storage?.close();
  }

  /**
   * Open a person's databases; never makes an empty one.
   * @param {string} person
   * @throws {StoreError} `UnknownPerson`, `NewerDatabase`
   */
  async open(person) {
    if (this.#desk?.db.person === person) return this.identity();
    this.closePerson();
    if (!this.storage.persons().includes(person)) throw new StoreError("UnknownPerson", `${person} has not worked on this phone`);
    const { db, found: ring } = await this.#opened(person, (fresh) => this.#readied(fresh));
    this.#desk = { db, ring };
    this.#hasKey = (await keysOf(person)).length > 0;
    db.onChange = (tables) => this.changes.note(tables);
    this.#person = person;
    return this.identity();
  }

  /** Finish what was left undone in a person's databases. @param {Database} db */
  async #readied(db) {
    const { person } = db;
    if (setting(db, "built_at") === null) throw new StoreError("UnknownPerson", `the enrolment of ${person} was not finished`);
    const ring = await finishAll(db, { kinds: this.kinds, log: this.storage.log });
    const paths = this.storage.takeRestored(person);
    if (paths.length > 0) notify(db, "header-restored", { paths });
    return ring;
  }

  /**
   * Open and do the first work. What that finds damaged is rebuilt, and it begins again.
   * @template T
   * @param {string} person
   * @param {(db: Database) => T | Promise<T>} first
   * @returns {Promise<{db: Database, found: T}>}
   */
  async #opened(person, first) {
    try {
      return await this.#openedOnce(person, first);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#dropSpare();
      await this.storage.replacePool();
      return this.#openedOnce(person, first);
    }
  }

  /** @template T @param {string} person @param {(db: Database) => T | Promise<T>} first */
  async #openedOnce(person, first) {
    if (this.#spare?.person !== person) this.#dropSpare();
    const db = this.#spare ?? Database.open(this.storage.pool, person);
    this.#spare = null;
    try {
      migrate(db);
      return { db, found: await first(db) };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Close the person's databases; everything stays where it is. */
  closePerson() {
    this.#desk?.db.close();
    this.#desk = null;
    this.#person = null;
  }

  /**
   * Do a turn's work. Damage that SQLite meets, and files the browser closed, are healed once and the work repeated; a lack of room is called by its name.
   * @template T
   * @param {() => T | Promise<T>} work
   * @returns {Promise<T>}
   */
  async attempt(work) {
    this.storage.pool.isFull = false;
    try {
      return await work();
    } catch (error) {
      if (isFull(error, this.storage.pool.isFull)) return this.#withRoom(work);
      if (!isDamage(error) && !this.storage.isTakenAway) throw error;
      await this.heal();
      this.emit({ event: "notice" });
      return work();
    }
  }

  /**
   * Do work again after photos that are safe in the archive made room.
   * @template T
   * @param {() => T | Promise<T>} work
   * @returns {Promise<T>}
   */
  async #withRoom(work) {
    try {
      this.#makeRoom();
      this.storage.pool.isFull = false;
      return await work();
    } catch (error) {
      throw isFull(error, this.storage.pool.isFull) ? noRoom() : error;
    }
  }

  /** Free photos that are safe, on the room of the reserve, which is kept again at once: nothing else may use it up. */
  #makeRoom() {
    const { guard } = this.storage;
    guard.giveReserve();
    try {
      if (this.#desk) makeRoom(this.#desk.db, wallMs());
    } finally {
      guard.keepReserve();
    }
  }

  /** SQLite met damage in the middle of work, or files that are closed: mend and open again. @param {() => Promise<void>} [mend] databases are closed meanwhile */
  async heal(mend = () => this.storage.mend()) {
    const person = this.#person;
    this.#dropSpare();
    this.#desk?.db.close();
    this.#desk = null;
    await mend();
    if (person !== null) await this.open(person);
  }

  /** Return who is open, or null; `has_key` is false when the key is lost and a new one must be made before sealing. */
  identity() {
    const found = this.#desk && identity(this.#desk.db, this.#desk.ring);
    return found && { ...found, has_key: this.#hasKey };
  }

  /**
   * Keep an enrolment; the first one makes the person's databases.
   * @param {{answer: {enrolment: string, keys: string[]}, archive?: string | null}} enrolled
   */
  async enrol({ answer, archive = null }) {
    const checked = await checkEnrolment(answer, archive, webCrypto);
    const { kid, person } = checked.certificate;
    if (person.endsWith("-photo")) throw new StoreError("BadArgument", "no person's name may end in -photo");
    await openKey(kid);
    this.closePerson();
    this.#dropSpare();
    const db = this.storage.persons().includes(person) ? (await this.#opened(person, () => null)).db : Database.open(this.storage.pool, person, true);
    try {
      migrate(db);
      const pinned = setting(db, "archive");
      if (pinned !== null && pinned !== checked.ring.archive) throw new StoreError("NotProven", "this is another archive", { pinned });
      await keepEnrolment(db, checked, answer.enrolment, webCrypto);
      const own = checked.jwses.filter((jws) => jws === answer.enrolment || checked.archiveKeys.includes(jws));
      const logged = new Set(this.storage.log.lines());
      this.storage.log.append(own.filter((jws) => !logged.has(jws)));
      if (setting(db, "built_at") === null) set(db, "built_at", nowText());
    } finally {
      db.close();
    }
    return this.open(person);
  }

  /**
   * Return the key to seal with: the enrolled one, or a newer one made since it was lost.
   * @throws {StoreError} `NoKey`
   */
  async key() {
    const { db } = this.desk;
    const kid = this.identity()?.kid;
    try {
      return await openKey(kid ?? "");
    } catch (error) {
      if (!(error instanceof NoKey)) throw error;
      const [newest] = await keysOf(db.person);
      if (newest) return newest;
      throw new StoreError("NoKey", "the key is not on this phone any more");
    }
  }

  /** Read the certificates anew, after stream `keys` brought some. */
  async refreshRing() {
    const { db } = this.desk;
    this.#desk = { db, ring: await keyring(db, webCrypto) };
  }

  /** Look one more piece through, and return whether something is left. @throws {StoreError} `StorageDamaged` */
  checkNext() {
    return this.#check.next(this.desk.db);
  }

  /** Free what may go, and give pages back. For idle moments. */
  async tidy() {
    const { db } = this.desk;
    sweepDrafts(db, wallMs());
    const records = sweepText({ db, kinds: this.kinds, log: this.storage.log }, wallMs());
    const photos = sweepPhotos(db, wallMs(), await shortBytes());
    db.tidy();
    this.storage.guard.keepReserve();
    for (const { name, claims } of await this.oldPools()) if (claims.length === 0) await emptyPool(name);
    return { photos, records };
  }

  /** Return the pools left behind by rebuilds, and what of each is still claimed. */
  oldPools() {
    return oldPools(this.storage, this.desk.db);
  }

  /**
   * The person who is open lets an old pool go; what others still claim of it stays.
   * @param {string} name
   */
  async letGoPool(name) {
    letGo(this.desk.db, name);
    await this.tidy();
    return this.oldPools();
  }
}
