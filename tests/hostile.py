"""Texts that want to be more than text, and bodies that say them wherever people may write."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError

from fieldapp.domain.body import Body
from sync.jwe import LetterKey, write_letter

# Short enough for every member: a script, an attribute's end, templates of every sort, marks that turn the direction and are never
# closed, a control character, a formula, what was escaped already.
TEXT = (
    "\"'><script>globalThis.hacked=1</script><img src=x onerror=globalThis.hacked=1>{{7*7}}{%x%}${1}{0}%s"
    "</template>javascript:\u202e\u2066\ufeff\x01=1+1&lt;b&gt;末"
)
# Nowhere to break, and as long as a member may be.
LONG = "W" * 20_000

SAMPLES = (
    "01930000-0000-7000-8000-0000000000ab", "2026-11-12T14:20:00.000+08:00", "2026-11-12", "2026-11", "A1", "i05", "12",
    "word", "text", "0" * 64,
)  # fmt: skip

# Of a key and a letter nothing is free text.
_READER, _RECOVERY = LetterKey.from_scalar(4001), LetterKey.from_scalar(4003)
_OWN: dict[str, Any] = {"key": _READER.kid, "jwk": _READER.jwk}

# What a rule over several members asks for.
NEEDED: dict[str, dict[str, Any]] = {
    "look_back": {"known_by": "seen"},
    "outcome": {"item": ""},
    "confirmation": {"proof": "screen"},
    "appraisal": {
        "issued": 5,
        "returned": 5,
        "valid": 5,
        "counts": [
            {"target": SAMPLES[0], "question": "i05", "group": group, "marks": [5, 0]}
            for group in ("all", "relation.i05", "contact.i05")
        ],
        "readers": [],
        "recovery": None,
        "letter": None,
    },
    "reply": {"official": SAMPLES[0]},
    "fact_sheet": {"official": SAMPLES[0]},
    "reader_key": _OWN,
    "recovery_key": _OWN,
    "annex": {
        "readers": [{"person": "d01", "kid": _READER.kid}],
        "recovery": _RECOVERY.kid,
        "letter": write_letter(
            [_READER.jwk, _RECOVERY.jwk], SAMPLES[0], {"identity": TEXT[:500], "words": TEXT}
        ),
    },
}


def filled(body: type[Body], text: str, **given: Any) -> dict[str, Any]:
    """Return a body that says `text`, cut to what it may have, in every member that people write; `given` members stay."""
    schema = body.model_json_schema()
    given = NEEDED.get(body.kind, {}) | given
    return {
        name: given[name] if name in given else _value(own, schema, text)
        for name, own in schema["properties"].items()
    }


def _value(own: Mapping[str, Any], schema: Mapping[str, Any], text: str) -> Any:
    if "anyOf" in own:
        # What need not be there and is no free text is left out.
        inner = next(one for one in own["anyOf"] if one.get("type") != "null")
        value = _value(inner, schema, text)
        may_lack = any(one.get("type") == "null" for one in own["anyOf"])
        return value if not may_lack or value == text[: inner.get("maxLength")] else None
    if "$ref" in own:
        own = schema["$defs"][own["$ref"].rsplit("/", 1)[1]]
    if "enum" in own:
        return own["enum"][0]
    return _of_type(own, schema, text)


def _of_type(own: Mapping[str, Any], schema: Mapping[str, Any], text: str) -> Any:
    match own.get("type"):
        case "string" if "pattern" in own:
            return next(sample for sample in SAMPLES if _fits(own["pattern"], sample))
        case "string":
            return text[: own.get("maxLength")]
        case "array":
            return [_value(own["items"], schema, text)] * max(1, own.get("minItems", 0))
        case "object" if "properties" in own:
            return {name: _value(one, schema, text) for name, one in own["properties"].items()}
        case "object" if own.get("additionalProperties") is True:
            return {}
        case "object":
            return {"m01": _value(own["additionalProperties"], schema, text)}
        case "boolean":
            return False
        case _:
            return own.get("minimum", 0)


def _fits(pattern: str, sample: str) -> bool:
    """Ask whoever judges the bodies: its patterns know classes of letters that Python's do not."""
    try:
        TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)]).validate_python(sample)
    except ValidationError:
        return False
    return True
