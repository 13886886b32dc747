// @ts-check
// The phone's app: opens the storage, keeps the shell, shows the screen of the address. One effect renders everything.

import { html, render } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { effect, signal, untracked } from "../vendor/signals-core/signals-core.mjs";
import { capability, isUntouched } from "./device/capability.js";
import { store } from "./device/store.js";
import { version } from "./device/version.js";
import { watchColleagues } from "./parts/colleague.js";
import { handed } from "./parts/handed.js";
import { handedView } from "./parts/handed_view.js";
import { homeScreen } from "./parts/home.js";
import { isLost, loginScreen, people } from "./parts/login.js";
import { isCovered, lockView, openPerson, watchTouch } from "./parts/lock.js";
import { readNotices, watchNotices } from "./parts/notice.js";
import { outboxScreen } from "./parts/outbox.js";
import { projectScreen } from "./parts/project.js";
import { returnedScreen } from "./parts/returned.js";
import { address, go, place } from "./parts/router.js";
import { selfTestScreen } from "./parts/self_test.js";
import { settingsScreen } from "./parts/settings.js";
import { fail, failureView, hush, identity, saidView } from "./parts/shell.js";
import { readTally, watchStatus } from "./parts/status.js";
import { isAnswered, isAsked } from "./parts/switch.js";
import { takeUpScreen } from "./parts/take_up.js";
import { tripScreen } from "./parts/trip.js";
import { elsewhereView, troubleView } from "./parts/trouble.js";
import { screens as visitScreens } from "./parts/visit/screen.js";
import { embedded, t } from "./parts/word.js";

/** @typedef {import("./parts/shell.js").Screen} Screen */

/** @type {Record<string, Screen>} */
const SCREENS = {
  home: homeScreen,
  login: loginScreen,
  project: projectScreen,
  outbox: outboxScreen,
  returned: returnedScreen,
  settings: settingsScreen,
  "self-test": selfTestScreen,
  "take-up": takeUpScreen,
  trip: tripScreen,
  ...visitScreens,
};
const SYNC_AFTER_MS = 200;
const stage = signal(/** @type {"opening" | "ready" | "trouble"} */ ("opening"));
const trouble = signal({ word: "", detail: "" });
const isElsewhere = signal(false);
const isRebuilding = signal(false);

/** The screen shown and where; `enter` and `leave` are called in pairs. @type {{key: string, screen: Screen} | null} */
let present = null;

/** @returns {{key: string, screen: Screen, args: string[]}} */
function wanted() {
  const { name, args } = place.value;
  const isKnown = Object.hasOwn(SCREENS, name);
  const shown = identity.value === null ? "login" : isKnown ? name : "home";
  const own = shown === name ? args : [];
  return { key: [shown, ...own].join("/"), screen: /** @type {Screen} */ (SCREENS[shown]), args: own };
}

/**
 * Make the wanted screen the present one; whatever it reads while entering does not bind the render.
 * @param {ReturnType<typeof wanted>} next
 */
function change(next) {
  if (present?.key === next.key) return;
  const hadScreen = present !== null;
  untracked(() => {
    present?.screen.leave?.();
    hush();
    present = { key: next.key, screen: next.screen };
    next.screen.enter?.(next.args);
  });
  if (hadScreen) scrollTo(0, 0);
}

function app() {
  if (isRebuilding.value) return html`<main class="body"><p role="status">${t("shell.rebuilding")}</p></main>`;
  if (stage.value === "trouble") return troubleView(trouble.value.word, trouble.value.detail);
  if (stage.value === "opening") return html`<main class="body"><p id="opening">${t("shell.opening")}</p></main>`;
  if (isElsewhere.value) return elsewhereView();
  if (isCovered()) return lockView();
  if (handed.value !== null) return handedView();
  const next = wanted();
  change(next);
  // A list of one: `keyed` would leave the parts of the screen before connected, and their pictures in memory.
  return html`${failureView()}${repeat([next.key], (key) => key, () => next.screen.view(next.args))}${saidView()}`;
}

function listen() {
  store.on("lease", (/** @type {{state: string}} */ { state }) => {
    isElsewhere.value = state === "elsewhere";
  });
  store.on("rebuilding", (/** @type {{done: boolean}} */ { done }) => {
    isRebuilding.value = !done;
  });
  watchStatus();
  watchNotices();
  watchTouch();
  watchColleagues();
}

/** Open the storage and, where one person works here, their data. */
async function open() {
  if (await isUntouched()) await tryPhone();
  const start = await store.start({ kinds: embedded("kinds") });
  people.value = start.people;
  isLost.value = start.is_lost;
  const [only] = start.people;
  const handing = start.people.find(({ is_handed }) => is_handed);
  if (handing) await openPerson(handing.person);
  else if (start.people.length === 1 && only && !isAsked()) await openPerson(only.person);
}

/** Before anything is made here: try whether this browser can hold a visit, and ask it to keep what is stored. */
async function tryPhone() {
  const able = await capability(store);
  if (able.obstacle !== null) throw new Incapable(able.obstacle, able.detail);
}

class Incapable extends Error {
  /**
   * @param {string} obstacle
   * @param {string} detail
   */
  constructor(obstacle, detail) {
    super(detail);
    this.name = "Incapable";
    this.obstacle = obstacle;
  }
}

async function begin() {
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.replaceChildren();
  effect(() => {
    render(app(), root);
  });
  listen();
  try {
    await open();
    stage.value = "ready";
  } catch (error) {
    await refuse(error);
  }
  await version.keep();
}

/**
 * The person's key is gone: log in again, the data stay. Anything else stands in the way of all work.
 * @param {unknown} error
 */
async function refuse(error) {
  console.error(error);
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === "NoKey") {
    stage.value = "ready";
    go(address("login", "new"), { isInstead: true });
    return;
  }
  trouble.value = error instanceof Incapable ? { word: error.obstacle, detail: message } : await obstacleOf(name, message);
  stage.value = "trouble";
}

/**
 * The storage did not open: find out what stands in the way.
 * @param {string} name of the error
 * @param {string} message
 */
async function obstacleOf(name, message) {
  const own = ["NewerDatabase", "Busy", "StoreBug"];
  const able = own.includes(name) ? null : await capability(store);
  return able?.obstacle ? { word: able.obstacle, detail: able.detail } : { word: name, detail: message };
}

/** Without anybody there is only the login; its own address keeps it there while the first material arrives. */
effect(() => {
  if (stage.value === "ready" && identity.value === null && place.value.name !== "login") go(address("login"), { isInstead: true });
});

effect(() => {
  if (identity.value === null) return;
  isAnswered();
  void readTally();
  void readNotices();
  // The screen first: what is asked of the storage is done one after the other.
  setTimeout(() => {
    if (identity.peek() !== null) void store.call("sync", { do: "start", stations: embedded("settings").stations ?? [] }).catch((error) => fail(error));
  }, SYNC_AFTER_MS);
});

void begin();
