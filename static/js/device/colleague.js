// @ts-check
/**
 * Sends what colleagues left on this phone, while somebody else uses it: sending needs only the seal. What is one's own goes first, and
 * only on a way that works. Nothing is pulled for them under another's login.
 */

import { webCrypto } from "./crypto.js";
import { Net } from "./net.js";
import { Guest } from "./store/guest.js";
import { storePort } from "./store/port.js";
import { Sync } from "./sync.js";

/** @typedef {import("./store/session.js").Session} Session */
/** @typedef {import("./station.js").TakeTurn} TakeTurn */
/** @typedef {import("./sync.js").SyncState} SyncState */
/** @typedef {import("./clock.js").ClockPort} ClockPort */

const NO_PICTURES = { wanted: 0, here: 0, next: [], updated_at: null };

export class Colleagues {
  /** @type {Sync[]} */
  #out = [];
  #isBegun = false;
  /** Who has nothing left to send, or cannot be opened; asked anew for the next person who works here. @type {Set<string>} */
  #done = new Set();

  /**
   * @param {object} ports
   * @param {Session} ports.session
   * @param {TakeTurn} ports.turn
   * @param {Pick<ClockPort, "wallMs" | "monotonicMs">} ports.clock
   * @param {() => void} ports.onSent a colleague's count is another
   */
  constructor({ session, turn, clock, onSent }) {
    this.session = session;
    this.turn = turn;
    this.clock = clock;
    this.onSent = onSent;
  }

  /**
   * Look at how one's own sending goes.
   * @param {SyncState} state
   */
  see({ is_reachable, doing, waiting }) {
    const isBusy = waiting.records > 0 || waiting.photos > 0;
    if (!is_reachable || isBusy) this.#rest();
    else if (!this.#isBegun && doing !== "load") void this.#begin();
  }

  /** Somebody else works here, or nobody. */
  stop() {
    this.#done.clear();
    this.#rest();
  }

  #rest() {
    for (const sync of this.#out.splice(0)) sync.stop();
    this.#isBegun = false;
  }

  async #begin() {
    this.#isBegun = true;
    try {
      const waiting = await this.turn(() => waitingOf(this.session));
      if (!this.#isBegun) return;
      for (const { person } of waiting) if (!this.#done.has(person)) this.#send(person);
    } catch (error) {
      console.error(error);
    }
  }

  /** @param {string} person */
  #send(person) {
    const guest = new Guest(this.session, person);
    const port = storePort(/** @type {Session} */ (/** @type {unknown} */ (guest)), (act) => this.turn(() => guest.visit(act)));
    let left = Infinity;
    const sync = new Sync({
      store: { ...port, earlier: () => Promise.resolve(NO_PICTURES) },
      net: new Net({ clock: this.clock }),
      crypto: webCrypto,
      clock: this.clock,
      onState: ({ doing, waiting }) => {
        const now = waiting.records + waiting.photos + waiting.receipts;
        if (now < left && left !== Infinity) this.onSent();
        if (sync.state.has_person) left = now;
        if (!sync.state.has_person || now > 0 || doing === "load" || sync.state.load.is_wanted) return;
        this.#end(sync, person);
      },
      // A colleague's trouble is no trouble of who works here; the count says that something waits. The next start mends and tries again.
      onError: (error) => {
        console.error(error);
        if (this.#out.includes(sync)) this.#end(sync, person);
      },
    });
    this.#out.push(sync);
    sync.start();
  }

  /** Nothing more of a colleague for now. @param {Sync} sync @param {string} person */
  #end(sync, person) {
    this.#done.add(person);
    sync.stop();
  }
}

/**
 * Return who else has something on this phone that is not safe, and how much; never what.
 * @param {Session} session
 */
export async function waitingOf(session) {
  const here = session.hasPerson ? session.desk.db.person : null;
  return (await session.people()).filter(({ person, unsent }) => person !== here && unsent > 0);
}
