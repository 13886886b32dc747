// @ts-check
// The code of a person spoken to. It names nobody: letter, the inspector's number, and how many talks came before.

const PER_LETTER = 99;

/**
 * Return the next code of an inspector at a project, for example `T0503`: the third talk of inspector i05. Phones need not know
 * of each other, because each inspector counts alone.
 * @param {string} person the inspector
 * @param {string[]} taken the codes this inspector has used there
 */
export function nextCode(person, taken) {
  const digits = person.replace(/\D/g, "").slice(-2).padStart(2, "0");
  for (let count = 0; ; count += 1) {
    const letter = "T" + String.fromCharCode(65 + Math.floor(count / PER_LETTER));
    const prefix = count < PER_LETTER ? "T" : letter;
    const code = `${prefix}${digits}${String((count % PER_LETTER) + 1).padStart(2, "0")}`;
    if (!taken.includes(code)) return code;
  }
}
