// @ts-check
/**
 * Which entries may be open still, as SQL: what core/entry_state.js calls open is always among them, and a few more. Closed is what was
 * last seen fixed on site, or was fixed at once and never looked at again.
 */

/** The last recheck of each entry. */
export const LAST_CHECK = `checked as (select entry, outcome, known_by,
    row_number() over (partition by entry order by checked_on desc, captured_at desc, entity desc) as place from main.recheck)`;

/** Joined with `checked` at place 1. */
export const IS_OPEN = `case when checked.outcome is null then not coalesce(entry.is_fixed_at_once, 0)
    else not (checked.outcome = 'fixed' and coalesce(checked.known_by, '') in ('seen', 'measured')) end`;
