"""The libraries that tables need, imported inside the calls that need them."""

from __future__ import annotations

from typing import Any

from azud.sdk.exceptions import DatasetExecutionError


def pandas_library() -> Any:
    """Return pandas.

    Raises:
        DatasetExecutionError: This interpreter has none.
    """
    try:
        import pandas  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise _missing("pandas", "to_pandas_dataframe() needs", "pip install pandas") from error
    return pandas


def parquet_library() -> Any:
    """Return `pyarrow.parquet`.

    Raises:
        DatasetExecutionError: This interpreter has none.
    """
    try:
        import pyarrow.parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        raise _missing("pyarrow", "parquet files need", "pip install pyarrow") from error
    return pyarrow.parquet


def has_fastparquet() -> bool:
    """Return whether parquet can be read with fastparquet, which azud does where pyarrow is missing."""
    import importlib.util

    return importlib.util.find_spec("fastparquet") is not None


def optional_library(name: str, need: str, install: str) -> Any:
    """Return a library that one method needs.

    Raises:
        DatasetExecutionError: This interpreter has none.
    """
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise _missing(name.partition(".")[0], f"{need} needs", install) from error


def _missing(name: str, need: str, install: str) -> DatasetExecutionError:
    import sys

    return DatasetExecutionError(
        f"{name} is not installed in {sys.executable}, which {need}", hint=f"{install} in that environment"
    )
