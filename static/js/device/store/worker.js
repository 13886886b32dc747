// @ts-check
/**
 * The worker that owns the storage. Messages: `{id, call, args}` → `{id, value}` or `{id, error: {name, message, detail?}}`; several that only
 * read: `{reads: […]}` → `{answers: […]}`; events: `{event, …}`. Nothing is answered before it is durable.
 */

import { summary } from "../../core/schedule.js";
import * as clock from "../clock.js";
import { Colleagues } from "../colleague.js";
import { Courier } from "../courier.js";
import { webCrypto } from "../crypto.js";
import { Net } from "../net.js";
import { handOver } from "../station.js";
import { Sync } from "../sync.js";
import { call } from "./call.js";
import { Camera } from "./camera.js";
import { StoreError, plain } from "./error.js";
import { readPackage, writePackage } from "./package.js";
import { storePort } from "./port.js";
import { probe } from "./probe.js";
import { Queue } from "./queue.js";
import { Session } from "./session.js";

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const queue = new Queue();
const session = new Session(
  (event) => scope.postMessage(event),
  giveWay,
  () => void queue.push(() => session.takeUp().then(afterWake), true).catch(report),
);
const camera = new Camera(session, takeTurn);
const net = new Net({ clock });
/** What synchronising sees of the storage. */
export const port = storePort(session, takeTurn);
const sync = new Sync({
  store: port,
  net,
  crypto: webCrypto,
  clock,
  // The page's clock starts elsewhere: what counts on this worker's own becomes time since 1970.
  isSparing: () => /** @type {{connection?: {saveData?: boolean}}} */ (navigator).connection?.saveData === true,
  onState: (state) => {
    courier.see(state, clock.monotonicMs());
    colleagues.see(state);
    tellState(state);
  },
  onError: report,
});
const courier = new Courier({
  handOver: (url) => handOver(session, takeTurn, clock, { url, is_new: true }),
  isReady: () => session.hasPerson,
  onHanded: ({ safe }) => {
    if (safe > 0) sync.poke("start");
  },
  onStation: () => tellState(summary(sync.state)),
  onError: report,
});

const colleagues = new Colleagues({ session, turn: takeTurn, clock, onSent: () => scope.postMessage({ event: "colleague" }) });

/** @param {import("../sync.js").SyncState} state */
function tellState({ next_try_at, ...state }) {
  scope.postMessage({ event: "sync", state: { ...state, station: courier.station, next_try_at: next_try_at && performance.timeOrigin + next_try_at } });
}

/** The least time the storage is kept after it was taken. */
const HOLD_MS = 300;
let isGivingWay = false;
/** Freeing what may go waits until the person has begun to work. */
const TIDY_AFTER_MS = 20_000;
const CHECK_PAUSE_MS = 1_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let tidying;
/** Whether the page wants synchronising; it stops while another window has the storage. */
let isSyncWanted = false;

/** A failure nobody waits for. @param {unknown} error */
function report(error) {
  scope.postMessage({ event: "fault", error: plain(error) });
}

/**
 * Wait for a turn with the storage open.
 * @template T
 * @param {() => T | Promise<T>} turn
 * @returns {Promise<T>}
 */
function takeTurn(turn) {
  return queue.push(async () => {
    if (session.state === "elsewhere") throw new StoreError("InUseElsewhere", "another window has the storage");
    if (session.state === "closed") throw new StoreError("StoreBug", "start first");
    return session.attempt(turn);
  });
}

/** Another window asks for the storage: it gets it after what was asked here by then, and not at once, or two would only pass it on. */
function giveWay() {
  if (isGivingWay) return;
  isGivingWay = true;
  const turn = () => {
    isGivingWay = false;
    if (session.state !== "held") return;
    if (restOfHold() > 0) giveWay();
    else letGo("elsewhere");
  };
  setTimeout(() => void queue.push(turn, true).catch(report), restOfHold());
}

/** How long the storage is kept at least, from now, in ms. */
function restOfHold() {
  return Math.max(0, session.held_at_ms + HOLD_MS - clock.monotonicMs());
}

/** @param {"resting" | "elsewhere"} state */
function letGo(state) {
  session.letGo(state);
  queue.hold(session.state === "resting");
  if (state !== "elsewhere") return;
  sync.stop();
  colleagues.stop();
}

async function wake() {
  try {
    await session.wake();
  } finally {
    queue.hold(session.state === "resting");
  }
  afterWake();
}

function afterWake() {
  queue.hold(session.state === "resting");
  if (session.state !== "held") return;
  if (isSyncWanted && !sync.is_running) sync.start();
  else sync.poke("visible");
}

/** Calls that are not one turn with the storage open. @type {Record<string, (args: any) => unknown>} */
const OWN_TURN = {
  start: ({ kinds }) => queue.push(() => session.start(kinds).finally(() => queue.hold(session.state === "resting")), true),
  use: () => queue.push(wake, true),
  visible: () => queue.push(wake, true),
  hidden: () => queue.push(() => letGo("resting"), true),
  addPhoto: (args) => camera.add(args),
  blurPhoto: (args) => camera.blur(args),
  writePackage: (args) => writePackage(session, takeTurn, args),
  readPackage: (args) => readPackage(session, takeTurn, args),
  handOver: (args) => handOver(session, takeTurn, clock, args),
  resumePhotos: () => camera.resume(),
  check: () => checkAll(),
  probe: () => queue.push(() => probe(session), true),
  sync: ({ do: what, stations }) => {
    if (stations) courier.stations = stations;
    return steer(what);
  },
};

/** @param {"start" | "stop" | import("../../core/schedule.js").Poke} what */
function steer(what) {
  isSyncWanted = what === "start" || (what !== "stop" && isSyncWanted);
  if (what === "stop") {
    sync.stop();
    colleagues.stop();
  } else if (what === "start") sync.start();
  else sync.poke(what);
  return null;
}

async function tidyUp() {
  await takeTurn(() => (session.hasPerson ? session.tidy() : null));
  await checkAll(CHECK_PAUSE_MS);
}

/**
 * Look everything through, each piece in a turn of its own.
 * @param {number} [pause_ms] between two, so that nobody notices
 */
async function checkAll(pause_ms = 0) {
  let isMore = true;
  while (isMore) {
    isMore = await takeTurn(() => session.hasPerson && session.checkNext());
    if (pause_ms > 0) await new Promise((resolve) => setTimeout(resolve, pause_ms));
  }
}

/**
 * What follows a call by itself.
 * @param {string} name
 */
function afterCall(name) {
  if (name === "seal" || name === "closeBox") {
    sync.poke("sealed");
    void courier.go();
  }
  if (name === "readPackage" || name === "handOver" || name === "setEarlierBudget") sync.poke("start");
  if (name === "open" || name === "enrol" || name === "close") colleagues.stop();
  if (name !== "open" && name !== "enrol") return;
  net.archive = session.identity()?.archive ?? null;
  if (isSyncWanted) sync.start();
  void camera.resume().catch(report);
  clearTimeout(tidying);
  tidying = setTimeout(() => void tidyUp().catch(report), TIDY_AFTER_MS);
}

/** @param {{id: number, call: string, args: any}} message */
async function answer({ id, call: name, args }) {
  try {
    const own = OWN_TURN[name];
    const value = await (own ? own(args ?? {}) : takeTurn(() => call(session, name, args)));
    scope.postMessage({ id, value: value ?? null });
    afterCall(name);
  } catch (error) {
    if (!(error instanceof StoreError)) console.error(name, error);
    scope.postMessage({ id, error: plain(error) });
  }
}

/**
 * Answer reads asked at once, in one turn; when one of them fails, each for itself.
 * @param {{id: number, call: string, args: any}[]} reads
 */
async function answerAll(reads) {
  try {
    const values = await takeTurn(async () => {
      const found = [];
      for (const { call: name, args } of reads) found.push((await call(session, name, args)) ?? null);
      return found;
    });
    scope.postMessage({ answers: reads.map(({ id }, at) => ({ id, value: values[at] })) });
  } catch {
    for (const read of reads) void answer(read);
  }
}

scope.onmessage = ({ data }) => void (data.reads ? answerAll(data.reads) : answer(data));
