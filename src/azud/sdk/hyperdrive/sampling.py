"""How a sweep chooses values of its hyperparameters."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence

from azud.sdk.hyperdrive.exceptions import HyperDriveConfigException

_ALL = (
    "choice",
    "randint",
    "uniform",
    "quniform",
    "loguniform",
    "qloguniform",
    "normal",
    "qnormal",
    "lognormal",
    "qlognormal",
)


class HyperParameterSampling:
    """A way to choose values: a name, the parameters with what their values are drawn from, and properties."""

    def __init__(
        self,
        sampling_method_name: str,
        parameter_space: Dict[str, Any],
        properties: Optional[Dict[str, Any]] = None,
        supported_distributions: Optional[Sequence[str]] = None,
        distributions_validators: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Check and keep the parameters.

        Args:
            sampling_method_name: v1's word for the way.
            parameter_space: Parameter to a distribution of `azureml.train.hyperdrive`; a name may begin with dashes.
            properties: Further settings.
            supported_distributions: Kinds that this way can draw from; all if None.
            distributions_validators: Kind to a function of the distribution's parameters that raises if they do not do.

        Raises:
            HyperDriveConfigException: No parameters, one that is no distribution, or one of a kind that this way does
                not support.
        """
        self._name = sampling_method_name
        self._parameter_space = _checked(parameter_space)
        self._properties = properties
        kinds = supported_distributions or _ALL
        for name, (kind, parameters) in self._parameter_space.items():
            if kind not in kinds:
                raise HyperDriveConfigException(
                    f"parameter {name!r}: {type(self).__name__} cannot draw from {kind}", hint=f"use {', '.join(kinds)}"
                )
            if distributions_validators and kind in distributions_validators:
                distributions_validators[kind](parameters)

    def to_json(self) -> Dict[str, Any]:
        """Return the way in v1's JSON, as a dict."""
        found: Dict[str, Any] = {"name": self._name, "parameter_space": self._parameter_space}
        if self._properties:
            found["properties"] = self._properties
        return found

    def __eq__(self, other: object) -> bool:
        """Return whether the other one chooses in the same way from the same values."""
        return isinstance(other, HyperParameterSampling) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]


class RandomParameterSampling(HyperParameterSampling):
    """Values drawn at random."""

    SAMPLING_NAME = "RANDOM"

    def __init__(self, parameter_space: Dict[str, Any], properties: Optional[Dict[str, Any]] = None) -> None:
        """Check and keep the parameters; see `HyperParameterSampling`."""
        super().__init__(self.SAMPLING_NAME, parameter_space, properties)


class GridParameterSampling(HyperParameterSampling):
    """Every combination of the values of choices."""

    SAMPLING_NAME = "GRID"

    def __init__(self, parameter_space: Dict[str, Any], properties: Optional[Dict[str, Any]] = None) -> None:
        """Check and keep the parameters, choices only; see `HyperParameterSampling`."""
        super().__init__(self.SAMPLING_NAME, parameter_space, properties, ("choice",))


class BayesianParameterSampling(HyperParameterSampling):
    """Values chosen by what earlier ones gave."""

    SAMPLING_NAME = "BayesianOptimization"

    def __init__(self, parameter_space: Dict[str, Any], properties: Optional[Dict[str, Any]] = None) -> None:
        """Check and keep the parameters: `choice`, `uniform` and `quniform`; see `HyperParameterSampling`."""
        super().__init__(self.SAMPLING_NAME, parameter_space, properties, ("choice", "uniform", "quniform"))


def _checked(parameter_space: Any) -> Dict[str, Any]:
    if not isinstance(parameter_space, dict) or not parameter_space:
        raise HyperDriveConfigException(
            f"parameter_space is {parameter_space!r}", hint="give a dict: parameter to choice(...), uniform(...), …"
        )
    for name, drawn in parameter_space.items():
        if not isinstance(name, str) or not name.lstrip("-"):
            raise HyperDriveConfigException(f"{name!r} is no name of a parameter")
        if not isinstance(drawn, list) or len(drawn) != 2 or not isinstance(drawn[1], list):
            raise HyperDriveConfigException(
                f"parameter {name!r} is {drawn!r}", hint="give choice(...), uniform(...) or another distribution"
            )
    return dict(parameter_space)
