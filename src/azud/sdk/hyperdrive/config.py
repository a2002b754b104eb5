"""`HyperDriveConfig`: a sweep over hyperparameters, described and checked. Running one is to come."""

from __future__ import annotations

import enum
from typing import Any, Dict, List, Optional

from azud.sdk.hyperdrive.exceptions import HyperDriveConfigException
from azud.sdk.hyperdrive.policy import EarlyTerminationPolicy, NoTerminationPolicy
from azud.sdk.hyperdrive.sampling import HyperParameterSampling

_MAX_MINUTES = 10080
_MAX_PARENTS = 5


class PrimaryMetricGoal(enum.Enum):
    """Which values of the metric are better."""

    MAXIMIZE = "MAXIMIZE"
    MINIMIZE = "MINIMIZE"

    @staticmethod
    def from_str(goal: str) -> PrimaryMetricGoal:
        """Return the goal of a text, in any case.

        Raises:
            ValueError: It is neither.
        """
        try:
            return PrimaryMetricGoal[str(goal).upper()]
        except KeyError:
            raise ValueError(f"{goal!r} is no goal: use MAXIMIZE or MINIMIZE") from None


class HyperDriveConfig:
    """A sweep: which values are tried, which metric decides, how many runs, and what runs."""

    def __init__(
        self,
        hyperparameter_sampling: HyperParameterSampling,
        primary_metric_name: str,
        primary_metric_goal: PrimaryMetricGoal,
        max_total_runs: int,
        max_concurrent_runs: Optional[int] = None,
        max_duration_minutes: int = _MAX_MINUTES,
        policy: Optional[EarlyTerminationPolicy] = None,
        estimator: Any = None,
        run_config: Any = None,
        resume_from: Any = None,
        resume_child_runs: Optional[List[Any]] = None,
        pipeline: Any = None,
        debug_flag: Any = None,
        custom_run_id: Optional[str] = None,
    ) -> None:
        """Check and keep the sweep.

        Args:
            hyperparameter_sampling: The parameters and how their values are chosen.
            primary_metric_name: The metric that runs log and that decides.
            primary_metric_goal: Which of its values are better.
            max_total_runs: The sweep ends after so many runs.
            max_concurrent_runs: So many run at a time; all of them if None.
            max_duration_minutes: The sweep ends after so many minutes, a week at most.
            policy: When runs are ended early; never if None.
            estimator: What runs: an estimator,
            run_config: or a `ScriptRunConfig`,
            resume_from: Earlier sweeps to learn from, one or a list of at most five.
            resume_child_runs: Runs of earlier sweeps to go on with.
            pipeline: or a `Pipeline`.
            debug_flag: Kept for the record.
            custom_run_id: Kept for the record.

        Raises:
            HyperDriveConfigException: Not exactly one of estimator, run_config and pipeline, or an argument of another
                type or range than above.
        """
        _check_kinds(hyperparameter_sampling, primary_metric_name, primary_metric_goal, policy)
        _check_count("max_total_runs", max_total_runs)
        if max_concurrent_runs is not None:
            _check_count("max_concurrent_runs", max_concurrent_runs)
        _check_count("max_duration_minutes", max_duration_minutes, _MAX_MINUTES)
        self._what = _only_one(estimator=estimator, run_config=run_config, pipeline=pipeline)
        self._sampling = hyperparameter_sampling
        self._primary_metric_name = primary_metric_name
        self._primary_metric_goal = primary_metric_goal
        self._max_total_runs = max_total_runs
        self._max_concurrent_runs = max_concurrent_runs if max_concurrent_runs is not None else max_total_runs
        self._max_duration_minutes = max_duration_minutes
        self._policy = policy if policy is not None else NoTerminationPolicy()
        self._resume_from = _parents(resume_from)
        self._resume_child_runs = list(resume_child_runs or [])
        self._debug_flag = debug_flag
        self._custom_run_id = custom_run_id

    @property
    def estimator(self) -> Any:
        """The estimator that runs, or None."""
        return self._what.get("estimator")

    @property
    def run_config(self) -> Any:
        """The `RunConfiguration` of what runs; None of a pipeline."""
        found = self._what.get("run_config") or self.estimator
        # A ScriptRunConfig or estimator holds one, and a RunConfiguration is one.
        return getattr(found, "run_config", found)

    @property
    def pipeline(self) -> Any:
        """The pipeline that runs, or None."""
        return self._what.get("pipeline")

    @property
    def source_directory(self) -> Optional[str]:
        """The source folder of what runs; None of a pipeline."""
        found = self._what.get("run_config") or self.estimator
        return getattr(found, "source_directory", None)

    def _to_json(self) -> Dict[str, Any]:
        """Return the sweep in v1's JSON, without what runs."""
        return {
            "generator_config": self._sampling.to_json(),
            "policy_config": self._policy.to_json(),
            "primary_metric_config": {
                "name": self._primary_metric_name,
                "goal": self._primary_metric_goal.value.lower(),
            },
            "max_total_jobs": self._max_total_runs,
            "max_concurrent_jobs": self._max_concurrent_runs,
            "max_duration_minutes": self._max_duration_minutes,
        }


class HyperDriveRunConfig(HyperDriveConfig):
    """v1's older name of `HyperDriveConfig`, with the estimator as its first argument. Gives a `HyperDriveConfig`."""

    def __new__(  # type: ignore[misc]
        cls,
        estimator: Any,
        hyperparameter_sampling: HyperParameterSampling,
        primary_metric_name: str,
        primary_metric_goal: PrimaryMetricGoal,
        max_total_runs: int,
        max_concurrent_runs: Optional[int] = None,
        max_duration_minutes: int = _MAX_MINUTES,
        policy: Optional[EarlyTerminationPolicy] = None,
    ) -> HyperDriveConfig:
        """Return the sweep."""
        return HyperDriveConfig(
            hyperparameter_sampling,
            primary_metric_name,
            primary_metric_goal,
            max_total_runs,
            max_concurrent_runs,
            max_duration_minutes,
            policy,
            estimator,
        )


def _check_kinds(sampling: Any, metric: Any, goal: Any, policy: Any) -> None:
    if not isinstance(sampling, HyperParameterSampling):
        raise _refused("hyperparameter_sampling", sampling, "give RandomParameterSampling, Grid… or Bayesian…")
    if not isinstance(metric, str) or not metric:
        raise _refused("primary_metric_name", metric, "give the name of a metric that the script logs")
    if not isinstance(goal, PrimaryMetricGoal):
        raise _refused("primary_metric_goal", goal, "give PrimaryMetricGoal.MAXIMIZE or MINIMIZE")
    if policy is not None and not isinstance(policy, EarlyTerminationPolicy):
        raise _refused("policy", policy, "give BanditPolicy or another policy")


def _check_count(name: str, value: Any, most: Optional[int] = None) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or value < 1 or (most is not None and value > most):
        raise _refused(name, value, f"give a whole number from 1{f' to {most}' if most else ' on'}")


def _only_one(**given: Any) -> Dict[str, Any]:
    found = {name: value for name, value in given.items() if value is not None}
    if len(found) != 1:
        raise HyperDriveConfigException(
            f"HyperDriveConfig has {' and '.join(found) or 'nothing to run'}",
            hint="give one of estimator, run_config and pipeline",
        )
    return found


def _parents(resume_from: Any) -> List[Any]:
    found = list(resume_from) if isinstance(resume_from, (list, tuple)) else [resume_from]
    found = [run for run in found if run is not None]
    if len(found) > _MAX_PARENTS:
        raise HyperDriveConfigException(f"resume_from has {len(found)} sweeps", hint=f"give at most {_MAX_PARENTS}")
    return found


def _refused(name: str, value: Any, hint: str) -> HyperDriveConfigException:
    return HyperDriveConfigException(f"{name} is {value!r}", hint=hint)
