"""Delimited files."""

from __future__ import annotations

import csv
import datetime
import os
import re
import warnings
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from azud.sdk.data_types import codec_of
from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.broken import explained
from azud.sdk.tables.heads import Head, days_in, head_of, unique_names
from azud.sdk.tables.moments import has_now, is_guessed
from azud.sdk.tables.source import PartSizes, Source

_PART_BYTES = 16_000_000
_SAMPLE_BYTES = 65_536
_WHOLE_BYTES = 64_000_000


class DelimitedFiles(Source):
    """Delimited files, parsed and as far as possible typed by pandas.

    pandas is given the positions of columns, not their names: names that stand there twice or not at all are ours.
    """

    _names: List[Optional[List[str]]]
    _last_head: Optional[Tuple[str, Head]] = None

    def names_of_table(self) -> List[str]:
        """Return the names of the columns, by the mode of headers."""
        mode = self.plan.reader.get("header", "ALL_FILES_HAVE_SAME_HEADERS")
        self._names = []
        found: List[str] = []
        taken: Set[str] = set()
        for path, _ in self.plan.files:
            # Where all files have the same header, or none but the first has one, that of the first counts.
            if found and mode != "COMBINE_ALL_FILES_HEADERS":
                self._names.append(None)
                continue
            head = self._head(path)
            self._names.append(unique_names(head[0], has_names=mode != "NO_HEADERS") if head else [])
            found += [name for name in self._names[-1] or () if name not in taken]
            taken.update(found)
        return found

    def parts_of_file(self, index: int, wanted: List[str], sizes: PartSizes) -> Iterator[Any]:
        """Yield the rows of a file."""
        path = self.plan.files[index][0]
        names = self._names_of(index)
        if not names:
            return
        chosen, texts = set(wanted), self.types.texts(names)
        places = [place for place, name in enumerate(names) if name in chosen]
        options = self._options(names, texts, places)
        options["header"] = 0 if self._has_header(index) else None
        try:
            for frame in self._frames(index, options, sizes):
                frame.columns = [names[place] for place in frame.columns]
                yield frame[[]] if not places else frame
        except self.pandas.errors.EmptyDataError:
            return
        except (OSError, ValueError, LookupError, Warning, csv.Error) as error:
            raise explained(path, error, self._separator, self._encoding, len(names)) from error

    def _frames(self, index: int, options: Dict[str, Any], sizes: PartSizes) -> Iterator[Any]:
        pandas, path = self.pandas, self.plan.files[index][0]
        is_small = os.path.getsize(path) <= _WHOLE_BYTES and not sizes.is_taking
        if not sizes.in_parts or is_small:
            yield self._whole(index, options)
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

    def _whole(self, index: int, options: Dict[str, Any]) -> Any:
        """Read a file in one piece; pandas is told where moments seem to stand, which it reads best at once."""
        pandas, path = self.pandas, self.plan.files[index][0]
        days = self._days(index, options)
        with warnings.catch_warnings():
            # What pandas typed piecewise is read again as texts; a row that is too long is an error.
            warnings.simplefilter("ignore", pandas.errors.DtypeWarning)
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            if days:
                warnings.filterwarnings("error", "Could not infer format", UserWarning)
                start = datetime.datetime.now()
                try:
                    frame = pandas.read_csv(path, parse_dates=days, **options)
                except UserWarning as warning:
                    if isinstance(warning, pandas.errors.ParserWarning):
                        raise
                else:
                    if not has_now(pandas, frame[days], start):
                        return frame
            return pandas.read_csv(path, **options)

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
        head = self._head(path)
        if not head:
            return []
        names = unique_names(head[0], has_names=True)
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

    def _head(self, path: str) -> Head:
        """Return the first rows of a file; those of the last file that was asked for are kept."""
        if self._last_head is None or self._last_head[0] != path:
            try:
                self._last_head = (path, head_of(self.pandas, path, self._separator, self._encoding))
            except (OSError, ValueError, LookupError) as error:
                raise explained(path, error, self._separator, self._encoding, 0) from error
        return self._last_head[1]

    def _days(self, index: int, options: Dict[str, Any]) -> List[int]:
        """Return which columns may hold moments, by the first rows of a file."""
        if options["engine"] != "c" or not is_guessed(self.pandas) or options.get("dtype") is str:
            return []
        head = self._head(self.plan.files[index][0])
        chosen, texts = options.get("usecols"), options.get("dtype") or {}
        found = days_in(head[1:] if self._has_header(index) else head, len(options["names"]))
        return [place for place in found if place not in texts and (chosen is None or place in set(chosen))]

    def _row_bytes(self, path: str) -> int:
        """Return about how many bytes a row of the file has."""
        with open(path, "rb") as stream:
            sample = stream.read(_SAMPLE_BYTES)
        return max(1, len(sample) // max(1, sample.count(b"\n")))
