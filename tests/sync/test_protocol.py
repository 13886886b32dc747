"""PROTOCOL.md is executed here: its examples, and its tables against the code that claims to follow them."""

import json
import re
from pathlib import Path
from typing import Any

import sync
from sync import record, stream
from sync.error import Refused
from sync.key import SealingKey
from sync.rule import _ROWS

PAGE = (Path(sync.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")


def example(name: str) -> Any:
    (text,) = re.findall(rf"```json example={name}\n(.*?)```", PAGE, re.DOTALL)
    return json.loads(text)


def test_the_example_record_can_be_sealed_and_verified() -> None:
    key = SealingKey.new()
    sealed = record.seal(key, example("record"))
    record.verify(sealed, key.jwk)
    assert sealed.payload == example("record")


def test_the_example_chain_has_the_heads_it_says() -> None:
    chain = example("head")
    assert stream.heads(chain["archive"], chain["stream"], chain["hashes"]) == chain["heads"]


def test_the_table_of_members_names_the_thirteen() -> None:
    section = PAGE.partition("exactly these thirteen members")[2].partition("- **signature**")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == record._MEMBERS


def reasons(verdict: str) -> list[str]:
    return re.findall(rf"^\|[^|]+\| `{verdict}` \| `([a-z-]+)`", PAGE, re.MULTILINE)


def test_reasons_to_set_aside_stand_in_the_order_of_the_page() -> None:
    assert reasons("quarantined") == ["id-taken", *(reason for reason, _ in _ROWS), "body-invalid"]


def test_every_reason_to_refuse_is_on_the_page() -> None:
    raised = {kind.reason for kind in Refused.__subclasses__()}
    assert set(reasons("refused")) | set(re.findall(r"`refused` with reason `([a-z-]+)`", PAGE)) == raised


def test_sizes_on_the_page_are_those_in_the_code() -> None:
    assert f"at most {record.MAX_BYTES:,} bytes" in PAGE
    assert f"at most {record.MAX_SUPERSEDES};" in PAGE
