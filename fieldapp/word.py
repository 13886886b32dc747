"""Which message says a word of a record: the label of a member, the wording of a choice. Keys only; wording stands in the catalogue.

The phone follows the same rule in `static/js/core/word.js`.
"""

from fieldapp.catalogue import DEFAULT_LANGUAGE, load

# Choices whose wording came with the department's word list: `<kind>.<name>` before `<name>`; the rest is `choice.<name>.<value>`.
CHOICES = {
    "confirmation.outcome": "confirmation.outcome",
    "confirmation.proof": "confirmation.proof",
    "known_by": "entry",
    "severity": "entry.severity",
    "cause": "entry.cause",
    "visibility": "entry",
    "manner": "manner",
    "purpose": "purpose",
    "list": "list",
    "share": "word.share",
    "relation": "interview.relation",
    "knows": "interview.knows",
    "mode": "interview.mode",
    "outcome": "outcome",
    "corroboration": "corroboration",
    "entry.sort": "entry",
    "reconciliation.state": "milestone",
    "link.role": "word.link",
    "reply.reply": "reply",
}


def choice_key(kind: str, name: str, value: str) -> str:
    """Return the message of one value of a member: `choice_key("visit", "manner", "covert")` → `manner.covert`."""
    prefix = CHOICES.get(f"{kind}.{name}") or CHOICES.get(name)
    if prefix:
        return f"{prefix}.{value}"
    own = f"choice.{kind}.{name}.{value}"
    return own if own in load(DEFAULT_LANGUAGE) else f"choice.{name}.{value}"


def label_key(kind: str, name: str) -> str:
    """Return the message that labels a member: `field.<kind>.<name>` where there is one, else `field.<name>`."""
    own = f"field.{kind}.{name}"
    return own if own in load(DEFAULT_LANGUAGE) else f"field.{name}"
