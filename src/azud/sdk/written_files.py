"""Tables as files of their own: `to_csv_files`, `to_parquet_files`."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from typing import Any, Callable, Iterator, List, Optional, Tuple


class WrittenFiles:
    """Files below a temporary folder, written when somebody asks for them and removed with the last dataset of them.

    At the latest they are removed when the process ends.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        """Keep how they are written: `write(folder)`."""
        self._write = write
        self._folder: Optional[str] = None

    def files(self) -> List[Tuple[str, str]]:
        """Return `(absolute path, name)` of each."""
        if self._folder is None:
            folder = tempfile.mkdtemp(prefix="azud-table-")
            remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            try:
                self._write(folder)
            except BaseException:
                remove()
                raise
            self._folder = folder
        return [(os.path.join(self._folder, name), name) for name in sorted(os.listdir(self._folder))]


def write_csv(parts: Callable[[], Iterator[Any]], separator: str) -> Callable[[str], None]:
    """Return what writes the parts of a table to a folder, each as a delimited file with a header."""

    def write(folder: str) -> None:
        for number, frame in enumerate(parts()):
            frame.to_csv(os.path.join(folder, f"part-{number:05}.csv"), sep=separator, index=False)

    return write


def write_parquet(parts: Callable[[], Iterator[Any]]) -> Callable[[str], None]:
    """Return what writes the parts of a table to a folder, each as a parquet file."""

    def write(folder: str) -> None:
        for number, frame in enumerate(parts()):
            parquet_file(frame, os.path.join(folder, f"part-{number:05}.parquet"))

    return write


def parquet_file(frame: Any, path: str, row_group_size: Optional[int] = None) -> None:
    """Write a frame, without its index, to a parquet file.

    Raises:
        DatasetExecutionError: pyarrow is missing, or a column cannot be written.
    """
    from azud.sdk.exceptions import DatasetExecutionError
    from azud.sdk.tables.libraries import parquet_library

    parquet = parquet_library()
    import pyarrow  # type: ignore[import-not-found,import-untyped,unused-ignore]

    try:
        table = pyarrow.Table.from_pandas(frame, preserve_index=False)
    except (pyarrow.ArrowException, ValueError, TypeError) as error:
        text = " ".join(str(item) for item in error.args)
        raise DatasetExecutionError(
            f"the table cannot be written as parquet: {text}", hint="give each column values of one type, and a name"
        ) from error
    parquet.write_table(table, path, row_group_size=row_group_size)
