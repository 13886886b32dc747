// @ts-check
// A talk outside any visit: begun from the project's page, kept as a draft, sealed and sent on its own. Its screens are those of a talk on a visit; what
// stands for the visit there is the talk itself.

import { nothing } from "../../../vendor/lit-html/lit-html.js";
import { unready } from "../../core/finish.js";
import { store } from "../../device/store.js";
import { absentView } from "../absent.js";
import { banner, button } from "../element.js";
import { reading } from "../reading.js";
import { address, go } from "../router.js";
import { labelOf, listed, t } from "../word.js";
import { lacking } from "../../core/part.js";
import { beginTalk, rolesView } from "./interview.js";
import { excessOf } from "./limit.js";
import { submitTalk } from "./submit.js";
import { readTarget } from "./target.js";

/** @typedef {import("./journey.js").Journey} Journey */
/** @typedef {import("./target.js").Target} Target */

/** @type {import("../reading.js").Reading<Target> | null} */
let shown = null;

/**
 * Return the page of the place a talk belongs to; units have none of their own.
 * @param {Target} target
 */
export function placeOf({ noun, entity }) {
  return noun === "project" ? address("project", entity) : address("home");
}

/** Pick who is spoken to, before there is anything. @type {import("../shell.js").Screen} */
export const talkScreen = {
  /** @param {string[]} args noun and entity of the place */
  enter([noun = "", entity = ""]) {
    shown = reading(["project", "unit", "interview", "draft"], () => readTarget(`${noun}:${entity}`, null));
  },
  leave() {
    shown?.stop();
    shown = null;
  },
  view() {
    const target = shown?.value;
    if (target === undefined) return nothing;
    if (target.project === null && target.unit === null) return absentView("project");
    return rolesView(placeOf(target), (outline) => beginTalk(target, outline));
  },
};

/** What a talk still lacks before it can be sealed. @param {Journey} visit */
export function lackingView(visit) {
  const [part] = unready(visit.parts, excessOf);
  if (part === undefined) return nothing;
  const fields = listed(lacking(part.kind, part.body).map((member) => labelOf(part.kind, member)));
  return banner({ icon: "warning", tone: "warn", title: t("visit.unready"), body: fields === "" ? "" : t("visit.unready_note", { fields }), name: "unready" });
}

/** @param {Journey} visit */
export function submitButton(visit) {
  const submit = async () => {
    if (await submitTalk()) go(placeOf(visit.target), { isInstead: true });
  };
  return button({
    label: t("interview.submit"), icon: "send", kind: "primary", isDisabled: unready(visit.parts, excessOf).length > 0, onTap: () => void submit(), name: "submit",
  });
}
