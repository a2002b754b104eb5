"""`run.input_datasets`. A module of its own: steps that do not ask for it need not import it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from azud.sdk.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Optional


class InputDatasets(Mapping[str, "Any"]):
    """`run.input_datasets`: made of the variables that the runner set and of its `datasets.json`."""

    def __init__(self, workspace: Any, folder: Optional[str] = None) -> None:
        """Read the modes; datasets are read when they are asked for, from `datasets.json` in the attempt's folder."""
        self._folder = folder or os.environ.get("AZUD_ATTEMPT_DIR", "")
        self._workspace = workspace
        self._modes: Dict[str, str] = {}
        for item in os.environ.get("AZUREML_DATASET_ENVIRONMENT_VARS", "").split(","):
            name, _, mode = item.partition(":")
            if name:
                self._modes[name.strip()] = mode.strip().lower() or "direct"
        self._datasets: Optional[Dict[str, Any]] = None

    def __getitem__(self, name: str) -> Any:
        """Return an input.

        Raises:
            UserErrorException: The step has no such input (also a `KeyError`).
        """
        if name not in self._modes:
            raise _MissingInput(
                f"this step has no dataset input {name!r}", hint=f"its inputs: {', '.join(self._modes) or 'none'}"
            )
        if self._modes[name] in ("mount", "download") and name in os.environ:
            return os.environ[name]
        from azud.sdk.dataset import staged_dataset

        return staged_dataset(self._workspace, self._staged()[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._modes)

    def __len__(self) -> int:
        return len(self._modes)

    def _staged(self) -> Dict[str, Any]:
        if self._datasets is None:
            with open(os.path.join(self._folder, "datasets.json"), encoding="utf-8") as stream:
                self._datasets = json.load(stream)
        return self._datasets


class _MissingInput(UserErrorException, KeyError):
    """An input that the step does not have."""
