"""`TrainingOutput`: what of a training step becomes a `PipelineData`."""

from __future__ import annotations

from typing import Optional

from azud.sdk.exceptions import DefinitionValueError


class TrainingOutput:
    """What of a training step becomes a `PipelineData`: a model or its metrics."""

    def __init__(
        self,
        type: str,
        iteration: Optional[int] = None,
        metric: Optional[str] = None,
        model_file: Optional[str] = None,
    ) -> None:
        """Choose `Metrics` or `Model`.

        Raises:
            ValueError: Another type, or a combination that v1 refuses.
        """
        word = str(type).capitalize()
        if word not in ("Metrics", "Model"):
            raise DefinitionValueError(f"TrainingOutput type {type!r} is not valid", hint="Metrics or Model")
        if word == "Metrics" and (iteration is not None or metric is not None):
            raise DefinitionValueError("a TrainingOutput of type Metrics takes no iteration and no metric")
        if iteration is not None and metric is not None:
            raise DefinitionValueError("a TrainingOutput takes an iteration or a metric, not both")
        self._type, self._iteration, self._metric, self._model_file = word, iteration, metric, model_file

    @property
    def type(self) -> str:
        """`Metrics` or `Model`."""
        return self._type

    @property
    def iteration(self) -> Optional[int]:
        """Of which iteration the model is."""
        return self._iteration

    @property
    def metric(self) -> Optional[str]:
        """By which metric the model is the best."""
        return self._metric

    @property
    def model_file(self) -> Optional[str]:
        """Which file of the run is the model."""
        return self._model_file
