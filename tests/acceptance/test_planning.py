"""Plans of a live workspace: what they say, that they leave nothing behind, and that the engine then does just that."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset
from azureml.data import OutputFileDatasetConfig
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter

COPY = "import sys\nopen(sys.argv[1], 'w').write(''.join(open(path).read() for path in sys.argv[2:]) + 'x')\n"
WORD = "import sys\nopen(sys.argv[1], 'w').write(sys.argv[2])\n"


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def data(author, name):
    return PipelineData(name, datastore=author.ws.get_default_datastore())


def pair(author, *, first="", second="", **options):
    """Return a pipeline in which `train` reads what `prepare` writes; the texts are added to their scripts."""
    made, model = data(author, "made"), data(author, "model")
    prepare = author.step("prepare", WORD + first, arguments=[made, "1 2 3"], outputs=[made], **options)
    train = author.step("train", COPY + second, arguments=[model, made], inputs=[made], outputs=[model])
    return Pipeline(author.ws, steps=[train, prepare])


def finish(run):
    run.wait_for_completion(show_output=False, raise_on_error=False)
    return run


def steps_of(plan):
    return {step.name: step for step in plan.steps}


def actions(plan):
    return {step.name: step.action for step in plan.steps}


def decisions(author, run):
    """Return the outcome of each step's decision by name."""
    steps = author.live.client.get(f"/runs/{run.id}/steps")["value"]
    return {step["name"]: author.live.client.get(f"/runs/{step['id']}/reuse").get("outcome") for step in steps}


def everything(author):
    """Return the number of rows of each table, and the paths of all files of the home but the database's."""
    home = author.live.home.path
    with sqlite3.connect(os.path.join(home, "azud.db")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
        entries = connection.execute("SELECT * FROM reuse_entries ORDER BY 1").fetchall()
    files = [os.path.join(folder, name) for folder, _, names in os.walk(home) for name in names]
    keep = [path for path in files if "azud.db" not in path and "/attempts/" not in path]
    return counts, entries, sorted(keep)


def test_a_new_pipeline_runs_and_then_it_is_reused(author):
    plan = pair(author).plan()
    assert actions(plan) == {"prepare": "run", "train": "depends_on"}
    steps = steps_of(plan)
    assert steps["prepare"].reason == "no step called 'prepare' ran before"
    assert steps["train"].depends_on == ("prepare",)
    assert "no earlier result of 'prepare' is known" in steps["train"].reason
    assert steps["prepare"].before is None
    assert (plan.totals.expected_s, plan.totals.unknown) == (None, 2)

    run = finish(author.submit(pair(author)))
    made = {step.name: step.id for step in run.get_steps()}
    plan = pair(author).plan()
    steps = steps_of(plan)
    assert actions(plan) == {"prepare": "reuse", "train": "reuse"}
    assert {name: step.source for name, step in steps.items()} == made
    assert steps["train"].before.count == 1
    assert 0 < steps["train"].before.median_s < 60
    assert (plan.totals.expected_s, plan.totals.unknown, plan.totals.reuse) == (0.0, 0, 2)


def test_behind_a_changed_script_early_cut_off_is_foretold(author):
    first = finish(author.submit(pair(author)))
    train = {step.name: step.id for step in first.get_steps()}["train"]
    plan = pair(author, first="# changed\n").plan()
    steps = steps_of(plan)
    assert (steps["prepare"].action, steps["train"].action) == ("run", "depends_on")
    assert steps["train"].reason == "reused if 'prepare' yields the same bytes"
    assert steps["train"].source == train
    assert plan.totals.low_s <= plan.totals.expected_s <= plan.totals.high_s
    assert plan.totals.low_s == pytest.approx(steps["prepare"].before.low_s)  # `train` may be reused
    run = finish(author.submit(pair(author, first="# changed\n")))
    assert decisions(author, run) == {"prepare": "miss", "train": "hit"}


def test_both_changed_says_that_the_second_runs_even_so(author):
    finish(author.submit(pair(author)))
    plan = pair(author, first="# changed\n", second="# changed\n").plan()
    train = steps_of(plan)["train"]
    assert train.action == "depends_on"
    assert train.reason.startswith("runs even if 'prepare' yields the same bytes: source changed (compared")
    assert not train.source


def test_a_vanished_output_is_the_reason(author):
    run = finish(author.submit(pair(author)))
    steps = {step.name: step for step in run.get_steps()}
    (output,) = author.live.client.get(f"/runs/{steps['prepare'].id}/outputs")["value"]
    os.unlink(output["local_path"])
    plan = pair(author).plan()
    found = steps_of(plan)
    assert found["prepare"].action == "run"
    assert "are gone" in found["prepare"].reason
    # What it yielded is known although it is gone.
    assert found["train"].reason == "reused if 'prepare' yields the same bytes"
    assert decisions(author, finish(author.submit(pair(author)))) == {"prepare": "miss", "train": "hit"}


def test_steps_without_reuse_say_so(author):
    finish(author.submit(pair(author)))
    plan = pair(author, allow_reuse=False).plan()
    steps = steps_of(plan)
    assert (steps["prepare"].action, steps["prepare"].reason) == ("run", "the step says allow_reuse=False")
    assert steps["train"].reason == "reused if 'prepare' yields the same bytes"
    plan = pair(author).plan(regenerate_outputs=True)
    assert actions(plan) == {"prepare": "run", "train": "run"}
    assert {step.reason for step in plan.steps} == {"the run was submitted with regenerate_outputs=True"}


def test_parameters_count(author):
    def build():
        rate = PipelineParameter("rate", 1)
        made = data(author, "made")
        return Pipeline(author.ws, steps=[author.step("a", WORD, arguments=[made, rate], outputs=[made])])

    finish(author.submit(build()))
    assert actions(build().plan()) == {"a": "reuse"}
    assert actions(build().plan(pipeline_parameters={"rate": 2})) == {"a": "run"}
    assert actions(build().plan(pipeline_parameters={"rate": 1})) == {"a": "reuse"}
    with pytest.raises(Exception, match="Pipeline parameter with name speed does not exist"):
        build().plan(pipeline_parameters={"speed": 1})


def test_a_step_after_one_that_runs_is_new_itself(author):
    def build(text=""):
        first = author.step("first", "print(1)" + text)
        second = author.step("second", "print(2)")
        second.run_after(first)
        return Pipeline(author.ws, steps=[second])

    finish(author.submit(build()))
    assert actions(build().plan()) == {"first": "reuse", "second": "reuse"}
    plan = build("# changed").plan()
    assert actions(plan) == {"first": "run", "second": "run"}
    assert steps_of(plan)["second"].reason == "it runs after 'first', and a run of that is always new"
    run = finish(author.submit(build("# changed")))
    assert decisions(author, run) == {"first": "miss", "second": "miss"}


def test_missing_data_are_the_error_of_their_step_alone(author, tmp_path):
    store = author.ws.get_default_datastore()
    (tmp_path / "x.txt").write_text("x")
    store.upload_files([str(tmp_path / "x.txt")], target_path="in", show_progress=False)
    lost = Dataset.File.from_files((store, "in/x.txt")).as_named_input("lost").as_mount()
    made = data(author, "made")
    reader = author.step("reader", COPY, inputs=[lost], outputs=[made], arguments=[made, lost])
    user = author.step("user", COPY, inputs=[made], arguments=["other", made])
    fine = author.step("fine", "print(1)")
    pipeline = Pipeline(author.ws, steps=[user, fine])
    os.unlink(os.path.join(author.live.home.path, "datastores", "workspaceblobstore", "in", "x.txt"))
    plan = pipeline.plan()
    steps = steps_of(plan)
    assert actions(plan) == {"reader": "cannot_run", "fine": "run", "user": "cannot_run"}
    assert "'in/x.txt' is not on datastore" in steps["reader"].error.message
    assert steps["reader"].error.hint
    assert steps["user"].reason == "'reader' before it cannot run"
    assert reader.name == "reader"
    run = finish(author.submit(pipeline))
    [failed] = [step for step in run.get_steps() if step.name == "reader"]
    told = author.live.client.get(f"/runs/{failed.id}")["error"]
    assert (told["message"], told["code"]) == (steps["reader"].error.message, steps["reader"].error.code)


def test_bytes_are_those_that_are_copied(author, tmp_path):
    store = author.ws.get_default_datastore()
    (tmp_path / "big.bin").write_bytes(b"x" * 5000)
    store.upload_files([str(tmp_path / "big.bin")], target_path="in", show_progress=False)

    def build(*, note=""):
        dataset = Dataset.File.from_files((store, "in/big.bin"))
        kept = OutputFileDatasetConfig("kept", destination=(store, "fixed/place"))
        code = "import sys, os\nopen(os.path.join(sys.argv[1], 'y'), 'w').write('y' * 300)\n" + note
        down = dataset.as_named_input("down").as_download()
        mount = dataset.as_named_input("mount").as_mount()
        return Pipeline(
            author.ws,
            steps=[
                author.step("down", "print(1)" + note, inputs=[down]),
                author.step("mount", "print(1)" + note, inputs=[mount]),
                author.step("refer", "print(1)" + note, inputs=[DataReference(store, "ref", "in/big.bin")]),
                author.step("publish", code, arguments=[kept]),
            ],
        )

    sizes = {step.name: step.bytes_to_move for step in build().plan().steps}
    assert sizes == {"down": 5000, "mount": 0, "refer": 0, "publish": None}
    finish(author.submit(build()))
    plan = build(note="# changed").plan()
    sizes = {step.name: step.bytes_to_move for step in plan.steps}
    assert sizes == {"down": 5000, "mount": 0, "refer": 0, "publish": 300}
    assert plan.totals.bytes_to_move == 5300


def test_planning_leaves_nothing_behind(author, tmp_path):
    finish(author.submit(pair(author)))
    author.live.client.get("/server")
    before = everything(author)
    (tmp_path / "new.txt").write_text("new")
    for pipeline in (pair(author), pair(author, first="# changed\n"), pair(author, allow_reuse=False)):
        pipeline.plan("another_experiment")
    assert everything(author) == before
    assert not any(item["name"] == "another_experiment" for item in author.live.client.get("/experiments")["value"])


def test_a_step_under_way_in_another_run_is_waited_for(author, tmp_path):
    go = tmp_path / "go"
    os.mkfifo(go)
    code = f"print('up', flush=True)\nopen({str(go)!r}).read()\n"

    def build():
        made = data(author, "made")
        slow = author.step("slow", code + WORD, arguments=[made, "x"], outputs=[made])
        return Pipeline(author.ws, steps=[author.step("next", "print(1)", inputs=[made]), slow])

    run = author.submit(build())
    author.wait_for_log(run, "up")
    plan = build().plan()
    assert actions(plan) == {"slow": "depends_on", "next": "depends_on"}
    assert f"is under way in run {run.id}" in steps_of(plan)["slow"].reason
    with open(go, "w") as stream:
        stream.write("on")
    finish(run)
    assert actions(build().plan()) == {"slow": "reuse", "next": "reuse"}


# -- the plan is what the engine does ----------------------------------------------------------------


class Author:
    """Writes pipelines of some shape and changes them, as a seed says."""

    def __init__(self, author, seed):
        self.author, self.random = author, random.Random(seed)
        count = self.random.randint(3, 6)
        self.reads = {i: [j for j in range(i) if self.random.random() < 0.45] for i in range(count)}
        self.after = {
            i: [j for j in range(i) if j not in self.reads[i] and self.random.random() < 0.2] for i in range(count)
        }
        self.notes = dict.fromkeys(range(count), "")
        self.words = dict.fromkeys(range(count), "x")
        self.no_reuse = {i for i in range(count) if self.random.random() < 0.15}

    def build(self):
        outputs, steps = {}, {}
        for i in self.reads:
            outputs[i] = data(self.author, f"out{i}")
            inputs = [outputs[j] for j in self.reads[i]]
            code = COPY.replace("'x'", repr(self.words[i])) + self.notes[i]
            steps[i] = self.author.step(
                f"s{i}",
                code,
                arguments=[outputs[i], *inputs],
                inputs=inputs,
                outputs=[outputs[i]],
                allow_reuse=i not in self.no_reuse,
            )
            for j in self.after[i]:
                steps[i].run_after(steps[j])
        return Pipeline(self.author.ws, steps=list(steps.values()))

    def change(self):
        """Change a script in a way that changes what it writes, or not; or lose an output."""
        step = self.random.choice(list(self.reads))
        kind = self.random.choice(["note", "word", "back", "lose"])
        if kind == "note":
            self.notes[step] += "# more\n"
        elif kind == "word":
            self.words[step] = self.random.choice("xyz")
        elif kind == "back":
            self.notes[step], self.words[step] = "", "x"
        else:
            root = os.path.join(self.author.live.home.path, "datastores", "workspaceblobstore", "azureml")
            folders = sorted(
                name for name in os.listdir(root) if os.listdir(os.path.join(root, name)) == [f"out{step}"]
            )
            if folders:
                shutil.rmtree(os.path.join(root, self.random.choice(folders)))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_planned_happens(author, seed):
    person = Author(author, seed)
    finish(author.submit(person.build()))
    for _ in range(5):
        person.change()
        plan = person.build().plan()
        run = finish(author.submit(person.build()))
        records = {item["name"]: item for item in author.live.client.get(f"/runs/{run.id}/steps")["value"]}
        outcomes = decisions(author, run)
        reused = {name for name, record in records.items() if record["reused_from"]}
        for step in plan.steps:
            told, record = (step, outcomes[step.name]), records[step.name]
            assert record["status"] == "Completed", told
            if step.action == "reuse":
                assert record["reused_from"] == step.source, told
            elif step.action == "run":
                assert step.name not in reused, told
            else:
                assert step.action == "depends_on", told
                if step.reason == _if_all_yield_the_same(step) and _yielded_as_before(author, plan, records, step):
                    assert record["reused_from"] == step.source, told


def _if_all_yield_the_same(step):
    """Return the reason of a step that is reused if those before it yield the same bytes, and asks for no more."""
    names = [repr(name) for name in step.depends_on]
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"reused if {joined} {'yields' if len(names) == 1 else 'yield'} the same bytes"


def _yielded_as_before(author, plan, records, step):
    """Return whether what a step read is what the step run that it could be reused from read."""
    images = [
        author.live.client.get(f"/runs/{step_run}/reuse").get("preimage") or {}
        for step_run in (step.source, records[step.name]["id"])
    ]
    return images[0].get("inputs") == images[1].get("inputs")


# -- the command ---------------------------------------------------------------------------------------

PROGRAM = """
import sys
from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
print("building")
for name in ("one", "two"):
    step = PythonScriptStep("a.py", name=name + "".join(sys.argv[1:]), source_directory="src")
    try:
        run = Experiment(ws, "planned").submit(Pipeline(ws, steps=[step]))
    except SystemExit:
        if "stubborn" not in sys.argv:
            raise
    else:
        run.wait_for_completion(show_output=False)
print("the end")
"""


def azud(author, *arguments):
    return subprocess.run(
        author.azud(*arguments), cwd=author.live.folder, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_command_shows_the_plan_and_ends_the_program_at_its_first_submission(author):
    (author.live.folder / "src").mkdir()
    (author.live.folder / "src" / "a.py").write_text("print(1)\n")
    (author.live.folder / "program.py").write_text(PROGRAM)
    done = azud(author, "plan", "program.py", "X")
    assert (done.returncode, done.stderr) == (0, "building\n")
    assert done.stdout.splitlines() == [
        "STEP\tPLAN\tWHY\tTOOK BEFORE\tBYTES",
        "oneX\trun\tno step called 'oneX' ran before\tnot run before\t0 B",
        "1 would run, 0 B to copy; how long that takes is not known",
    ]
    assert author.live.client.get("/runs")["value"] == []

    done = azud(author, "plan", "--json", "program.py", "stubborn")
    assert done.returncode == 0
    assert done.stderr == "building\nthe end\n"
    assert [step["name"] for step in json.loads(done.stdout)["steps"]] == ["onestubborn"]

    assert azud(author, "run", "program.py").returncode == 0
    done = azud(author, "plan", "program.py")
    assert "\treuse\t" in done.stdout
    assert done.stdout.endswith("1 reused; about 0.0 s\n")


def test_a_program_that_submits_nothing_or_fails(author):
    (author.live.folder / "none.py").write_text("print('nothing')\n")
    (author.live.folder / "bad.py").write_text("import sys\nsys.exit(7)\n")
    done = azud(author, "plan", "none.py")
    assert done.returncode == 2
    assert "none.py ended without submitting a pipeline" in done.stderr
    assert azud(author, "plan", "bad.py").returncode == 7
    assert azud(author, "plan", "--fast", "bad.py").returncode == 2
