"""Letters to several persons and files of readers' keys (PROTOCOL section 14), by hand and apart from the engine (RFC 7516 to 7518)."""

import hashlib
import struct
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from tests.vectors.seal import SCALARS, b64, identifier, jwk, kid, private, text_of

Case = tuple[str, str, dict[str, Any], dict[str, Any]]
ALG = b"ECDH-ES+A256KW"
FILE_ALG = b"PBES2-HS512+A256KW"
COUNT = 300_000
OF = identifier(7)
EPHEMERAL = ("stranger", "phone", "second phone")


def letter_cases() -> Iterator[Case]:
    """Yield letters: what is said, to whom, and the letter; with the names of those who open it."""
    everybody = ["reader", "second reader", "recovery"]
    yield _letter("good-three", "two readers and the recovery key", everybody, "他要求不留姓名。")
    yield _letter("good-one", "the recovery key alone", ["recovery"], "x")
    # Three bytes a character: more than the smallest size holds, less than the next.
    yield _letter("good-longer", "filled up to the next size", everybody[1:], "密" * 2_000)


def _letter(name: str, about: str, readers: list[str], words: str) -> Case:
    key, iv = hashlib.sha256(name.encode()).digest(), hashlib.sha256(about.encode()).digest()[:12]
    content = {"identity": "张某 138…", "words": words}
    drawn = dict(zip(sorted(readers, key=kid), EPHEMERAL, strict=False))
    given = {
        "of": OF,
        "content": content,
        "readers": [{"kid": kid(reader), "jwk": jwk(reader)} for reader in readers],
        "opened_by": [{"kid": kid(reader), "jwk": secret(reader)} for reader in readers],
        "ephemerals": [secret(drawn[reader]) for reader in sorted(readers, key=kid)],
        "key": b64(key),
        "iv": b64(iv),
    }
    return name, about, given, {"letter": _written(drawn, text_of(content), key, iv)}


def secret(name: str) -> dict[str, str]:
    """Return a fixed key with its private half."""
    return {**jwk(name), "d": b64(SCALARS[name].to_bytes(32))}


def _written(drawn: dict[str, str], text: bytes, key: bytes, iv: bytes) -> dict[str, Any]:
    size = next(size for size in (4096, 16_384, 65_536) if len(text) <= size)
    head = b64(text_of({"enc": "A256GCM", "typ": "fieldapp-letter", "of": OF}))
    sealed = AESGCM(key).encrypt(iv, text + b" " * (size - len(text)), head.encode())
    recipients = [
        {
            "header": {"alg": ALG.decode(), "kid": kid(reader), "epk": jwk(ephemeral)},
            "encrypted_key": b64(aes_key_wrap(_wrapper(ephemeral, reader), key)),
        }
        for reader, ephemeral in drawn.items()
    ]
    parts = {"iv": b64(iv), "ciphertext": b64(sealed[:-16]), "tag": b64(sealed[-16:])}
    return {"protected": head, **parts, "recipients": recipients}


def _wrapper(ephemeral: str, reader: str) -> bytes:
    agreed = private(ephemeral).exchange(ec.ECDH(), private(reader).public_key())
    info = struct.pack(">I", len(ALG)) + ALG + struct.pack(">III", 0, 0, 256)
    return hashlib.sha256(struct.pack(">I", 1) + agreed + info).digest()


def key_file_cases() -> Iterator[Case]:
    """Yield files of readers' keys: the passphrase, the file, and the key in it or why it does not open."""
    good = _file("correct horse battery staple")
    yield "good", "a file and its passphrase", *_case(good, "correct horse battery staple")
    # A composed and a decomposed é are the same passphrase.
    yield (
        "good-composed",
        "typed on another keyboard",
        *_case(_file("caf\u00e9 保密口令"), "cafe\u0301 保密口令"),
    )
    yield "wrong-passphrase", "another passphrase", *_case(good, "correct horse battery", "wrong-passphrase")
    head, _, rest = good.partition(".")
    turned = rest[:10] + ("A" if rest[10] != "A" else "B") + rest[11:]
    yield (
        "damaged",
        "a character changed",
        *_case(f"{head}.{turned}", "correct horse battery staple", "wrong-passphrase"),
    )
    yield "no-file", "no such file", *_case("no key at all", "correct horse battery staple", "not-a-key-file")


def _case(file: str, passphrase: str, reason: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    expect = {"reason": reason} if reason else {"kid": kid("reader"), "jwk": secret("reader")}
    return {"file": file, "passphrase": passphrase, **DRAWN, "own": secret("reader")}, expect


DRAWN = {
    name: b64(hashlib.sha256(name.encode()).digest()[:size])
    for name, size in (("key", 32), ("iv", 12), ("salt", 16))
}


def _file(passphrase: str) -> str:
    key, iv, salt = (
        hashlib.sha256(name.encode()).digest()[:size]
        for name, size in (("key", 32), ("iv", 12), ("salt", 16))
    )
    members = {
        "alg": FILE_ALG.decode(),
        "enc": "A256GCM",
        "cty": "jwk+json",
        "kid": kid("reader"),
        "p2s": b64(salt),
        "p2c": COUNT,
    }
    head = b64(text_of(members))
    sealed = AESGCM(key).encrypt(iv, text_of(secret("reader")), head.encode())
    wrapper = hashlib.pbkdf2_hmac("sha512", passphrase.encode(), FILE_ALG + b"\0" + salt, COUNT, 32)
    return ".".join(
        [head, *(b64(part) for part in (aes_key_wrap(wrapper, key), iv, sealed[:-16], sealed[-16:]))]
    )
