// @ts-check
// A reader's key is made here, saved at once as a file only its passphrase opens, and proven by opening that file. Until then nobody is told of it, and its
// private half never leaves this page but in that file.

import { checkNumber } from "../core/annex.js";
import { openLetter, writeKeyFile, writeLetter } from "../core/jwe.js";
import { thumbprint } from "../core/jwk.js";
import { Refusal } from "../core/refusal.js";
import { webCrypto } from "../device/crypto.js";
import { secrecy } from "../device/secrecy.js";
import { chosenKey, field, onSubmit, the } from "./letter.js";
import { makeReaderKey, opening } from "./opening.js";

const make = the("#make", HTMLFormElement);
const prove = the("#prove", HTMLFormElement);
const publish = the("#publish", HTMLFormElement);
/** @type {{kid: string, file: string} | null} */
let made = null;

onSubmit(make, async () => {
  const [word, again] = [field("word"), field("word-again")];
  if (word.value !== again.value) throw new Refusal("words-differ", "typed twice, differently");
  const jwk = await makeReaderKey();
  const kid = await thumbprint(jwk, webCrypto);
  made = { kid, file: await writeKeyFile({ kid, jwk }, word.value, { ...secrecy, ...opening }) };
  for (const each of [word, again]) each.value = "";
  make.hidden = true;
  prove.hidden = false;
  save();
});

onSubmit(prove, async () => {
  const { kid, jwk } = await chosenKey();
  if (made === null || kid !== made.kid || (await thumbprint(jwk, webCrypto)) !== kid) throw new Refusal("other-key-made", "another file");
  // Not the same name only: what is written to the public half must open with the private one.
  const { d: _secret, ...open } = jwk;
  const letter = await writeLetter([{ kid, jwk: open }], kid, {}, secrecy);
  await openLetter(letter, { kid, jwk }, kid, opening);
  prove.hidden = true;
  publish.hidden = false;
  the("[name=x]", HTMLInputElement, publish).value = jwk.x;
  the("[name=y]", HTMLInputElement, publish).value = jwk.y;
  the("[data-name=check-number]", HTMLElement, publish).textContent = checkNumber(kid);
});

/** Have the browser save the file. */
function save() {
  if (made === null) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([made.file], { type: "application/jose" }));
  link.download = `fieldapp-${make.dataset["person"]}-${made.kid.slice(0, 8)}.jwe`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

the("#save-again", HTMLButtonElement).addEventListener("click", save);
