"""What Lighthouse says of the shell: its marks of a hundred, on its own idea of a slow phone."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from bench.result import Results
from tests.browser import visit_city
from tests.browser.app_server import PROGRAM, AppServer
from tests.browser.chromium import find

HERE = Path(__file__).parent
PROGRAM_OF_IT = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
REACH = {"performance": "≥ 95", "accessibility": "= 100", "best-practices": "= 100"}
TAKE_S = 240


def measure(folder: Path, results: Results) -> None:
    """Fetch Lighthouse as locked when it is not there, and let it look at the login screen; without Node nothing."""
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
        report = folder / "report.json"
        command = [
            node,
            str(PROGRAM_OF_IT),
            f"{server.origin}/phone/zh-CN/",
            "--output=json",
            f"--output-path={report}",
            "--quiet",
        ]
        command.append("--chrome-flags=--headless=new --no-sandbox --disable-gpu")
        subprocess.run(command, check=True, timeout=TAKE_S, env={**os.environ, "CHROME_PATH": str(find())})
        marks = json.loads(report.read_bytes())["categories"]
    finally:
        server.stop()
    for name, reach in REACH.items():
        results.add(f"lighthouse_{name.replace('-', '_')}", marks[name]["score"] * 100, "", reach)
