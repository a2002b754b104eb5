"""When a sweep ends runs early that fall behind."""

from __future__ import annotations

from typing import Any, Dict, Optional

from azud.sdk.hyperdrive.exceptions import HyperDriveConfigException


class EarlyTerminationPolicy:
    """A rule by name, with its properties."""

    def __init__(self, name: str, properties: Optional[Dict[str, Any]] = None) -> None:
        """Keep the rule."""
        self._name = name
        self._properties = dict(properties or {})

    def to_json(self) -> Dict[str, Any]:
        """Return the rule in v1's JSON, as a dict."""
        return {"name": self._name, "properties": dict(self._properties)}

    def __eq__(self, other: object) -> bool:
        """Return whether the other one is the same rule with the same properties."""
        return isinstance(other, EarlyTerminationPolicy) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]


class _IntervalPolicy(EarlyTerminationPolicy):
    """A rule that looks at every `evaluation_interval`th value of the metric, from `delay_evaluation` on."""

    def __init__(self, name: str, evaluation_interval: int, delay_evaluation: int, **properties: Any) -> None:
        _check_whole("evaluation_interval", evaluation_interval, 1)
        _check_whole("delay_evaluation", delay_evaluation, 0)
        both = {"evaluation_interval": evaluation_interval, "delay_evaluation": delay_evaluation}
        super().__init__(name, {**both, **properties})

    @property
    def evaluation_interval(self) -> int:
        """How many values of the metric lie between two looks."""
        return int(self._properties["evaluation_interval"])

    @property
    def delay_evaluation(self) -> int:
        """How many values are waited for before the first look."""
        return int(self._properties["delay_evaluation"])


class BanditPolicy(_IntervalPolicy):
    """Ends runs that are further from the best one than a factor or an amount.

    With a factor f and a metric to be maximised, those below best / (1 + f).
    """

    POLICY_NAME = "Bandit"

    def __init__(
        self,
        evaluation_interval: int = 1,
        slack_factor: Optional[float] = None,
        slack_amount: Optional[float] = None,
        delay_evaluation: int = 0,
    ) -> None:
        """Keep the rule; a factor of 0 is one, as in v1, and lets only runs go on that are as good as the best.

        Raises:
            HyperDriveConfigException: Neither factor nor amount, both, or one that is no number of 0 or more; or an
                interval that is not valid.
        """
        given = {"slack_factor": slack_factor, "slack_amount": slack_amount}
        given = {name: value for name, value in given.items() if value is not None}
        if len(given) != 1:
            raise HyperDriveConfigException(
                f"BanditPolicy has {' and '.join(given) or 'no slack'}", hint="give slack_factor or slack_amount"
            )
        for name, value in given.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
                raise HyperDriveConfigException(f"{name} is {value!r}", hint="give a number, 0 or more")
        super().__init__(self.POLICY_NAME, evaluation_interval, delay_evaluation, **given)

    @property
    def slack_factor(self) -> Optional[float]:
        """The factor, or None."""
        return self._properties.get("slack_factor")

    @property
    def slack_amount(self) -> Optional[float]:
        """The amount, or None."""
        return self._properties.get("slack_amount")


class MedianStoppingPolicy(_IntervalPolicy):
    """Ends runs whose best value is worse than the median of the others' averages."""

    POLICY_NAME = "MedianStopping"

    def __init__(self, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        """Keep the rule.

        Raises:
            HyperDriveConfigException: An interval that is not valid.
        """
        super().__init__(self.POLICY_NAME, evaluation_interval, delay_evaluation)


class TruncationSelectionPolicy(_IntervalPolicy):
    """Ends the worst share of the runs at each look."""

    POLICY_NAME = "TruncationSelection"

    def __init__(self, truncation_percentage: int, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        """Keep the rule.

        Raises:
            HyperDriveConfigException: The percentage is no whole number from 1 to 99, or an interval is not valid.
        """
        _check_whole("truncation_percentage", truncation_percentage, 1, 99)
        super().__init__(
            self.POLICY_NAME, evaluation_interval, delay_evaluation, truncation_percentage=truncation_percentage
        )

    @property
    def truncation_percentage(self) -> int:
        """The share that is ended, in percent."""
        return int(self._properties["truncation_percentage"])


class NoTerminationPolicy(EarlyTerminationPolicy):
    """Lets every run go on to its end."""

    POLICY_NAME = "Default"

    def __init__(self) -> None:
        """Make the rule."""
        super().__init__(self.POLICY_NAME)


def _check_whole(name: str, value: Any, least: int, most: Optional[int] = None) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or value < least or (most is not None and value > most):
        reach = f"from {least} to {most}" if most is not None else f"{least} or more"
        raise HyperDriveConfigException(f"{name} is {value!r}", hint=f"give a whole number, {reach}")
