// @ts-check
// Which photo shows how a project looked: the overview of its last visit. A checklist asks for it first; a visit without one is
// shown by a photo of the whole, and only then by one of a single thing.

/** @typedef {{visit: string | null, about: string | null, item: string | null, taken_at: string}} Photo */

/**
 * Return the ids of the items that ask for an overview: the first core item of each sheet whose photo is required.
 * @param {{groups: import("./checklist.js").Group[]}[]} sheets
 * @returns {Set<string>}
 */
export function overviewItems(sheets) {
  const first = sheets.map(({ groups }) => groups.flatMap((group) => group.items).find((item) => item.core && item.photo === "required"));
  return new Set(first.flatMap((item) => (item === undefined ? [] : [item.id])));
}

/**
 * Return the overview of the last visit that has photos; of several the one taken first, before the camera went to details.
 * @template {Photo} P
 * @param {P[]} photos of one project
 * @param {string[]} visits newest first
 * @param {Set<string>} items that ask for an overview
 * @returns {P | null}
 */
export function overviewOf(photos, visits, items) {
  const last = visits.map((visit) => photos.filter((photo) => photo.visit === visit)).find((some) => some.length > 0) ?? photos;
  const ranked = last.map((photo) => ({ photo, place: placeOf(photo, items), at_ms: Date.parse(photo.taken_at) }));
  return ranked.sort((a, b) => a.place - b.place || a.at_ms - b.at_ms)[0]?.photo ?? null;
}

/** @param {Photo} photo @param {Set<string>} items */
function placeOf({ about, item }, items) {
  if (item && items.has(item)) return 0;
  if (about !== null) return 3;
  return item ? 2 : 1;
}
