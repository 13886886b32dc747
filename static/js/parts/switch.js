// @ts-check
// Another person takes the phone. The page begins anew, so that nothing one person read stays in its memory for the next.

import { store } from "../device/store.js";
import { address } from "./router.js";
import { allKept } from "./visit/keep.js";

/** Says, across one reload, that it is to be asked who works here. */
const ASK = "ask-who";

/** Close the present person's data and ask who works here; nothing is deleted. False when something typed is not saved: then all stays. */
export async function switchPerson() {
  if (!(await allKept())) return false;
  await store.call("close");
  sessionStorage.setItem(ASK, "yes");
  history.replaceState(null, "", address("login"));
  location.reload();
  return true;
}

/** Whether it is to be asked who works here, also where one person alone does. */
export function isAsked() {
  return sessionStorage.getItem(ASK) !== null;
}

/** Somebody is here. */
export function isAnswered() {
  sessionStorage.removeItem(ASK);
}
