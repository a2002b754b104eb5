"""What the engine promises a user, seen through the SDK: reuse, side-by-side steps, compute, warnings, cancelling."""

from __future__ import annotations

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset, Experiment
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.runconfig import RunConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter

WRITE = "import os, sys\nos.makedirs(sys.argv[2])\nopen(os.path.join(sys.argv[2], 'x'), 'w').write('made')\n"


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def record(author, step_run):
    return author.live.client.get(f"/runs/{step_run.id}")


def decision(author, step_run):
    return author.live.client.get(f"/runs/{step_run.id}/reuse")


def one_step(author, run):
    (step_run,) = run.get_steps()
    return step_run


def test_a_reused_step_says_from_which_run_and_shows_its_results(author):
    code = WRITE + "from azureml.core import Run\nRun.get_context().log('rows', 3)\nprint('worked')"

    def build():
        data = PipelineData("data", datastore=author.ws.get_default_datastore())
        return author.step("a", code, outputs=[data], arguments=["--out", data])

    first = one_step(author, author.run(build()))
    run = author.run(build())
    again = one_step(author, run)
    assert again.properties["azureml.reusedrunid"] == first.id
    assert again.properties["azureml.reusednodeid"]
    assert again.properties["azureml.reusedpipeline"] == first.pipeline_run_id
    assert again.get_metrics() == {"rows": 3}
    assert "worked" in again.get_job_log()
    assert again.get_output_data("data").path_on_datastore == first.get_output_data("data").path_on_datastore
    told = decision(author, again)
    assert (told["outcome"], told["reused_from"]) == ("hit", first.id)
    assert told["preimage"]["source"] == record(author, first)["snapshot"]


def test_a_step_records_the_python_that_it_ran_in(author):
    import sys

    properties = one_step(author, author.run(author.step("a", "pass"))).properties
    assert properties["azud.interpreter"] == sys.executable
    assert len(properties["azud.environment"]) == 64


def test_a_run_never_reuses_its_own_results(author, tmp_path):
    code = f"import os\nos.open({str(tmp_path)!r} + '/ran-' + str(os.getpid()), os.O_CREAT)\n"
    author.step("same", code)
    steps = [author.step("same", code) for _ in range(3)]
    run = author.run(*steps)
    assert [step.get_status() for step in run.get_steps()] == ["Finished"] * 3
    assert all("azureml.reusedrunid" not in step.properties for step in run.get_steps())


def test_identical_steps_of_two_runs_in_flight_run_once(author, tmp_path):
    code = f"import time\nopen({str(tmp_path / 'count')!r}, 'a').write('x')\nprint('up', flush=True)\ntime.sleep(1.5)\n"
    first = author.submit(Pipeline(author.ws, steps=[author.step("slow", code)]))
    author.wait_for_log(first, "up")
    second = author.submit(Pipeline(author.ws, steps=[author.step("slow", code)]))
    for run in (first, second):
        run.wait_for_completion(show_output=False)
    assert (tmp_path / "count").read_text() == "x"
    assert one_step(author, second).properties["azureml.reusedrunid"] == one_step(author, first).id


def test_followers_run_themselves_when_the_leader_is_canceled(author, tmp_path):
    code = f"""
import os, time
if not os.path.exists({str(tmp_path / "go")!r}):
    print('up', flush=True)
    time.sleep(60)
"""
    first = author.submit(Pipeline(author.ws, steps=[author.step("slow", code)]))
    author.wait_for_log(first, "up")
    second = author.submit(Pipeline(author.ws, steps=[author.step("slow", code)]))
    (tmp_path / "go").touch()
    first.cancel()
    second.wait_for_completion(show_output=False)
    first.wait_for_completion(show_output=False, raise_on_error=False)
    assert (first.get_status(), second.get_status()) == ("Canceled", "Finished")
    assert "azureml.reusedrunid" not in one_step(author, second).properties


@pytest.mark.parametrize(
    "options, submit, outcome",
    [({"allow_reuse": False}, {}, "disabled"), ({}, {"regenerate_outputs": True}, "regenerated")],
)
def test_reuse_can_be_switched_off(author, options, submit, outcome):
    author.run(author.step("a", "pass", **options))
    run = author.submit(Pipeline(author.ws, steps=[author.step("a", "pass", **options)]), **submit)
    run.wait_for_completion(show_output=False)
    assert decision(author, one_step(author, run))["outcome"] == outcome


def test_a_file_changed_behind_an_unchanged_dataset_is_noticed_and_equal_content_is_not(author, tmp_path):
    store = author.ws.get_default_datastore()
    source = tmp_path / "data.txt"

    def outcome(text):
        source.write_text(text)
        store.upload_files([str(source)], target_path="in", overwrite=True, show_progress=False)
        dataset = Dataset.File.from_files((store, "in/data.txt")).as_named_input("data").as_mount()
        run = author.run(author.step("a", "pass", inputs=[dataset]))
        return decision(author, one_step(author, run))["outcome"]

    assert [outcome(text) for text in ("one", "one", "two", "one")] == ["miss", "hit", "miss", "hit"]


def test_a_step_that_changes_its_input_keeps_its_result_from_being_stored(author, tmp_path):
    store = author.ws.get_default_datastore()
    (tmp_path / "data.txt").write_text("one")
    store.upload_files([str(tmp_path / "data.txt")], target_path="in", overwrite=True, show_progress=False)
    dataset = Dataset.File.from_files((store, "in/data.txt")).as_named_input("data").as_mount()
    step = author.step("a", "import sys\nopen(sys.argv[1], 'a').write('more')", inputs=[dataset], arguments=[dataset])
    step_run = one_step(author, author.run(step))
    assert any("not stored for reuse" in warning for warning in record(author, step_run)["warnings"])


def test_outputs_that_were_altered_are_a_miss_with_that_reason(author):
    def build():
        data = PipelineData("data", datastore=author.ws.get_default_datastore())
        return author.step("a", WRITE, outputs=[data], arguments=["--out", data])

    first = one_step(author, author.run(build()))
    (output,) = author.live.client.get(f"/runs/{first.id}/outputs")["value"]
    with open(output["local_path"] + "/x", "w") as stream:
        stream.write("evil")
    told = decision(author, one_step(author, author.run(build())))
    assert told["outcome"] == "miss"
    assert "altered" in told["reason"]


def test_a_parameters_effective_value_decides(author):
    rounds = PipelineParameter("rounds", default_value=3)
    outcomes = []
    for values in ({}, {"rounds": 3}, {"rounds": 4}, {"rounds": 4}):
        step = author.step("a", "import sys\nprint(sys.argv)", arguments=["--rounds", rounds])
        run = author.submit(Pipeline(author.ws, steps=[step]), pipeline_parameters=values)
        run.wait_for_completion(show_output=False)
        outcomes.append(decision(author, one_step(author, run))["outcome"])
    assert outcomes == ["miss", "hit", "miss", "hit"]


def test_an_output_at_a_fixed_place_is_published_there_and_can_be_changed_by_its_owner(author):
    store = author.ws.get_default_datastore()
    output = OutputFileDatasetConfig("out", destination=(store, "results/latest"))
    code = "import os, sys\nopen(os.path.join(sys.argv[1], 'r.txt'), 'w').write('result')"
    author.run(author.step("a", code, arguments=[output]))
    published = author.live.folder / ".azud" / "datastores" / "workspaceblobstore" / "results" / "latest" / "r.txt"
    assert published.read_text() == "result"
    published.write_text("mine")
    again = OutputFileDatasetConfig("out", destination=(store, "results/latest"))
    run = author.run(author.step("a", code, arguments=[again]))
    assert decision(author, one_step(author, run))["outcome"] == "hit"


def test_independent_steps_run_side_by_side_and_joined_ones_after_them(author, tmp_path):
    meet = (
        "import os, sys, time\nopen(os.path.join({0!r}, {1!r}), 'w').close()\ndeadline = time.time() + 30\n"
        "while not os.path.exists(os.path.join({0!r}, {2!r})):\n"
        "    assert time.time() < deadline\n    time.sleep(0.01)\n"
    )
    left = author.step("left", meet.format(str(tmp_path), "left", "right"))
    right = author.step("right", meet.format(str(tmp_path), "right", "left"))
    join = author.step("join", "print('joined')")
    join.run_after(left)
    join.run_after(right)
    run = author.run(join)
    events = author.live.client.get(f"/runs/{run.id}/events")["events"]
    nodes = {record(author, step)["name"]: record(author, step)["node_id"] for step in run.get_steps()}
    ended = [event["step"] for event in events if event["type"] == "AttemptEnded"]
    assert ended[-1] == nodes["join"]


def test_one_step_is_canceled_and_the_rest_goes_on(author):
    slow = author.step("slow", "import time\nprint('up', flush=True)\ntime.sleep(60)")
    free = author.step("free", "pass")
    run = author.submit(Pipeline(author.ws, steps=[slow, free]))
    author.wait_for_log(run, "up")
    (slow_run,) = run.find_step_run("slow")
    slow_run.cancel()
    run.wait_for_completion(show_output=False, raise_on_error=False)
    assert {step.name: step.get_status() for step in run.get_steps()} == {"slow": "Canceled", "free": "Finished"}


def test_a_vm_size_beyond_the_machine_gives_one_clear_warning(author):
    ComputeTarget.create(
        author.ws, "huge", AmlCompute.provisioning_configuration("STANDARD_ND96ASR_V4", min_nodes=0, max_nodes=2)
    )
    steps = [author.step(name, "pass", compute_target="huge") for name in "ab"]
    run = author.run(*steps)
    (warning,) = author.live.client.get(f"/runs/{run.id}")["warnings"]
    assert "huge" in warning
    assert "96 cores" in warning
    status = author.ws.compute_targets["huge"].get_status().serialize()
    assert status["scaleSettings"]["maxNodeCount"] == 2


def test_an_environment_that_asks_for_something_else_gives_one_warning_that_names_it(author):
    config = RunConfiguration()
    config.environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["no-such-package==1.0"])
    steps = [author.step(name, "pass", runconfig=config) for name in "ab"]
    run = author.run(*steps)
    (warning,) = author.live.client.get(f"/runs/{run.id}")["warnings"]
    assert "no-such-package==1.0 is not installed" in warning


def test_experiments_have_tags(author):
    experiment = Experiment(author.ws, "tagged")
    experiment.set_tags({"a": "1", "b": "2"})
    experiment.remove_tags(["a"])
    assert Experiment(author.ws, "tagged").tags == {"b": "2"}
