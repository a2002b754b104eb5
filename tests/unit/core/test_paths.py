"""Safe paths below a root."""

from __future__ import annotations

from pathlib import Path

import pytest

from azud.core.errors import UserError
from azud.core.paths import join_resolved, safe_join


def test_links_are_resolved_and_never_lead_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "data").mkdir(parents=True)
    (root / "inside").symlink_to("data")
    (root / "outside").symlink_to(tmp_path)
    assert safe_join(str(root), "inside/a.txt") == str(root / "data" / "a.txt")
    assert safe_join(str(root), "new/folder/a.txt") == str(root / "new" / "folder" / "a.txt")
    assert safe_join(str(root), "") == str(root)
    for path in ("outside/a.txt", "inside/../../a.txt", "..", "a\0b"):
        with pytest.raises(UserError):
            safe_join(str(root), path)


def test_a_root_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real" / "data").mkdir(parents=True)
    (tmp_path / "real" / "inside").symlink_to("data")
    root = tmp_path / "root"
    root.symlink_to("real")
    assert safe_join(str(root), "data/a.txt") == str(tmp_path / "real" / "data" / "a.txt")
    assert join_resolved(str(root), "inside/a.txt") == str(tmp_path / "real" / "data" / "a.txt")


def test_below_a_file_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert safe_join(str(tmp_path), "file/a.txt") == str(tmp_path / "file" / "a.txt")
