"""Sweeps: what they draw from, when they end runs, and how they stand in v1's JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.sdk.exceptions import AzureMLException, NotYetError
from azud.sdk.experiment import Experiment
from azud.sdk.hyperdrive import (
    BanditPolicy,
    BayesianParameterSampling,
    EarlyTerminationPolicy,
    GridParameterSampling,
    HyperDriveConfig,
    HyperDriveConfigException,
    HyperDriveNotImplementedException,
    HyperDriveRun,
    HyperDriveRunConfig,
    HyperParameterSampling,
    MedianStoppingPolicy,
    NoTerminationPolicy,
    PrimaryMetricGoal,
    RandomParameterSampling,
    TruncationSelectionPolicy,
    choice,
    lognormal,
    loguniform,
    normal,
    qlognormal,
    qloguniform,
    qnormal,
    quniform,
    randint,
    uniform,
)
from azud.sdk.pipeline import Pipeline
from azud.sdk.runconfig import RunConfiguration
from azud.sdk.script_run_config import ScriptRunConfig


@pytest.mark.parametrize(
    ("made", "json"),
    [
        (choice(1, 2, "x"), ["choice", [[1, 2, "x"]]]),
        (choice([16, 32]), ["choice", [[16, 32]]]),
        (choice(range(1, 4)), ["choice", [[1, 2, 3]]]),
        (choice("one"), ["choice", [["one"]]]),
        (choice([1, 2], [3]), ["choice", [[[1, 2], [3]]]]),
        (randint(5), ["randint", [5]]),
        (uniform(0.05, 0.1), ["uniform", [0.05, 0.1]]),
        (quniform(1, 10, 2), ["quniform", [1, 10, 2]]),
        (loguniform(-6, -1), ["loguniform", [-6, -1]]),
        (qloguniform(1, 2, 0.5), ["qloguniform", [1, 2, 0.5]]),
        (normal(10, 3), ["normal", [10, 3]]),
        (qnormal(10, 3, 1), ["qnormal", [10, 3, 1]]),
        (lognormal(0, 1), ["lognormal", [0, 1]]),
        (qlognormal(0, 1, 2), ["qlognormal", [0, 1, 2]]),
    ],
)
def test_what_values_are_drawn_from(made: Any, json: Any) -> None:
    assert made == json


@pytest.mark.parametrize(
    "make",
    [
        choice,
        lambda: choice([]),
        lambda: randint(0),
        lambda: randint(1.5),  # type: ignore[arg-type]
        lambda: uniform(2, 1),
        lambda: uniform("0", 1),  # type: ignore[arg-type]
        lambda: quniform(0, 1, 0),
        lambda: normal(0, 0),
        lambda: normal(float("nan"), 1),
        lambda: RandomParameterSampling({}),
        lambda: RandomParameterSampling([("--a", choice(1))]),  # type: ignore[arg-type]
        lambda: RandomParameterSampling({"--a": [1, 2, 3]}),
        lambda: RandomParameterSampling({"--": choice(1)}),
        lambda: GridParameterSampling({"--a": uniform(0, 1)}),
        lambda: BayesianParameterSampling({"--a": normal(0, 1)}),
        BanditPolicy,
        lambda: BanditPolicy(slack_factor=0.1, slack_amount=1),
        lambda: BanditPolicy(slack_factor=-1),
        lambda: BanditPolicy(slack_amount="1"),  # type: ignore[arg-type]
        lambda: BanditPolicy(0, 0.1),
        lambda: BanditPolicy(1, 0.1, delay_evaluation=-1),
        lambda: MedianStoppingPolicy(1.5),  # type: ignore[arg-type]
        lambda: TruncationSelectionPolicy(0),
        lambda: TruncationSelectionPolicy(100),
    ],
)
def test_what_no_sweep_can_use_is_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(HyperDriveConfigException, match=r"Message: .+") as raised:
        make()
    assert isinstance(raised.value, AzureMLException)
    assert raised.value.error_code == "HyperDriveConfigException"


def test_ways_to_choose() -> None:
    space = {"--lr": loguniform(-6, -1), "--batch": choice(16, 32)}
    assert RandomParameterSampling(space).to_json() == {"name": "RANDOM", "parameter_space": space}
    assert RandomParameterSampling(space, {"seed": 1}).to_json()["properties"] == {"seed": 1}
    grid, bayesian = {"--a": choice(1)}, {"--a": choice(1), "b": uniform(0, 1), "c": quniform(0, 9, 1)}
    assert GridParameterSampling(grid).to_json()["name"] == GridParameterSampling.SAMPLING_NAME == "GRID"
    assert BayesianParameterSampling(bayesian).to_json()["name"] == "BayesianOptimization"
    assert RandomParameterSampling(space) == RandomParameterSampling(dict(space))
    assert RandomParameterSampling(grid) != GridParameterSampling(grid)

    def even(parameters: Any) -> None:
        if parameters[0] % 2:
            raise HyperDriveConfigException("odd")

    with pytest.raises(HyperDriveConfigException, match="odd"):
        HyperParameterSampling("MINE", {"a": randint(3)}, distributions_validators={"randint": even})


def test_policies() -> None:
    bandit = BanditPolicy(evaluation_interval=2, slack_factor=0.1, delay_evaluation=5)
    assert bandit.to_json() == {
        "name": "Bandit",
        "properties": {"evaluation_interval": 2, "delay_evaluation": 5, "slack_factor": 0.1},
    }
    assert (bandit.slack_factor, bandit.slack_amount, bandit.evaluation_interval, bandit.delay_evaluation) == (
        0.1, None, 2, 5
    )  # fmt: skip
    assert BanditPolicy(slack_factor=0).to_json()["properties"]["slack_factor"] == 0
    assert MedianStoppingPolicy(1, 5) == MedianStoppingPolicy(delay_evaluation=5) != MedianStoppingPolicy()
    truncation = TruncationSelectionPolicy(20)
    assert (truncation.truncation_percentage, truncation.to_json()["name"]) == (20, "TruncationSelection")
    assert NoTerminationPolicy().to_json() == {"name": "Default", "properties": {}}
    assert EarlyTerminationPolicy("Mine", {"a": 1}).to_json() == {"name": "Mine", "properties": {"a": 1}}


SPACE = RandomParameterSampling({"--lr": uniform(0, 1)})
GOAL = PrimaryMetricGoal.MAXIMIZE


def test_a_sweep_of_a_script() -> None:
    script = ScriptRunConfig("src", "train.py")
    sweep = HyperDriveConfig(SPACE, "accuracy", GOAL, 20, policy=BanditPolicy(slack_amount=0.2), run_config=script)
    assert (sweep.run_config, sweep.source_directory) == (script.run_config, "src")
    assert sweep.estimator is None and sweep.pipeline is None
    assert sweep._to_json() == {
        "generator_config": {"name": "RANDOM", "parameter_space": {"--lr": ["uniform", [0, 1]]}},
        "policy_config": {
            "name": "Bandit",
            "properties": {"evaluation_interval": 1, "delay_evaluation": 0, "slack_amount": 0.2},
        },
        "primary_metric_config": {"name": "accuracy", "goal": "maximize"},
        "max_total_jobs": 20,
        "max_concurrent_jobs": 20,
        "max_duration_minutes": 10080,
    }


def test_a_sweep_of_something_else(workspace: FakeWorkspace) -> None:
    pipeline = Pipeline(workspace, [])  # type: ignore[arg-type]
    sweep = HyperDriveConfig(SPACE, "a", GOAL, 4, 2, 60, pipeline=pipeline)
    assert (sweep.pipeline, sweep.run_config, sweep.source_directory) == (pipeline, None, None)
    assert sweep._to_json()["policy_config"]["name"] == "Default"
    estimator: Any = type("Estimator", (), {"run_config": RunConfiguration(), "source_directory": "x"})()
    older = HyperDriveRunConfig(estimator, SPACE, "a", GOAL, 4, max_concurrent_runs=2)
    assert type(older) is HyperDriveConfig
    assert (older.estimator, older.run_config, older.source_directory) == (estimator, estimator.run_config, "x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"run_config": None},
        {"pipeline": object()},
        {"hyperparameter_sampling": {"--lr": uniform(0, 1)}},
        {"primary_metric_name": ""},
        {"primary_metric_goal": "MAXIMIZE"},
        {"policy": "Bandit"},
        {"max_total_runs": 0},
        {"max_total_runs": "4"},
        {"max_concurrent_runs": 0},
        {"max_duration_minutes": 10081},
        {"resume_from": [1, 2, 3, 4, 5, 6]},
    ],
)
def test_sweeps_that_are_refused(wrong: dict[str, Any]) -> None:
    options = {
        "hyperparameter_sampling": SPACE,
        "primary_metric_name": "a",
        "primary_metric_goal": GOAL,
        "max_total_runs": 4,
        "run_config": ScriptRunConfig("src", "a.py"),
    }
    with pytest.raises(HyperDriveConfigException):
        HyperDriveConfig(**{**options, **wrong})


def test_goals() -> None:
    assert PrimaryMetricGoal.from_str("minimize") is PrimaryMetricGoal.MINIMIZE
    with pytest.raises(ValueError, match="least"):
        PrimaryMetricGoal.from_str("least")


def test_what_needs_the_engine_of_sweeps_is_named(workspace: FakeWorkspace) -> None:
    experiment = Experiment(workspace, "e")  # type: ignore[arg-type]
    sweep = HyperDriveConfig(SPACE, "a", GOAL, 1, run_config=ScriptRunConfig("src", "a.py"))
    with pytest.raises(NotYetError, match="HyperDriveConfig"):
        experiment.submit(sweep)
    run = HyperDriveRun(experiment, "r1", sweep)
    assert (run.id, run.hyperdrive_config) == ("r1", sweep)
    for name in ("get_best_run_by_primary_metric", "get_children_sorted_by_primary_metric", "get_hyperparameters"):
        with pytest.raises(NotYetError, match=f"HyperDriveRun.{name}"):
            getattr(run, name)()


def test_exceptions_are_those_of_v1() -> None:
    with pytest.raises(HyperDriveConfigException, match="nothing"):
        raise HyperDriveNotImplementedException("nothing")
