"""azud: Azure Machine Learning pipelines on your own machines.

`from azud import Workspace, Experiment, Pipeline, PythonScriptStep …` gives the classes of `azud.sdk`. They are
imported when they are asked for, so that `import azud` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any, List

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # By name, so that lower layers that import this package for its version depend on no other layer.
    sdk = importlib.import_module("azud.sdk")
    if name not in sdk.PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(sdk, name)


def __dir__() -> List[str]:
    return sorted({*globals(), *importlib.import_module("azud.sdk").PLACES})
