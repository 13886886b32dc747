// @ts-check
// Opening a confidential annex in its reader's browser. The key file is opened first, so that a wrong passphrase asks the archive for nothing; the archive
// records the opening and hands out the letter; what it says stays in this page, and leaves it with it.

import { openLetter } from "../core/jwe.js";
import { Refusal } from "../core/refusal.js";
import { chosenKey, onSubmit, the } from "./letter.js";
import { opening } from "./opening.js";

const form = the("#opening", HTMLFormElement);
const opened = the("#opened", HTMLElement);

onSubmit(form, async () => {
  const key = await chosenKey();
  if (!(form.dataset["kids"] ?? "").split(" ").includes(key.kid)) throw new Refusal("other-key", "not to this key");
  const content = await openLetter(await letterOf(form), key, form.dataset["entity"] ?? "", opening);
  show(String(content["identity"] ?? ""), String(content["words"] ?? ""));
  form.hidden = true;
});

/** @param {HTMLFormElement} asked @returns {Promise<import("../core/jwe.js").Letter>} */
async function letterOf(asked) {
  const answer = await fetch(asked.action, { method: "POST", body: new FormData(asked), headers: { Accept: "application/json" } }).catch((error) => {
    throw new Refusal("failed", "no answer", { cause: error });
  });
  if (!answer.ok) throw new Refusal(answer.status === 403 ? "not-allowed" : "failed", `status ${answer.status}`);
  return (await answer.json()).letter;
}

/** @param {string} identity @param {string} words */
function show(identity, words) {
  the("[data-name=identity]", HTMLElement, opened).textContent = identity;
  the("[data-name=words]", HTMLElement, opened).textContent = words;
  opened.hidden = identity === "" && words === "";
}

the("#close", HTMLButtonElement).addEventListener("click", () => location.reload());
addEventListener("pagehide", () => show("", ""));
