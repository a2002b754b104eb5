"""Files of tables for tests, and what is read of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.unit.sdk.fakes import FakeWorkspace

from azud.sdk.legacy_dataset import Dataset


class Tables:
    """A folder `table` on the datastore of a workspace."""

    def __init__(self, workspace: FakeWorkspace) -> None:
        self.workspace = workspace
        self.folder = workspace.root / "table"
        self.folder.mkdir()

    @property
    def place(self) -> Any:
        return (self.workspace.store, "table")

    def write(self, name: str, content: str | bytes, encoding: str = "utf8") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def csv(self, *texts: str | bytes, **options: Any) -> Any:
        """Return the dataset of delimited files, each with a text."""
        for number, text in enumerate(texts):
            self.write(f"{number}.csv", text, options.get("encoding", "utf8"))
        return Dataset.Tabular.from_delimited_files(self.place, **options)

    def json(self, *texts: str | bytes, **options: Any) -> Any:
        for number, text in enumerate(texts):
            self.write(f"{number}.jsonl", text)
        return Dataset.Tabular.from_json_lines_files(self.place, **options)

    def parquet(self, *frames: Any, **options: Any) -> Any:
        for number, frame in enumerate(frames):
            frame.to_parquet(self.folder / f"{number}.parquet", row_group_size=options.pop("row_group_size", None))
        return Dataset.Tabular.from_parquet_files(self.place, **options)


def bytes_read() -> int:
    """Return how many bytes this process has read so far (Linux)."""
    with open(f"/proc/{os.getpid()}/io") as stream:
        return int(next(line for line in stream if line.startswith("rchar")).split()[1])
