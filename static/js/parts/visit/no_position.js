// @ts-check
// A visit that begins without a position: said once, with the reason, and nothing waits for it. Photos record the reason themselves.

import { nothing } from "../../../vendor/lit-html/lit-html.js";
import { effect, signal } from "../../../vendor/signals-core/signals-core.mjs";
import { position } from "../../device/position.js";
import { store } from "../../device/store.js";
import { banner, button } from "../element.js";
import { attempt } from "../shell.js";
import { t } from "../word.js";

/** Visits for which it was said. @type {Set<string>} */
const told = new Set();
const shown = signal(/** @type {{visit: string, why: string} | null} */ (null));
let stop = () => {};

/**
 * Begin to look whether there is a position; it is said once a visit, and taken back when one comes.
 * @param {string} visit
 */
export function watchPosition(visit) {
  stop();
  stop = effect(() => {
    const why = position.trouble.value;
    if (why === null) shown.value = null;
    else if (!told.has(visit) && position.near().fix === null) shown.value = { visit, why };
    if (shown.peek() !== null) told.add(visit);
  });
}

/** End it: the visit's screens were left. */
export function unwatchPosition() {
  stop();
  shown.value = null;
}

/** Put away once, it stays away: the visit's draft remembers it, and what is sealed has no need of it. @param {import("./journey.js").Journey} visit */
export function noPositionView({ entity, visit: { draft, local } }) {
  if (shown.value?.visit !== entity || draft === null || local.is_position_told) return nothing;
  const close = () => {
    shown.value = null;
    void attempt(() => store.call("patchDraft", { id: draft, local: { is_position_told: true } }));
  };
  return banner({
    icon: "place", title: t(`choice.no_fix.${shown.value.why}`), body: t("visit.no_position"), name: "no-position",
    actions: button({ label: t("act.close"), onTap: close }),
  });
}
