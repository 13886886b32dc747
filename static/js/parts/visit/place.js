// @ts-check
// Where something is: the named places of the site, and a photo's own position in words. A position says nothing of a person.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { distanceM } from "../../core/place.js";
import { chip, chips } from "../element.js";
import { textField } from "../field.js";
import { distanceText, inLanguage, t } from "../word.js";
import { change } from "./journey.js";
import { longest } from "./limit.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./journey.js").Part} Part */
/** @typedef {{lat_e7: number, lon_e7: number, accuracy_m: number}} Fix */

const NEAR_M = 300;

/** @param {Journey} visit @returns {{lat_e7: number, lon_e7: number, name: string, name_en: string}[]} */
function placesOf(visit) {
  return visit.target.project?.["site"].places ?? [];
}

/**
 * Return the name of the nearest named place, or nothing where none is near.
 * @param {Journey} visit
 * @param {Fix} fix
 */
export function placeNear(visit, fix) {
  const near = placesOf(visit)
    .map((each) => ({ each, away_m: distanceM(each, fix) }))
    .filter(({ away_m }) => away_m <= NEAR_M + fix.accuracy_m)
    .sort((a, b) => a.away_m - b.away_m)[0];
  return near ? inLanguage(near.each) : "";
}

/**
 * The place of a part: a tap on a named one, or typed.
 * @param {Journey} visit
 * @param {Part} part
 */
export function placeField(visit, part) {
  const places = placesOf(visit);
  return html`${textField({
    name: "place", label: t("word.place"), value: part.body["place"], longest: longest(part.kind, "place"), onInput: (place) => change(part, { place }),
  })}
    ${places.length > 0 ? chips(places.map((place) => chip({
      label: inLanguage(place), isOn: part.body["place"] === inLanguage(place), onTap: () => change(part, { place: inLanguage(place) }),
    })), t("word.place")) : nothing}`;
}

/**
 * Accuracy, age and distance of a photo's position as the phone gave them, or why there is none.
 * @param {Journey} visit
 * @param {Part} part
 */
export function positionText(visit, part) {
  const { fix, no_fix } = part.body;
  if (!fix) return t(`choice.no_fix.${no_fix ?? "unavailable"}`);
  const age = fix.age_ms < 60_000 ? "" : ` · ${t("photo.fix_age", { n: Math.round(fix.age_ms / 60_000) })}`;
  const site = visit.target.project?.["site"];
  const away_m = site ? distanceM(site, fix) : 0;
  const far = site && away_m - fix.accuracy_m > site.radius_m ? ` · ${t("photo.far", { d: distanceText(away_m) })}` : "";
  return `${t("photo.fix", { n: fix.accuracy_m })}${age}${far}`;
}
