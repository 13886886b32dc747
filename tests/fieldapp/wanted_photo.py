"""A data folder whose archive waits for the bytes of one photo: for clients that upload it to a server."""

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from fieldapp import Settings
from fieldapp.command.archive import opened
from tests.fieldapp.desk_city import build, make_app, photo_body, services
from tests.sync.factory import sent


@dataclass(frozen=True)
class WantedPhoto:
    data: Path
    picture: bytes
    record: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.picture).hexdigest()

    @property
    def metadata(self) -> dict[str, str]:
        """What tus sends with the creation of an upload."""
        return {"record": self.record, "sha256": self.sha256}

    def is_safe(self) -> bool:
        """Tell whether the archive, opened anew, calls the record complete and gives these bytes back."""
        with opened(Settings(data=self.data)) as home:
            receipts, missing = home.archive.receipts([self.record])
            if missing or not receipts:
                return False
            with home.photos.open(self.sha256) as file:
                return file.read() == self.picture

    def expire_uploads(self) -> None:
        """Let a week pass for all uploads under way."""
        with sqlite3.connect(self.data / "archive.db") as connection:
            connection.execute("UPDATE upload SET expires_at = '2020-01-01T00:00:00.000+00:00'")
        connection.close()


def wanted_photo(data: Path, picture: bytes) -> WantedPhoto:
    app = make_app(data)
    city = build(app)
    phone, archive = city.phone("i05"), services(app).archive
    body = photo_body("2026-11-12", picture)
    stream = f"project:{city.projects['p017']}"
    sealed = phone.seal(body, kind="photo", stream=stream, id=archive.new_id())
    assert [one.verdict for one in archive.push(sent(sealed)).judgements] == ["appended"]
    services(app).database.close()
    return WantedPhoto(data, picture, sealed.hash)
