// @ts-check
// Covering faces: areas are drawn over the picture, then new bytes take its place, before sealing and without undo. Where the old bytes would
// stay (sealed already, named by another draft) it is not done, and the reason is said.

import { html, nothing, svg } from "../../../vendor/lit-html/lit-html.js";
import { signal } from "../../../vendor/signals-core/signals-core.mjs";
import { drawing } from "../../core/mark.js";
import { store } from "../../device/store.js";
import { button, empty, screen, sheet } from "../element.js";
import { layerOf } from "../marked.js";
import { picture } from "../picture.js";
import { address, go } from "../router.js";
import { attempt, say, tell } from "../shell.js";
import { t } from "../word.js";
import { isArchived } from "./archived.js";
import { bytesOf } from "./capture.js";
import { dragNow, dragStage, dropDrag, isTap } from "./drag.js";
import { allKept } from "./keep.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {import("../../device/blur.js").Area} Area */

const areas = signal(/** @type {Area[]} */ ([]));
const isAsking = signal(false);
const isWorking = signal(false);

/** The key that leads here, another time too; of a sealed photo why there is none. @param {Journey} visit @param {Part} part */
export function blurKey(visit, part) {
  if (isArchived(visit) || !part.isOwn || bytesOf(part) === null) return nothing;
  const isSealed = part.draft === null || part.record !== null;
  const done = part.body["is_blurred"] === true ? html`<p class="visit-hint" data-name="blurred">${t("blur.done_note")}</p>` : nothing;
  if (isSealed) return done === nothing ? html`<p class="visit-hint" data-name="no-blur">${t("blur.refused.sealed")}</p>` : done;
  return html`${done}${button({ label: t("photo.blur"), icon: "person", isWide: true, onTap: () => void enter(visit, part), name: "blur" })}`;
}

/** @param {Journey} visit @param {Part} part */
async function enter(visit, part) {
  await attempt(async () => {
    const reason = await store.call("mayBlur", { id: part.draft });
    if (reason !== null) return tell(t("blur.refused"), t(`blur.refused.${reason}`), "blur-refused");
    go(address("visit", visit.entity, "photo", part.entity, "blur"));
  });
}

/** @param {Journey} visit @param {Part} part */
export function blurView(visit, part) {
  const back = address("visit", visit.entity, "photo", part.entity);
  if (isArchived(visit) || part.draft === null || part.record !== null || !part.body["view"]) {
    return screen({ title: t("photo.blur"), back, body: empty({ icon: "person", text: t("blur.refused") }) });
  }
  const size = layerOf(part.body);
  const drag = dragNow();
  const shown = drag === null || isTap(drag) ? areas.value : [...areas.value, areaOf(drag)];
  return screen({
    title: t("photo.blur"), note: t("blur.count", { n: areas.value.length }), back,
    body: html`
      ${dragStage({
        name: "blurring", label: t("blur.keys"), size, picture: picture(bytesOf(part), part.body["caption"]), layer: areaLayer(shown, size),
        onDrag: (each) => { if (!isTap(each)) areas.value = [...areas.value, areaOf(each)]; },
      })}
      <p class="visit-hint">${t("blur.note")}</p>
      ${isAsking.value ? askView(part, back) : nothing}`,
    bar: html`${button({ label: t("marking.undo"), icon: "undo", kind: "quiet", isDisabled: areas.value.length === 0, onTap: () => { areas.value = areas.value.slice(0, -1); }, name: "undo" })}
      ${button({ label: t("blur.act"), kind: "primary", isDisabled: areas.value.length === 0, onTap: () => { isAsking.value = true; }, name: "cover" })}`,
  });
}

/** @param {Part} part @param {string} back */
function askView(part, back) {
  const close = () => {
    isAsking.value = false;
  };
  return sheet({
    title: t("blur.ask"), onClose: close, name: "blur-ask", body: html`<p>${t("blur.ask_note")}</p>`,
    bar: html`${button({ label: t("act.back"), onTap: close })}
      ${button({ label: t("blur.act"), kind: "bad", isDisabled: isWorking.value, onTap: () => void act(part, back), name: "cover-now" })}`,
  });
}

/** @param {Part} part @param {string} back */
async function act(part, back) {
  if (isWorking.peek()) return;
  isWorking.value = true;
  const isDone = await attempt(async () => {
    await allKept();
    await store.call("blurPhoto", { draft: part.draft, areas: areas.peek() });
  }).finally(() => { isWorking.value = false; });
  isAsking.value = false;
  if (!isDone) return;
  go(back, { isInstead: true });
  say(t("blur.done"));
}

/** @param {import("./drag.js").Drag} drag @returns {Area} */
function areaOf({ from, to }) {
  return { ...from, to_x: to.x, to_y: to.y };
}

/** @param {Area[]} shown @param {import("../../core/mark.js").Size} size */
function areaLayer(shown, size) {
  const { width, height } = drawing([], size);
  return html`<svg class="photo-marks" role="img" aria-label=${t("blur.count", { n: shown.length })} viewBox="0 0 ${width} ${height}">${shown.map(({ x, y, to_x, to_y }) => svg`<rect class="blur-area"
    x=${(Math.min(x, to_x) * width) / 1000} y=${(Math.min(y, to_y) * height) / 1000} width=${(Math.abs(to_x - x) * width) / 1000} height=${(Math.abs(to_y - y) * height) / 1000}/>`)}</svg>`;
}

/** Put away what was begun; called when the screen changes. */
export function leaveBlur() {
  dropDrag();
  areas.value = [];
  isAsking.value = false;
}
