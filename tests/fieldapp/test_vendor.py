"""The check of the browser libraries at start."""

from pathlib import Path

import pytest

from fieldapp import vendor


def test_missing_folder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(vendor.VendorStale, match=r"are missing\. Run: make setup") as caught:
        vendor.check(tmp_path / "static")
    assert caught.value.folder == tmp_path / "static" / "vendor"


def checkout(root: Path) -> Path:
    for name in vendor.SOURCES:
        (root / name).write_text(f"first {name}")
    (root / "static" / "vendor").mkdir(parents=True)
    (root / "static" / "vendor" / vendor.STAMP).write_text(vendor.source_digest(root) + "\n")
    return root / "static"


@pytest.mark.parametrize("name", vendor.SOURCES)
def test_folder_of_another_lock_is_out_of_date(tmp_path: Path, name: str) -> None:
    static = checkout(tmp_path)
    vendor.check(static)
    (tmp_path / name).write_text("second")
    with pytest.raises(vendor.VendorStale, match="out of date"):
        vendor.check(static)


def test_installed_package_needs_only_the_stamp(tmp_path: Path) -> None:
    static = checkout(tmp_path)
    for name in vendor.SOURCES:
        (tmp_path / name).unlink()
    vendor.check(static)
