"""The command: what it says, where it ends, with which exit code."""

import json
import os
import signal
import socket
import ssl
import subprocess
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509

from fieldapp import tls
from fieldapp.command import COMMANDS, group
from fieldapp.command.archive import opened
from fieldapp.command.demo import add_accounts, show_code
from fieldapp.command.progress import told
from fieldapp.command.serve import names_of, origin_of
from fieldapp.password import check_password, fits, new_password
from fieldapp.services import open_services
from fieldapp.settings import Settings
from tests.browser.app_server import PROGRAM, AppServer
from tests.browser.process import free_port, until

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("FIELDAPP_")}


def run(*words: str | Path, given: str = "", **environment: str) -> Result:
    hidden: dict[str, str | None] = {name: None for name in os.environ if name.startswith("FIELDAPP_")}
    return CliRunner().invoke(
        group, [str(word) for word in words], input=given, env={**hidden, **environment}
    )


def test_every_command_explains_itself() -> None:
    runner = CliRunner()
    for words in (
        [],
        *([name] for name in COMMANDS),
        ["user", "add"],
        ["user", "list"],
        ["user", "password"],
        ["user", "deactivate"],
        ["user", "reset"],
    ):
        answer = runner.invoke(group, [*words, "--help"])
        assert answer.exit_code == 0 and "Usage:" in answer.output, words


def test_wrong_usage_is_two(tmp_path: Path) -> None:
    runner = CliRunner()
    for words in (
        ["frobnicate"],
        ["serve", "--port", "0"],
        ["serve", "--cert", __file__, "--data", str(tmp_path)],
        ["user", "add", "x"],
    ):
        assert runner.invoke(group, words).exit_code == 2, words


def test_accounts_are_made_listed_changed_and_closed(tmp_path: Path) -> None:
    made = run(
        "user",
        "add",
        "D01",
        "--role",
        "supervisor",
        "--name",
        "薛天枢",
        "--data",
        tmp_path,
        given="correct horse 9\n",
    )
    assert (made.exit_code, made.stdout) == (0, "D01: account made\n")
    assert run("user", "list", "--data", tmp_path).stdout == "d01\td01\tsupervisor\tactive\t薛天枢\n"
    assert run("user", "password", "d01", "--data", tmp_path, given="another horse 9\n").exit_code == 0
    assert run("user", "deactivate", "d01", "--data", tmp_path).exit_code == 0
    assert "closed" in run("user", "list", "--data", tmp_path).stdout


@pytest.mark.parametrize(
    ("words", "given", "says"),
    [
        (["user", "add", "d01", "--role", "supervisor"], "passwordpassword\n", "tried first"),
        (["user", "add", "d01", "--role", "supervisor"], "", "no password"),
        (["user", "add", "d 01", "--role", "supervisor"], "correct horse 9\n", "no user name"),
        (["user", "password", "nobody"], "correct horse 9\n", "no account"),
        (["user", "deactivate", "nobody"], "", "no account"),
        (["user", "reset", "nobody"], "", "no account"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_one(
    tmp_path: Path, words: list[str], given: str, says: str
) -> None:
    answer = run(*words, "--data", tmp_path, given=given)
    assert answer.exit_code == 1 and says in answer.stderr
    assert answer.stderr.startswith("Error: ") and answer.stderr.count("\n") == 1


def test_a_bad_setting_or_a_broken_database_is_one_line(tmp_path: Path) -> None:
    unknown = run("settings", FIELDAPP_COLOUR="red")
    assert unknown.exit_code == 1 and "FIELDAPP_COLOUR is not a setting" in unknown.stderr
    (tmp_path / "archive.db").write_bytes(b"this is no database" * 100)
    broken = run("user", "list", "--data", tmp_path)
    assert broken.exit_code == 1 and "cannot be opened" in broken.stderr and broken.stderr.count("\n") == 1


def test_the_server_stops_cleanly_when_told(tmp_path: Path) -> None:
    # Only of a child of ours can the exit code be asked.
    server = AppServer(tmp_path / "archive", program=PROGRAM)
    server.start()
    taken = run("serve", "--port", str(server.port), "--data", tmp_path / "other")
    assert taken.exit_code == 1 and "choose another --port" in taken.stderr
    process = server._process
    assert process is not None
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    server.start()
    process = server._process
    assert process is not None
    process.terminate()
    assert process.wait(30) == 0
    assert "Traceback" not in server.log.read_text()


def test_https_with_an_authority_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    port = free_port()
    process = subprocess.Popen(
        [PROGRAM, "serve", "--https", "--name", "localhost", "--port", str(port), "--data", folder],
        env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = ""
        while "Certificate Trust" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert f"Open https://localhost:{port}/" in said and "one address for ever" in said
        trust = ssl.create_default_context(cafile=str(folder / tls.FOLDER / tls.AUTHORITY))
        _until_open(port)
        with urllib.request.urlopen(
            f"https://localhost:{port}/certificate", context=trust, timeout=30
        ) as answer:
            assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
            x509.load_pem_x509_certificate(answer.read())
    finally:
        process.terminate()
        assert process.wait(30) == 0


def _until_open(port: int) -> None:
    def answers() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    until(answers, "the server to listen")


def test_a_certificate_is_kept_until_names_change_or_its_end_is_near(tmp_path: Path) -> None:
    chain, key = tls.certificate(tmp_path, ["archive.local", "127.0.0.1"])
    first = chain.read_bytes()
    assert tls.certificate(tmp_path, ["127.0.0.1"])[0].read_bytes() == first
    tls.certificate(tmp_path, ["other.local"])
    assert chain.read_bytes() != first
    server, authority = x509.load_pem_x509_certificates(chain.read_bytes())
    server.verify_directly_issued_by(authority)
    assert server.not_valid_after_utc - datetime.now(UTC) < timedelta(days=825)
    assert {path.stat().st_mode & 0o777 for path in (key, tmp_path / "authority.key")} == {0o600}


def test_names_and_addresses_are_those_phones_will_use() -> None:
    assert origin_of("127.0.0.1", 8000, (), False) == "http://127.0.0.1:8000"
    assert origin_of("0.0.0.0", 443, ("archive.local",), True) == "https://archive.local"
    assert origin_of("::1", 8000, (), False) == "http://[::1]:8000"
    assert names_of("0.0.0.0", ("archive.local",)) == ["archive.local", "localhost", "127.0.0.1"]


def test_demo_accounts_share_a_password_by_role(tmp_path: Path) -> None:
    people = [
        ("d01", "d01", "supervisor", "薛天枢", "Xue"),
        ("i01", "i01", "inspector", "奚银杏", "Xi"),
        ("i02", "i02", "inspector", "I", "I"),
    ]
    services = open_services(Settings(data=tmp_path))
    shown = add_accounts(services, people)
    assert [(one["role"], one["usernames"]) for one in shown] == [
        ("supervisor", "d01"),
        ("inspector", "i01 i02"),
    ]
    assert shown[0]["password"] != shown[1]["password"]
    from fieldapp.account import everybody

    with services.database.reading() as session:
        for one in everybody(session):
            assert fits(
                one.password, next(line["password"] for line in shown if one.username in line["usernames"])
            )
    services.database.close()


def test_demo_passwords_pass_our_own_rule() -> None:
    for _ in range(50):
        check_password(new_password(), "d01")


def test_a_code_is_printed_only_where_a_phone_can_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    show_code("http://192.168.1.5:8000", False)
    assert "Use --https" in capsys.readouterr().out
    show_code("https://192.168.1.5:8000", True)
    printed = capsys.readouterr().out
    assert "https://192.168.1.5:8000/phone/" in printed and "/certificate" in printed and "█" in printed


def test_the_demo_serves_this_machine_and_the_phones_of_its_network(tmp_path: Path) -> None:
    data, port, phone_port = tmp_path / "demo", free_port(), free_port()
    with opened(Settings(data=data)):
        (data / "demo-logins.json").write_text(
            '[{"role": "supervisor", "password": "noku-dubu", "usernames": "d01"}]'
        )
    words = [
        "demo",
        "--data",
        data,
        "--port",
        str(port),
        "--phone-port",
        str(phone_port),
        "--name",
        "localhost",
    ]
    process = subprocess.Popen(
        [PROGRAM, *words], env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        _until_open(port)
        _until_open(phone_port)
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"Open http://127.0.0.1:{port}/" in said and "noku-dubu" in said
    assert f":{phone_port}/phone/" in said and "█" in said
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", phone_port), timeout=1)


def test_filling_is_told_by_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with told("Filling") as tell:
        for part in range(1001):
            tell(part / 1000)
    assert capsys.readouterr().out.splitlines() == [f"Filling: {ten} %" for ten in range(0, 101, 10)]


def test_the_second_demo_fills_nothing(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    data.mkdir()
    kept = [{"role": "supervisor", "password": "noku-dubu", "usernames": "d01 d02"}]
    (data / "demo-logins.json").write_text(json.dumps(kept))
    answer = run("demo", "--fill-only", "--data", data)
    assert answer.exit_code == 0 and "noku-dubu" in answer.stdout
    assert [path.name for path in data.iterdir()] == ["demo-logins.json"]
