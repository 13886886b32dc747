// @ts-check
// Search grams: what a text is found by. tests/vectors/grams says what they are, for every program that will search. Words are lower-cased;
// Han is cut into single characters and pairs, because no tokenizer of SQLite or PostgreSQL finds 钢筋 in 钢筋外露.
//
// The ranges are written out, so that both languages cut alike whatever Unicode version they know.

const HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{323af}";
const RUN = new RegExp(`[${HAN}]+|[^${HAN}\\s\\p{P}\\p{S}\\p{C}\\p{Z}]+`, "gu");
const IS_HAN = new RegExp(`^[${HAN}]`, "u");

/**
 * Cut a text into the terms it is found by, in order of the text: `["钢", "钢筋", "筋", "c30"]`. Terms repeat as the text does.
 * @param {string} text
 * @returns {string[]}
 */
export function grams(text) {
  return runs(text).flatMap((run) => (IS_HAN.test(run) ? hanGrams([...run]) : [run]));
}

/**
 * Cut what a person typed into the terms that must all be found; the last word, still being typed, matches as a
 * beginning. Pairs stand for the single characters in them.
 * @param {string} text
 * @returns {{term: string, is_prefix: boolean}[]}
 */
export function wanted(text) {
  const all = runs(text);
  const terms = all.flatMap((run, at) => {
    if (!IS_HAN.test(run)) return [{ term: run, is_prefix: at === all.length - 1 }];
    const characters = [...run];
    const found = characters.length === 1 ? characters : hanPairs(characters);
    return found.map((term) => ({ term, is_prefix: false }));
  });
  return terms;
}

/**
 * Write the FTS5 query for what a person typed; empty when nothing in it can be searched for.
 * @param {string} text
 */
export function matchExpression(text) {
  return wanted(text)
    .map(({ term, is_prefix }) => `"${term}"${is_prefix ? "*" : ""}`)
    .join(" AND ");
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function runs(text) {
  return text.normalize("NFKC").toLowerCase().match(RUN) ?? [];
}

/** @param {string[]} characters */
function hanGrams(characters) {
  return characters.flatMap((character, at) => {
    const next = characters[at + 1];
    return next === undefined ? [character] : [character, character + next];
  });
}

/** @param {string[]} characters */
function hanPairs(characters) {
  return characters.slice(1).map((character, at) => `${characters[at]}${character}`);
}
