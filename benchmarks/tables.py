"""Tables beside pandas: the same files, the same cells, in one run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from azud import Dataset
from benchmarks.bench import Place, Result, fresh_place, twins

_MB = 1_000_000

_FILTER = """
import sys
from azud.sdk.expressions import Column
from azud.sdk.tables.reading import read_table
definition = {"reader": {"format": "delimited"}, "operations": [
    {"op": "filter", "expression": [">", {"column": "n"}, int(sys.argv[2])]}]}
found = len(read_table([(sys.argv[1], "table.csv")], definition))
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM")).split()[1]
print(found, int(peak) * 1.024 / 1000)
"""


def tables(quick: bool) -> list[Result]:
    """`to_pandas_dataframe` beside `pandas.read_csv` and `read_parquet`, and what a filter of a large file takes."""
    import pandas

    rows, repeats = (200_000, 3) if quick else (1_000_000, 7)
    frame = _frame(pandas, rows)
    with fresh_place() as place:
        store = place.workspace.get_default_datastore()
        root = store._local_root()
        found = []
        for name, columns in {
            "numbers and texts": ["i", "f", "b", "t", "u"],
            "with moments": list(frame.columns),
        }.items():
            folder = _folder(root, f"csv {name}")
            frame[columns].to_csv(os.path.join(folder, "0.csv"), index=False)
            options = {"parse_dates": ["d"]} if "d" in columns else {}
            found.append(_delimited(place, f"CSV, {name}", folder, options, repeats))
        parts = _folder(root, "csv parts")
        for number in range(10):
            part = frame.iloc[number * rows // 10 : (number + 1) * rows // 10]
            part.drop(columns="d").to_csv(os.path.join(parts, f"{number}.csv"), index=False)
        found.append(_delimited(place, "CSV, ten files", parts, {}, repeats))
        found += _parquet(place, frame, repeats)
        found.append(_large_filter(root, frame, 100 if quick else 1_000))
    return found


def _frame(pandas: Any, rows: int) -> Any:
    import numpy

    draw = numpy.random.default_rng(0)
    return pandas.DataFrame(
        {
            "i": draw.integers(0, 1_000_000, rows),
            "f": draw.random(rows),
            "b": draw.random(rows) > 0.5,
            "t": [f"name {number}" for number in draw.integers(0, 1_000, rows)],
            "u": [f"id-{number}" for number in range(rows)],
            "d": pandas.date_range("2000-01-01", periods=rows, freq="min"),
        }
    )


def _folder(root: str, name: str) -> str:
    folder = os.path.join(root, name)
    os.makedirs(folder)
    return folder


def _delimited(place: Place, name: str, folder: str, options: dict[str, Any], repeats: int) -> Result:
    import pandas

    dataset = Dataset.Tabular.from_delimited_files(_path(place, folder))
    files = sorted(os.path.join(folder, item) for item in os.listdir(folder))

    def bare() -> Any:
        frames = [pandas.read_csv(file, **options) for file in files]
        return frames[0] if len(frames) == 1 else pandas.concat(frames, ignore_index=True)

    pandas.testing.assert_frame_equal(dataset.to_pandas_dataframe(), bare(), check_dtype=False)
    return _ratio(name, dataset.to_pandas_dataframe, bare, repeats, 1.1, "pandas.read_csv")


def _parquet(place: Place, frame: Any, repeats: int) -> list[Result]:
    import pandas

    folder = _folder(place.workspace.get_default_datastore()._local_root(), "parquet")
    file = os.path.join(folder, "0.parquet")
    frame.to_parquet(file, row_group_size=len(frame) // 20)
    dataset = Dataset.Tabular.from_parquet_files(_path(place, folder))
    last = dataset.filter(dataset["d"] >= frame["d"].iloc[-len(frame) // 20].to_pydatetime())

    def bare() -> Any:
        return pandas.read_parquet(file)

    return [
        _ratio("parquet", dataset.to_pandas_dataframe, bare, repeats, 1.1, "pandas.read_parquet"),
        _ratio(
            "parquet, two of six columns",
            dataset.keep_columns(["i", "t"]).to_pandas_dataframe,
            bare,
            repeats,
            0.5,
            "reading it whole",
        ),
        _ratio("parquet, one of 20 row groups", last.to_pandas_dataframe, bare, repeats, 0.5, "reading it whole"),
    ]


def _large_filter(root: str, frame: Any, megabytes: int) -> Result:
    """Return the resident memory of a process that filters a large CSV."""
    path = os.path.join(_folder(root, "large"), "table.csv")
    text = frame.drop(columns="d").to_csv(index=True, index_label="n", header=False).encode()
    with open(path, "wb") as stream:
        stream.write(b"n,i,f,b,t,u\n")
        while stream.tell() < megabytes * _MB:
            stream.write(text)
    command = [sys.executable, "-c", _FILTER, path, str(len(frame) - 100)]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    size = os.path.getsize(path) / 1e9
    os.unlink(path)
    rows, memory = done.stdout.split()
    return Result(
        f"memory, filter of a CSV of {size:.1f} GB", float(memory), "MB", 1000, f"{rows} rows left, {seconds:.0f} s"
    )


def _path(place: Place, folder: str) -> Any:
    return (place.workspace.get_default_datastore(), os.path.basename(folder))


def _ratio(
    name: str, read: Callable[[], Any], bare: Callable[[], Any], repeats: int, limit: float, beside: str
) -> Result:
    def ours() -> float:
        start = time.perf_counter()
        read()
        return time.perf_counter() - start

    ours()
    own, others = twins(ours, bare, repeats)
    return Result(f"table: {name}", own / others, "×", limit, f"{own:.2f} s beside {others:.2f} s, {beside}")
