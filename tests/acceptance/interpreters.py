"""An interpreter of the user's own, in which tests install things."""

from __future__ import annotations

import pathlib


class Python:
    """What the tests change in it.

    Args:
        site: Where its packages are installed.
        editable: A folder of source that a `.pth` file puts on its path.
    """

    def __init__(self, site: pathlib.Path, editable: pathlib.Path) -> None:
        self.site, self.editable = site, editable

    def install(self, name: str, version: str) -> None:
        """Install a package in place of its other versions."""
        for old in self.site.glob(f"{name}-*.dist-info"):
            (old / "RECORD").unlink()
            old.rmdir()
        folder = self.site / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "RECORD").write_text(f"{name}.py,sha256={version},1\n")
