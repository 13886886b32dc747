// @ts-check
// A project's site on a map beside its fields: a tap sets the middle, or the place whose row was last typed in. What stands in the fields
// is the truth; the map only reads and fills them. Other projects are drawn, so that one finds one's way without any picture of the ground.

import { circle, circleMarker, control, featureGroup, latLngBounds, map as makeMap, polyline } from "../../vendor/leaflet/leaflet.mjs";

/** @typedef {{name: string, lat: number, lon: number, radius_m: number}} Known */

const WHOLE_COUNTRY = latLngBounds([[18, 73], [54, 135]]);
const CLOSE = 14;

const part = document.querySelector("fieldset[data-part='site']");
const frame = document.querySelector("#site-map");
if (part instanceof HTMLElement && frame instanceof HTMLElement) begin(part, frame);

/** @param {HTMLElement} part @param {HTMLElement} frame */
function begin(part, frame) {
  const middle = pairOf(part, "site-");
  const radius = input(part, "site-radius_m");
  const shape = /** @type {HTMLSelectElement} */ (part.querySelector("select[name='site-shape']"));
  const target = /** @type {HTMLElement} */ (document.querySelector("#site-target"));
  const known = /** @type {Known[]} */ (JSON.parse(document.querySelector("#known-sites")?.textContent ?? "[]"));
  let aim = middle;

  frame.parentElement?.removeAttribute("hidden");
  const chart = makeMap(frame, { attributionControl: false });
  control.scale({ imperial: false }).addTo(chart);
  const others = featureGroup(known.map((each) => circle([each.lat, each.lon], { radius: each.radius_m, className: "site-other" }).bindTooltip(each.name))).addTo(chart);
  const own = featureGroup().addTo(chart);

  const draw = () => {
    own.clearLayers();
    const at = read(middle);
    const places = [...part.querySelectorAll("[data-rows='places'] .row")].map((row) => read(pairOf(/** @type {HTMLElement} */ (row), ""))).filter((each) => each !== null);
    if (at !== null) {
      circleMarker(at, { radius: 6, className: "site-middle" }).addTo(own);
      if (shape.value !== "line") circle(at, { radius: Number(radius.value) || 1, className: "site-own" }).addTo(own);
    }
    if (shape.value === "line" && places.length > 1) polyline(places, { className: "site-own" }).addTo(own);
    for (const each of places) circleMarker(each, { radius: 4, className: "site-place" }).addTo(own);
  };

  chart.on("click", (/** @type {{latlng: {lat: number, lng: number}}} */ { latlng }) => {
    aim.lat.value = latlng.lat.toFixed(7);
    aim.lon.value = latlng.lng.toFixed(7);
    draw();
  });
  part.addEventListener("input", draw);
  part.addEventListener("focusin", (event) => {
    const row = event.target instanceof HTMLElement ? event.target.closest(".row") : null;
    aim = row instanceof HTMLElement ? pairOf(row, "") : middle;
    const name = row?.querySelector("input")?.value.trim() ?? "";
    target.textContent = row === null ? target.dataset["middle"] ?? "" : (target.dataset["place"] ?? "").replace("{name}", name);
  });
  draw();
  const at = read(middle);
  if (at !== null) chart.setView(at, CLOSE);
  else chart.fitBounds(known.length > 0 ? others.getBounds().pad(0.2) : WHOLE_COUNTRY);
}

/** @param {HTMLElement} within @param {string} prefix */
function pairOf(within, prefix) {
  const [lat, lon] = ["lat_e7", "lon_e7"].map((name) => /** @type {HTMLInputElement} */ (within.querySelector(prefix === "" ? `input[name$='-${name}']` : `input[name='${prefix}${name}']`)));
  return { lat: /** @type {HTMLInputElement} */ (lat), lon: /** @type {HTMLInputElement} */ (lon) };
}

/** @param {HTMLElement} within @param {string} name */
function input(within, name) {
  return /** @type {HTMLInputElement} */ (within.querySelector(`input[name='${name}']`));
}

/** @param {{lat: HTMLInputElement, lon: HTMLInputElement}} pair @returns {[number, number] | null} */
function read({ lat, lon }) {
  // Minutes and seconds are understood by the server, which answers in decimals.
  const [north, east] = [Number(lat.value), Number(lon.value)];
  const isPlace = lat.value.trim() !== "" && lon.value.trim() !== "" && Math.abs(north) <= 90 && Math.abs(east) <= 180;
  return isPlace ? [north, east] : null;
}
