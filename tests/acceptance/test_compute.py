"""Compute targets as v1's programs make, find, watch, start, stop and leave them, with a real server."""

from __future__ import annotations

import os
import time

import pytest
from tests.acceptance.authoring import Authoring
from tests.conftest import LiveWorkspace

from azud.core.errors import AzudError
from azureml.core import Experiment, Run, ScriptRunConfig, Workspace
from azureml.core.compute import (
    AmlCompute,
    BatchCompute,
    ComputeInstance,
    ComputeTarget,
    DatabricksCompute,
    DataFactoryCompute,
    RemoteCompute,
)
from azureml.core.compute_target import ComputeTargetException, LocalTarget
from azureml.exceptions import UserErrorException
from azureml.pipeline.core import Pipeline


@pytest.fixture
def author(workspace: LiveWorkspace) -> Authoring:
    return Authoring(workspace)


@pytest.fixture
def ws(author: Authoring) -> Workspace:
    return author.ws


def found_or_made(ws: Workspace, name: str) -> AmlCompute:
    """Return a cluster as most notebooks get theirs."""
    vm_size = os.environ.get("AML_COMPUTE_CLUSTER_SKU", "STANDARD_D2_V2")
    try:
        found = ComputeTarget(workspace=ws, name=name)
        print("Found existing cluster, use it.")
    except ComputeTargetException as error:
        assert error.message.startswith("ComputeTargetNotFound")
        wanted = AmlCompute.provisioning_configuration(
            vm_size=vm_size,
            min_nodes=os.environ.get("AML_COMPUTE_CLUSTER_MIN_NODES", "0"),
            max_nodes=os.environ.get("AML_COMPUTE_CLUSTER_MAX_NODES", "2"),
            idle_seconds_before_scaledown=300,
            tags={"team": "a"},
        )
        found = ComputeTarget.create(ws, name, wanted)
        found.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)
    return found


def test_a_cluster_is_made_once_and_found_again(
    ws: Workspace, author: Authoring, capsys: pytest.CaptureFixture[str]
) -> None:
    made = found_or_made(ws, "cpu-cluster")
    again = found_or_made(ws, "cpu-cluster")
    assert capsys.readouterr().out.endswith("Found existing cluster, use it.\n")
    assert type(again) is type(made) is type(ws.compute_targets["cpu-cluster"]) is AmlCompute
    assert {target.name for target in ComputeTarget.list(ws)} >= {"cpu-cluster"}
    print(made.get_status().serialize())
    assert made.get_status().serialize()["scaleSettings"] == {
        "minNodeCount": 0,
        "maxNodeCount": 2,
        "nodeIdleTimeBeforeScaleDown": "PT300S",
    }
    run = author.run(author.step("train", "print('hello')\n", compute_target=made))
    (step,) = run.get_steps()
    assert step.get_details()["target"] == "cpu-cluster"
    assert [node["nodeState"] for node in made.list_nodes()] == ["idle"]
    assert [run.id for run in made.get_active_runs()] == []
    made.update(min_nodes=1)
    made.wait_for_completion(show_output=True, min_node_count=1, timeout_in_minutes=1)
    assert ws.compute_targets["cpu-cluster"].scale_settings.minimum_node_count == 1
    made.delete()
    assert "cpu-cluster" not in ws.compute_targets
    with pytest.raises(ComputeTargetException, match="cpu-cluster"):
        made.refresh_state()


def test_a_cluster_says_which_runs_it_has(ws: Workspace, author: Authoring) -> None:
    cluster = found_or_made(ws, "cpu-cluster")
    gate = author.live.folder / "gate"
    os.mkfifo(gate)
    run = author.submit(
        Pipeline(ws, [author.step("wait", f"open({str(gate)!r}).read()\n", compute_target="cpu-cluster")])
    )
    with gate.open("w"):  # opens when the step reads
        (active,) = cluster.get_active_runs()
        assert active.id == next(iter(run.get_steps())).id
        assert cluster.get_status().node_state_counts.running_node_count == 1
        while active.get_status() == "Queued":  # the script may be quicker than the news of it
            time.sleep(0.05)
        assert [(node["nodeState"], node["runId"]) for node in cluster.list_nodes()] == [("running", active.id)]
    assert run.wait_for_completion(show_output=False) == "Finished"
    assert list(cluster.get_active_runs()) == []


def test_an_instance_runs_steps_until_it_is_stopped(ws: Workspace, author: Authoring) -> None:
    configuration = ComputeInstance.provisioning_configuration(vm_size="STANDARD_D2_V2", ssh_public_access=False)
    instance = ComputeTarget.create(ws, "me-ci", configuration)
    instance.wait_for_completion(show_output=True)
    assert instance.get_status().state == "Running"
    author.run(author.step("once", "print('on an instance')\n", compute_target=instance))
    instance.stop(wait_for_completion=True, show_output=True)
    step = author.step("refused", "print()\n", compute_target=ComputeInstance(ws, "me-ci"))
    with pytest.raises(UserErrorException, match=r"'me-ci', which is stopped.*start"):
        author.submit(Pipeline(ws, [step]))
    instance.restart(wait_for_completion=True)
    author.run(step)


def test_steps_that_nothing_here_runs_are_refused_when_they_are_submitted(
    ws: Workspace, author: Authoring, capsys: pytest.CaptureFixture[str]
) -> None:
    configuration = RemoteCompute.attach_configuration("me", address="10.0.0.1", password="hunter2-hunter2")
    attached = ComputeTarget.attach(ws, "vm", configuration)
    attached.wait_for_completion(show_output=True)
    for target in (attached, "vm"):
        step = author.step("remote", "print()\n", compute_target=target)
        with pytest.raises(UserErrorException, match=r"step 'remote'.*'vm' of type VirtualMachine.*AmlCompute"):
            author.submit(Pipeline(ws, [step]))
    (author.live.folder / "script.py").write_text("print()\n")
    script = ScriptRunConfig(str(author.live.folder), "script.py", compute_target="vm")
    with pytest.raises(UserErrorException, match="VirtualMachine"):
        Experiment(ws, "scripts").submit(script)
    assert list(Run.list(Experiment(ws, "bad"))) == []
    assert "steps that name it are refused" in capsys.readouterr().err


def test_targets_of_other_services_survive_the_server_and_their_secrets_do_not(
    ws: Workspace, workspace: LiveWorkspace
) -> None:
    secret = "dapi-0123456789"
    try:
        DatabricksCompute(workspace=ws, name="db")
    except ComputeTargetException:
        configuration = DatabricksCompute.attach_configuration(
            resource_group="group", workspace_name="bricks", access_token=secret
        )
        ComputeTarget.attach(ws, "db", configuration).wait_for_completion(True)
    ComputeTarget.create(ws, "adf", DataFactoryCompute.provisioning_configuration()).wait_for_completion()
    batch = BatchCompute.attach_configuration(resource_group="group", account_name="account")
    ComputeTarget.attach(ws, "batch", batch).wait_for_completion()
    workspace.stop_server()
    found = DatabricksCompute(ws, "db")
    assert (found.type, found.provisioning_state, found.provisioning_errors) == ("Databricks", "Succeeded", None)
    assert found.cluster_resource_id.endswith("/Microsoft.Databricks/workspaces/bricks")
    assert {name: type(ws.compute_targets[name]) for name in ("db", "adf", "batch")} == {
        "db": DatabricksCompute,
        "adf": DataFactoryCompute,
        "batch": BatchCompute,
    }
    workspace.stop_server()
    files = [path for path in (workspace.folder / ".azud").rglob("*") if path.is_file()]
    assert files and not [path for path in files if secret.encode() in path.read_bytes()]
    with pytest.raises(ComputeTargetException, match="'db' is of type Databricks, not AmlCompute"):
        ComputeTarget.create(ws, "db", AmlCompute.provisioning_configuration(max_nodes=1))
    found.detach()
    assert "db" not in ws.compute_targets


def test_this_machine_by_its_old_name(author: Authoring) -> None:
    author.run(author.step("local", "print()\n", compute_target=LocalTarget()))


def test_the_server_takes_no_target_that_it_does_not_know(workspace: LiveWorkspace) -> None:
    for body, about in (
        ({"type": "Quantum"}, "Quantum"),
        ({"type": "local"}, "local"),
        ({"type": "Databricks", "driver": "local"}, "driver"),
        ({"type": "AmlCompute", "properties": {"max_nodes": "4"}}, "max_nodes"),
    ):
        with pytest.raises(AzudError, match=about):
            workspace.client.call("PUT", "/compute/c", body=body)
