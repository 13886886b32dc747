// @ts-check
// The shortcut of the app's icon: on with the visit that is open on this phone, the newest of several; without one, this month's list.

import { nothing } from "../../vendor/lit-html/lit-html.js";
import { store } from "../device/store.js";
import { address, go } from "./router.js";
import { attempt } from "./shell.js";

function enter() {
  void attempt(async () => {
    /** @type {{id: string, entity: string, opened_at: string}[]} */
    const drafts = await store.call("drafts", { kind: "visit" });
    const [newest] = drafts.sort((one, other) => (one.opened_at < other.opened_at ? 1 : -1));
    go(newest === undefined ? address("home") : address("visit", newest.entity), { isInstead: true });
  });
}

/** @type {import("./shell.js").Screen} */
export const takeUpScreen = { view: () => nothing, enter };
