// @ts-check
// How something is known: one tap. A unit's own word never counts as a second source, so the difference is asked everywhere alike.

import { choice } from "../field.js";
import { t } from "../word.js";

export const KNOWN_BY = ["seen", "measured", "documented", "said_by_unit", "said_by_others"];

/**
 * @param {{value: string | null, onChoose: (value: string | null) => void, isOptional?: boolean, name?: string, ask?: string, error?: string}} field
 */
export function knownByChoice({ value, onChoose, isOptional = false, name = "known_by", ...needed }) {
  return choice({
    name, label: t("entry.known_by"), isTight: true, value, onChoose, ...needed,
    options: KNOWN_BY.map((each) => ({ value: each, label: t(`entry.${each}`) })),
    ...(isOptional ? { onClear: () => onChoose(null) } : {}),
  });
}
