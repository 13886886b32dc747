"""PROTOCOL.md is executed here: its examples, and its tables against the code that claims to follow them."""

import importlib
import json
import pkgutil
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import sync
from sync import base64url, container, jwe, package, record, stream
from sync.container import Container
from sync.error import Refused
from sync.jwe import DecryptionKey
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
    # Only what is imported has subclasses to be found.
    for module in pkgutil.iter_modules(sync.__path__, "sync."):
        importlib.import_module(module.name)
    raised = {kind.reason for kind in Refused.__subclasses__()}
    assert set(reasons("refused")) | set(re.findall(r"`refused` with reason `([a-z-]+)`", PAGE)) == raised


def test_sizes_on_the_page_are_those_in_the_code() -> None:
    assert f"at most {record.MAX_BYTES:,} bytes" in PAGE
    assert f"at most {record.MAX_SUPERSEDES};" in PAGE


def test_the_example_manifest_is_what_a_writer_writes() -> None:
    file = BytesIO()
    given = example("manifest")
    writer = package.Writer(
        file, package.Head(**{name: given[name] for name in package.Head.__dataclass_fields__})
    )
    writer.plain(package.KEYS, [])
    writer.plain(package.RECEIPTS, [])
    writer.close()
    opened = Container(file)
    assert json.loads(opened.read(package.MANIFEST)) == given
    assert package.Package(file).head == writer.head


def test_the_example_piece_has_the_header_of_a_piece() -> None:
    given = example("piece")
    place = jwe.Place(given["of"], given["name"], given["total"])
    token = jwe.encrypt(DecryptionKey.new().jwk, place, b"")
    header = json.loads(base64url.decode(token.partition(b".")[0].decode()))
    assert list(header) == list(given)
    assert {name: header[name] for name in ("alg", "enc", "typ", *vars(place))} == {
        name: given[name] for name in ("alg", "enc", "typ", *vars(place))
    }


def test_every_reason_to_refuse_a_package_is_on_the_page() -> None:
    sources = [
        Path(sync.__file__).parent / f"{name}.py" for name in ("container", "package", "jwe", "intake")
    ]
    text = "".join(source.read_text(encoding="utf-8") for source in sources)
    raised = set(re.findall(r'PackageRefused\(\s*"([a-z-]+)"', text))
    raised |= set(re.findall(r'report\.blame\([^)]*?"([a-z]+-[a-z]+)"', text)) | {"overlap"}
    section = PAGE.partition("## 11. Packages")[2].partition("## 12. ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \| ", section, re.MULTILINE)) == raised


def test_limits_of_packages_on_the_page_are_those_in_the_code() -> None:
    assert f"at most {container.MOST_MEMBERS:,} members" in PAGE
    assert f"{container.MOST_MEMBER_BYTES // 2**20} MiB each" in PAGE
    assert jwe.PIECE_BYTES == 2**20
    assert set(package.PLAIN) | {package.MANIFEST} <= set(
        re.findall(r"^\| `([a-z]+\.\w+)` \|", PAGE, re.MULTILINE)
    )


def test_the_example_letter_has_the_members_of_a_letter() -> None:
    given = example("letter")
    letter = jwe.write_letter([DecryptionKey.new().jwk], given["protected"]["of"], {})
    assert {name: sorted(one) for name, one in letter["recipients"][0].items() if name == "header"} == {
        "header": sorted(given["recipients"][0]["header"])
    }
    assert set(letter) == set(given)
    assert json.loads(base64url.decode(letter["protected"])) == given["protected"]
    assert all(f"{size:,}" in PAGE.partition("## 14. ")[2] for size in jwe.LETTER_BYTES)


def test_every_reason_not_to_open_a_letter_is_on_the_page() -> None:
    raised = set(re.findall(r'NotOpened\("([a-z-]+)"', Path(jwe.__file__).read_text(encoding="utf-8")))
    section = PAGE.partition("## 14. ")[2]
    # The browser tells a file that is none from one with another passphrase.
    assert set(re.findall(r"^\| `([a-z-]+)` \| ", section, re.MULTILINE)) == raised | {"not-a-key-file"}
