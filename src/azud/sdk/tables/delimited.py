"""Delimited files."""

from __future__ import annotations

import csv
import os
import re
import warnings
from typing import Any, Dict, Iterator, List, Optional, Sequence

from azud.sdk.data_types import codec_of
from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.broken import explained
from azud.sdk.tables.source import PartSizes, Source

_PART_BYTES = 32_000_000
_SAMPLE_BYTES = 65_536
_WHOLE_BYTES = 64_000_000


class DelimitedFiles(Source):
    """Delimited files, parsed and as far as possible typed by pandas.

    pandas is given the positions of columns, not their names: names that stand there twice or not at all are ours.
    """

    _names: List[Optional[List[str]]]

    def names_of_table(self) -> List[str]:
        """Return the names of the columns, by the mode of headers."""
        mode = self.plan.reader.get("header", "ALL_FILES_HAVE_SAME_HEADERS")
        self._names = []
        found: List[str] = []
        for path, _ in self.plan.files:
            # Where all files have the same header, or none but the first has one, that of the first counts.
            if found and mode != "COMBINE_ALL_FILES_HEADERS":
                self._names.append(None)
                continue
            row = self._first_row(path)
            self._names.append(_unique(row, has_names=mode != "NO_HEADERS") if row else [])
            found += [name for name in self._names[-1] or () if name not in set(found)]
        return found

    def parts_of_file(self, index: int, wanted: List[str], sizes: PartSizes) -> Iterator[Any]:
        """Yield the rows of a file."""
        path = self.plan.files[index][0]
        names = self._names_of(index)
        if not names:
            return
        places = [place for place, name in enumerate(names) if name in set(wanted)]
        texts = self.types.texts(names)
        options = self._options(names, texts, places)
        options["header"] = 0 if self._has_header(index) else None
        try:
            for frame in self._frames(path, options, sizes):
                frame.columns = [names[place] for place in frame.columns]
                yield frame[[]] if not places else frame
        except self.pandas.errors.EmptyDataError:
            return
        except (OSError, ValueError, LookupError, Warning, csv.Error) as error:
            raise explained(path, error, self._separator, self._encoding, len(names)) from error

    def _frames(self, path: str, options: Dict[str, Any], sizes: PartSizes) -> Iterator[Any]:
        pandas = self.pandas
        is_small = os.path.getsize(path) <= _WHOLE_BYTES and not sizes.is_taking
        if not sizes.in_parts or is_small:
            with warnings.catch_warnings():
                # What pandas typed piecewise is read again as texts; a row that is too long is an error.
                warnings.simplefilter("ignore", pandas.errors.DtypeWarning)
                warnings.simplefilter("error", pandas.errors.ParserWarning)
                frame = pandas.read_csv(path, **options)
            yield frame
            return
        if options["engine"] == "c":
            options["low_memory"] = False
        most = max(1, _PART_BYTES // self._row_bytes(path))
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            reader = pandas.read_csv(path, iterator=True, **options)
        with reader:
            while True:
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("error", pandas.errors.ParserWarning)
                        frame = reader.get_chunk(sizes.next(most))
                except StopIteration:
                    return
                yield frame

    def _options(self, names: Sequence[str], texts: Any, places: List[int]) -> Dict[str, Any]:
        is_simple = len(self._separator) == 1
        options: Dict[str, Any] = {
            "sep": self._separator if is_simple else re.escape(self._separator),
            "engine": "c" if is_simple else "python",
            "names": list(range(len(names))),
            "keep_default_na": False,
            "na_values": [""],
            "encoding": self._encoding,
            "index_col": False,
        }
        # Pieces of other cells than these need not be made; a column is read for the number of rows in any case.
        if len(places) < len(names):
            options["usecols"] = places or [0]
        # The other engine has types of its own; ours are found in the texts.
        text_places = [place for place, name in enumerate(names) if name in texts or not is_simple]
        if len(text_places) == len(names):
            options["dtype"] = str
        elif text_places:
            options["dtype"] = dict.fromkeys(text_places, str)
        return options

    def _names_of(self, index: int) -> List[str]:
        """Return the names of a file's columns, in the order in which they stand there."""
        own = self._names[index]
        if own is not None:
            return own
        shared: List[str] = next(names for names in self._names if names)
        if self.plan.reader.get("header") in ("NO_HEADERS", "ONLY_FIRST_FILE_HAS_HEADERS"):
            return shared
        path = self.plan.files[index][0]
        row = self._first_row(path)
        if row is None:
            return []
        names = _unique(row, has_names=True)
        if len(names) != len(shared):
            raise DatasetExecutionError(
                f"{path} has {len(names)} columns, {self.plan.files[0][0]} has {len(shared)}",
                hint="read tables of different columns with header=PromoteHeadersBehavior.COMBINE_ALL_FILES_HEADERS",
            )
        return names if sorted(names) == sorted(shared) else shared

    def _has_header(self, index: int) -> bool:
        mode = self.plan.reader.get("header", "ALL_FILES_HAVE_SAME_HEADERS")
        if mode == "ONLY_FIRST_FILE_HAS_HEADERS":
            return not any(self._names[:index])
        return bool(mode != "NO_HEADERS")

    @property
    def _separator(self) -> str:
        return str(self.plan.reader.get("separator", ","))

    @property
    def _encoding(self) -> str:
        return codec_of(self.plan.reader.get("encoding", "utf8"))

    def _first_row(self, path: str) -> Optional[List[str]]:
        """Return the cells of the first row that is not blank; None if there is none."""
        try:
            if len(self._separator) == 1 and not path.endswith(_PACKED):
                found = _first_csv_row(path, self._separator, self._encoding)
                if found is not _TOO_LONG:
                    return found
            frame = self.pandas.read_csv(
                path,
                sep=self._separator if len(self._separator) == 1 else re.escape(self._separator),
                engine="c" if len(self._separator) == 1 else "python",
                encoding=self._encoding,
                header=None,
                nrows=1,
                dtype=str,
                keep_default_na=False,
            )
            return [str(cell) for cell in frame.iloc[0]]
        except self.pandas.errors.EmptyDataError:
            return None
        except (OSError, ValueError, LookupError) as error:
            raise explained(path, error, self._separator, self._encoding, 0) from error

    def _row_bytes(self, path: str) -> int:
        """Return about how many bytes a row of the file has."""
        with open(path, "rb") as stream:
            sample = stream.read(_SAMPLE_BYTES)
        return max(1, len(sample) // max(1, sample.count(b"\n")))


_PACKED = (".gz", ".bz2", ".zip", ".xz", ".zst", ".tar")
_TOO_LONG: List[str] = []


def _first_csv_row(path: str, separator: str, encoding: str) -> Optional[List[str]]:
    codec = "utf-8-sig" if encoding.replace("-", "").lower() == "utf8" else encoding
    with open(path, encoding=codec, newline="") as stream:
        try:
            for row in csv.reader(stream, delimiter=separator):
                if len(row) > 1 or (row and row[0].strip()):
                    return row
        except csv.Error:
            return _TOO_LONG  # a cell beyond the module's limit, which pandas does not have
    return None


def _unique(row: Sequence[str], has_names: bool) -> List[str]:
    """Return names for the cells of a first row: their own; `Column3` for one without; `a.1` for a second `a`."""
    names: List[str] = []
    taken = set()
    for number, cell in enumerate(row, 1):
        base = cell if has_names and cell.strip() else f"Column{number}"
        name, count = base, 0
        while name in taken:
            count += 1
            name = f"{base}.{count}"
        taken.add(name)
        names.append(name)
    return names
