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
        import sys

        raise DatasetExecutionError(
            f"pandas is not installed in {sys.executable}, which to_pandas_dataframe() needs",
            hint="pip install pandas in that environment",
        ) from error
    return pandas
