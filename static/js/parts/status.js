// @ts-check
// One quiet line each: how sending goes, and whether a newer version of the app waits. Fed by the storage worker's events.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { signal } from "../../vendor/signals-core/signals-core.mjs";
import { store } from "../device/store.js";
import { version } from "../device/version.js";
import { banner, button, linkButton } from "./element.js";
import { icon } from "./icon.js";
import { address } from "./router.js";
import { attempt, fail, identity } from "./shell.js";
import { momentText, t } from "./word.js";

/** @typedef {{draft: number, saved: number, handed: number, sent: number, safe: number, held: number, refused: number, erased: number, unsent_since: string | null}} Tally */
/**
 * `station`: the one that last took what is unsent, while the archive is away.
 * @typedef {{doing: string | null, is_reachable: boolean, station: string | null, trouble: import("../core/schedule.js").Trouble | null, is_login_needed: boolean, next_try_at: number | null,
 *   waiting: {records: number, photos: number, receipts: number}, earlier: {wanted: number, here: number, updated_at: string | null}}} SyncState
 */

/** Own things by state. */
export const tally = signal(/** @type {Tally | null} */ (null));
/** How synchronising goes; `next_try_at` in ms since 1970; null before it has begun. */
export const sync = signal(/** @type {SyncState | null} */ (null));

/** Listen to the storage worker; once per page. */
export function watchStatus() {
  store.on("sync", (/** @type {{state: SyncState}} */ { state }) => {
    sync.value = state;
  });
  store.on("fault", (/** @type {{error: unknown}} */ { error }) => fail(error));
  store.on("changed", () => void readTally());
}

/** Ask the archive whether there is news, where a person looks for it; it is never asked twice in a row. */
export function askForNews() {
  void store.call("sync", { do: "look" }).catch(fail);
}

/** @type {Promise<void> | null} */
let counting = null;
let isStale = false;

/** Read the counts anew: one count at a time; changes in between lead to exactly one more. */
export function readTally() {
  isStale = true;
  counting ??= count();
  return counting;
}

async function count() {
  await null; // so that it is known to be running before it can end
  while (isStale) {
    isStale = false;
    if (identity.peek() === null) break;
    try {
      tally.value = await store.call("tally");
    } catch (error) {
      fail(error);
    }
  }
  counting = null;
}

/** Say how it stands in one line: offline, sending, or all safe. */
export function syncLine() {
  const now = sync.value;
  const counts = tally.value;
  if (counts === null) return nothing;
  const open = counts.saved + counts.handed + counts.sent;
  if (now && !now.is_reachable) return line(now.station === null ? "offline" : "send", wayText(now));
  if (now?.is_login_needed) return loginBanner();
  if (now?.doing === "streams" || now?.doing === "page") return line("update", t("sync.pulling"));
  if (open > 0) return line("send", t("sync.sending", { n: open }));
  return counts.safe > 0 ? line("safe", t("outbox.all_safe")) : nothing;
}

/**
 * Say why the archive cannot be reached: only a station is near, no network, a network that wants a login of its own, or an archive that
 * answers with errors.
 * @param {SyncState} state
 */
export function wayText({ trouble, station }) {
  if (station !== null) return t("home.station", { name: new URL(station).hostname });
  if (trouble === "portal") return t("outbox.portal");
  return t(trouble === "archive" ? "home.archive_error" : "home.offline");
}

/** Sending needs no login, reading does: say so, with the way to log in. */
export function loginBanner() {
  const person = identity.value?.person ?? "";
  return banner({
    icon: "person", body: t("outbox.login_expired"), name: "login-needed",
    actions: linkButton({ label: t("settings.log_in_again"), href: address("login", "new", person), name: "log-in-again" }),
  });
}

/** Say whether what the next visits need can be read without a network; nothing before anything was read. */
export function tripLine() {
  const { wanted, here, updated_at } = sync.value?.earlier ?? { wanted: 0, here: 0, updated_at: null };
  if (updated_at === null) return nothing;
  if (here < wanted) return toTrip("update", t(sync.value?.is_reachable ? "home.trip_coming" : "home.trip_missing", { n: wanted - here }));
  return toTrip("check", t("home.trip_ready", { time: momentText(updated_at) }));
}

/** The line leads to where somebody prepares for a trip. @param {import("./icon.js").IconName} shape @param {string} text */
function toTrip(shape, text) {
  return html`<p class="line" data-name="trip-line" role="status">${icon(shape)}<a class="line-link" href=${address("trip")}>${text}</a></p>`;
}

/**
 * @param {import("./icon.js").IconName} shape
 * @param {string} text
 */
function line(shape, text) {
  return html`<p class="line" data-name="sync-line" role="status">${icon(shape)}<span>${text}</span></p>`;
}

/** Offer a newer version, unless a visit is open: no code changes under a draft. */
export function updateLine() {
  if (version.state.value !== "newer") return nothing;
  if ((tally.value?.draft ?? 0) > 0) return line("update", t("update.after_visit"));
  return banner({
    icon: "update", body: t("update.ready"), name: "update",
    actions: button({ label: t("update.apply"), onTap: () => void attempt(() => version.apply()), name: "apply-update" }),
  });
}
