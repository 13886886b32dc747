"""What Lighthouse says of the shell, on its idea of a slow phone, and of pages of the desk: marks of a hundred."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench.result import Results
from tests.browser import small_city, visit_city
from tests.browser.app_server import PROGRAM, AppServer
from tests.browser.chromium import find

HERE = Path(__file__).parent
PROGRAM_OF_IT = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
REACH = {"performance": "≥ 95", "accessibility": "= 100", "best-practices": "= 100"}
DESK_PAGES = ("/visit/?state=", "/coverage/", "/search/?words=%E9%92%A2%E7%AD%8B", "/entry/")
TAKE_S = 240

Report = dict[str, Any]


def measure(folder: Path, results: Results) -> None:
    """Fetch Lighthouse as locked when it is not there, and let it look at the login screen and at the desk; without Node nothing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("  skipped: Lighthouse needs Node.js and npm")
        return
    if not PROGRAM_OF_IT.is_file():
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=HERE,
            check=True,
        )
    server = AppServer(folder / "archive", program=PROGRAM)
    folder.mkdir(parents=True, exist_ok=True)
    visit_city.seed(server.data)
    server.start()
    try:
        phone = _report(node, folder, f"{server.origin}/phone/zh-CN/")
        cookie = json.dumps({"Cookie": _login(server.origin)})
        ways = ("--preset=desktop", f"--extra-headers={cookie}")
        desk = {page: _report(node, folder, f"{server.origin}{page}", *ways) for page in DESK_PAGES}
    finally:
        server.stop()
    for name, reach in REACH.items():
        results.add(f"lighthouse_{name.replace('-', '_')}", _mark(phone, name), "", reach)
    for name in ("performance", "accessibility"):
        marks = {page: _mark(report, name) for page, report in desk.items()}
        print(f"  {name}: {marks}")
        results.add(f"lighthouse_desk_{name}", min(marks.values()), "", REACH[name])
    shifts = [report["audits"]["cumulative-layout-shift"]["numericValue"] for report in desk.values()]
    results.add("desk_layout_shift", max(shifts), "", "= 0")


def _mark(report: Report, name: str) -> float:
    return float(report["categories"][name]["score"]) * 100


def _report(node: str, folder: Path, address: str, *ways: str) -> Report:
    """Let Lighthouse look at a page."""
    report = folder / "report.json"
    command = [
        node,
        str(PROGRAM_OF_IT),
        address,
        "--output=json",
        f"--output-path={report}",
        "--quiet",
        *ways,
    ]
    command.append("--chrome-flags=--headless=new --no-sandbox --disable-gpu")
    subprocess.run(command, check=True, timeout=TAKE_S, env={**os.environ, "CHROME_PATH": str(find())})
    found: Report = json.loads(report.read_bytes())
    return found


def _login(origin: str) -> str:
    """Log in as the reviewer; return the cookie to send."""
    given = json.dumps({"username": small_city.REVIEWER, "password": small_city.PASSWORD}).encode()
    headers = {"Content-Type": "application/json", "Fieldapp-Client": "1"}
    with urlopen(Request(f"{origin}/session", given, headers), timeout=TAKE_S) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]
