// @ts-check
/** Small values of one person's storage, as JSON by name. Screens' own names carry the prefix `screen.`. */

/** @typedef {import("./database.js").Database} Database */

/**
 * Return a value, or null when it was never set.
 * @param {Database} db
 * @param {string} name
 * @returns {any}
 */
export function setting(db, name) {
  const text = db.value("select value from setting where name = :name", { name });
  return text === null ? null : JSON.parse(text);
}

/**
 * Set a value; null removes it.
 * @param {Database} db
 * @param {string} name
 * @param {unknown} value
 */
export function set(db, name, value) {
  db.transaction(() => {
    if (value === null || value === undefined) db.run("delete from setting where name = :name", { name });
    else db.run("insert or replace into setting (name, value) values (:name, :value)", { name, value: JSON.stringify(value) });
  });
}
