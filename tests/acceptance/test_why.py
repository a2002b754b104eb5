"""`azud why`: one change of each kind, and the answer names that change and nothing else."""

from __future__ import annotations

import json
import os
import pathlib

import pytest
from tests.acceptance.authoring import Authoring

from azud.model.explanation import Explanation
from azureml.core import Dataset
from azureml.core.runconfig import RunConfiguration
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter
from azureml.pipeline.steps import PythonScriptStep

SCRIPT = """\
import sys
# the first line
print(sys.argv)
open(sys.argv[sys.argv.index("--out") + 1], "w").write("made")
"""


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


class Program:
    """A pipeline of one step; each attribute is something that a person may change."""

    def __init__(self, author: Authoring, folder: pathlib.Path) -> None:
        self.author, self.store = author, author.ws.get_default_datastore()
        self.source = folder / "code"
        self.source.mkdir()
        (self.source / "train.py").write_text(SCRIPT)
        (self.source / ".amlignore").write_text("*.ignored\n")
        self.arguments: list = ["--mode", "fast", "plain"]
        self.rate, self.variables, self.nodes, self.framework = 0.1, {"MODE": "1", "API_TOKEN": "x"}, 1, "Python"
        self.script, self.version, self.output, self.wait_for = "train.py", None, {}, None
        self.separator, self.data = ",", b"a,b\n1,2\n3,4\n"
        self.options: dict = {}

    def run(self):
        """Submit, wait, and return the step's run."""
        place = pathlib.Path(self.author.live.client.get(f"/datastores/{self.store.name}")["local_root"])
        (place / "given").mkdir(exist_ok=True)
        (place / "given" / "table.csv").write_bytes(self.data)
        (place / "given" / "other.txt").write_text("other")
        raw = DataReference(self.store, "raw", path_on_datastore="given")
        table = Dataset.Tabular.from_delimited_files((self.store, "given/table.csv"), separator=self.separator)
        made = PipelineData("made", datastore=self.store, **self.output)
        config = RunConfiguration()
        config.environment.environment_variables = self.variables
        config.node_count, config.framework = self.nodes, self.framework
        step = PythonScriptStep(
            self.script,
            name="train",
            source_directory=str(self.source),
            arguments=[*self.arguments, "--rate", PipelineParameter("rate", 0.5), "--raw", raw, "--out", made],
            inputs=[raw, table.as_named_input("table")],
            outputs=[made],
            runconfig=config,
            version=self.version,
            **self.options,
        )
        steps = [step]
        if self.wait_for is not None:
            before = PythonScriptStep(
                "train.py", "before", ["--out", "x"], source_directory=str(self.source), allow_reuse=self.wait_for
            )
            step.run_after(before)
            steps.append(before)
        run = self.author.submit(Pipeline(self.author.ws, steps), pipeline_parameters={"rate": self.rate})
        run.wait_for_completion(show_output=False, raise_on_error=False)
        return run.find_step_run("train")[0]


def told(explanation: Explanation) -> list:
    """Return what changed, without the lines."""
    return [
        (change.component, change.name, change.before, change.now, *((file.change, file.path) for file in change.files))
        for change in explanation.changes
    ]


def test_one_change_of_each_kind_is_named_and_nothing_else(author, tmp_path, python):
    program = Program(author, tmp_path)
    first = program.run()
    assert first.get_status() == "Finished", author.live.client.get(f"/runs/{first.id}")
    assert (first.explain().outcome, first.explain().reason) == ("ran", "no step called 'train' ran before it")
    script = program.source / "train.py"

    def edit(path, text, back=None):
        old = path.read_text() if path.exists() else None
        path.write_text(text)
        return lambda: path.unlink() if old is None else path.write_text(old)

    def put(name, value):
        old = getattr(program, name)
        setattr(program, name, value)
        return lambda: setattr(program, name, old)

    def install(version):
        python.install("demo", version)
        return lambda: python.install("demo", "1.0")

    def source(change, path):
        return [("source", "", None, None, (change, path))]

    changes = [
        (lambda: edit(script, SCRIPT.replace("first", "second")), source("changed", "train.py")),
        (lambda: edit(program.source / "new.py", ""), source("added", "new.py")),
        (lambda: put("arguments", ["--mode", "slow", "plain"]), [("argument", "--mode", "fast", "slow")]),
        (lambda: put("arguments", ["--mode", "fast", "plain", "more"]), [("argument", "4", None, "more")]),
        (lambda: put("rate", 0.2), [("parameter", "rate", "0.1", "0.2")]),
        (lambda: put("variables", {"MODE": "2", "API_TOKEN": "x"}), [("variable", "MODE", "1", "2")]),
        (
            lambda: put("variables", {"MODE": "1", "API_TOKEN": "y"}),
            [("variable", "API_TOKEN", "(hidden)", "(hidden)")],
        ),
        (lambda: put("nodes", 2), [("setting", "node_count", "1", "2")]),
        (lambda: put("framework", "TensorFlow"), [("setting", "framework", "Python", "TensorFlow")]),
        (lambda: put("version", "2"), [("step", "version", None, "2")]),
        (lambda: put("output", {"is_directory": True}), [("output", "made, data type", "AnyFile", "AnyDirectory")]),
        (
            lambda: put("data", b"a,b\n1,2\n3,5\n"),
            [("input", name, None, None, ("changed", "table.csv")) for name in ("raw", "table")],
        ),
        (lambda: put("separator", ";"), [("input", "table", None, None)]),
        (lambda: install("1.1"), [("package", "demo", "1.0", "1.1")]),
        (
            lambda: edit(python.editable / "helper.py", "A = 2\n"),
            [("editable", str(python.editable), None, None, ("changed", "helper.py"))],
        ),
    ]
    for number, (change, expected) in enumerate(changes):
        restore = change()
        step = program.run()
        restore()
        explanation = step.explain()
        assert told(explanation) == expected, f"change {number}"
        assert explanation.outcome == "ran"
        assert explanation.compared_with is not None and explanation.compared_with.step_run_id == first.id
    last = program.run().explain()
    assert (last.outcome, last.source and last.source.step_run_id) == ("reused", first.id)


def test_what_cannot_change_a_result_is_not_named(author, tmp_path):
    program = Program(author, tmp_path)
    first = program.run()
    (program.source / "notes.ignored").write_text("x")
    os.utime(program.source / "train.py", (1, 1))
    program.options = {"compute_target": "local"}
    again = program.run().explain()
    assert (again.outcome, again.code, again.changes) == ("reused", "hit", ())
    assert again.source is not None and again.source.step_run_id == first.id


def test_the_lines_of_a_changed_script_are_shown(author, tmp_path):
    program = Program(author, tmp_path)
    program.run()
    (program.source / "train.py").write_text(SCRIPT.replace("first", "second"))
    text = str(program.run().explain())
    assert "        -# the first line\n        +# the second line\n" in text


def test_a_changed_output_upstream_is_named_by_its_file(author):
    store = author.ws.get_default_datastore()

    def run(word):
        made = PipelineData("made", datastore=store)
        code = f"""
import os, sys
os.makedirs(sys.argv[1])
for name in "ab":
    open(os.path.join(sys.argv[1], name), "w").write({word!r} if name == "b" else "")
"""
        first = author.step("first", code, arguments=[made], outputs=[made])
        second = author.step("second", "print(1)", inputs=[made], arguments=[made])
        return author.run(first, second).find_step_run("second")[0]

    before = run("one")
    explanation = run("other").explain()
    assert told(explanation) == [("input", "made", None, None, ("changed", "b"))]
    assert explanation.changes[0].files[0].note == "3 → 5 bytes"
    assert explanation.compared_with is not None and explanation.compared_with.step_run_id == before.id


def test_the_same_step_that_failed_before_is_the_reason(author):
    def run(**options):
        step = author.step("a", "raise SystemExit(1)", **options)
        run = author.submit(Pipeline(author.ws, [step]))
        run.wait_for_completion(show_output=False, raise_on_error=False)
        return run.find_step_run("a")[0]

    failed = run()
    explanation = run().explain()
    assert explanation.changes == ()
    assert explanation.reason == (
        f"the same step was tried before as step run {failed.id[:8]}, which failed; only completed results are stored"
    )
    assert str(explanation).startswith("a: ran (Failed), because the same step was tried before")


def test_steps_that_did_not_run_say_why(author):
    made = PipelineData("made", datastore=author.ws.get_default_datastore())
    first = author.step("first", "raise SystemExit(1)", arguments=[made], outputs=[made])
    second = author.step("second", "print(1)", inputs=[made])
    run = author.submit(Pipeline(author.ws, [first, second]))
    run.wait_for_completion(show_output=False, raise_on_error=False)
    explanations = {item.name: item for item in run.explain()}
    assert (explanations["second"].outcome, explanations["second"].reason) == (
        "bypassed",
        "it needs 'first' to succeed",
    )


def test_a_step_that_waits_says_for_whom(author, tmp_path):
    go = tmp_path / "go"
    code = f"import os, time\nprint('up', flush=True)\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    first = author.step("first", code)
    second = author.step("second", "print(1)")
    second.run_after(first)
    run = author.submit(Pipeline(author.ws, [second]))
    author.wait_for_log(run, "up")
    told = {item.name: (item.outcome, item.reason) for item in run.explain()}
    go.write_text("")
    assert told["first"] == ("ran", "no step called 'first' ran before it")
    assert told["second"] == ("undecided", "it waits for 'first'")
    run.wait_for_completion(show_output=False)


@pytest.mark.parametrize(
    ("options", "submitted", "code"),
    [({"allow_reuse": False}, {}, "disabled"), ({}, {"regenerate_outputs": True}, "regenerated")],
)
def test_what_was_not_looked_up_says_so(author, options, submitted, code):
    step = author.step("a", "print(1)", **options)
    for _ in range(2):
        run = author.submit(Pipeline(author.ws, [step]), **submitted)
        run.wait_for_completion(show_output=False)
    (explanation,) = run.explain()
    assert (explanation.outcome, explanation.code, explanation.changes) == ("ran", code, ())


def test_why_a_step_ran_at_first_is_said_although_it_was_tried_again(author, tmp_path):
    def run(text):
        count = tmp_path / f"count-{text}"
        code = f"""
print({text!r})
open({str(count)!r}, "a").write("x")
raise SystemExit(len(open({str(count)!r}).read()) < 2)
"""
        run = author.submit(Pipeline(author.ws, [author.step("a", code, retries=1, retry_delay_s=0)]))
        run.wait_for_completion(show_output=False)
        return run.find_step_run("a")[0]

    run("one")
    explanation = run("two").explain()
    assert (explanation.code, told(explanation)) == ("miss", [("source", "", None, None, ("changed", "a.py"))])


def test_an_altered_result_is_the_reason(author):
    made = PipelineData("made", datastore=author.ws.get_default_datastore())

    def run():
        code = "import sys; open(sys.argv[1], 'w').write('x')"
        return author.run(author.step("a", code, arguments=[made], outputs=[made])).find_step_run("a")[0]

    first = run()
    (output,) = author.live.client.get(f"/runs/{first.id}/outputs")["value"]
    os.chmod(output["local_path"], 0o644)
    pathlib.Path(output["local_path"]).write_text("y")
    explanation = run().explain()
    assert explanation.changes == ()
    assert "was altered after it was sealed" in explanation.reason


def test_a_verification_is_not_what_a_step_is_compared_with(author, tmp_path):
    program = Program(author, tmp_path)
    first = program.run()
    begun = author.live.client.post(f"/runs/{first.id}/verifications", {})
    (found,) = author.live.client.get(f"/runs/{begun['run']['id']}/verifications", {"wait_s": 30}, wait_s=30)["value"]
    assert found["outcome"] == "same"
    program.rate = 0.3
    explanation = program.run().explain()
    assert explanation.compared_with is not None and explanation.compared_with.step_run_id == first.id


def test_the_command_line(author, tmp_path):
    program = Program(author, tmp_path)
    program.run()
    program.rate = 0.7
    step = program.run()

    def azud(*words, code=0):
        done = author.run_azud(*words, code=code)
        return done.stdout if code == 0 else done.stderr

    text = azud("why")
    assert text.splitlines()[2].startswith("train: ran, because no stored result has the same key")
    assert text.splitlines()[-1].strip() == "parameter rate: 0.1 → 0.7"
    assert azud("why", "latest", "train") == azud("why", "latest/train") == text
    (found,) = json.loads(azud("why", "--json"))
    assert (found["step_run_id"], found["changes"][0]["name"]) == (step.id, "rate")
    assert "there is no step 'nothing'" in azud("why", "latest", "nothing", code=2)


def test_what_explanations_need_goes_with_the_last_that_it_is_about(author, tmp_path, monkeypatch):
    for name, value in (("KEEP_RUNS_DAYS", "0"), ("KEEP_RUNS_NEWEST", "1"), ("REUSE_KEEP_DAYS", "0")):
        monkeypatch.setenv(f"AZUD_{name}", value)
    program = Program(author, tmp_path)
    program.run()
    program.data = b"a,b\n9,9\n"
    second = program.run()
    store = os.path.join(author.live.home.path, "azud.db")
    assert _count(store, "data_contents") == 4, "a folder and a table, twice"
    author.live.client.post("/gc", {"dry_run": False})
    assert author.live.client.get("/gc", {"wait_s": 60}, wait_s=60)["state"] == "done"
    assert _count(store, "data_contents") == 2
    explanation = second.explain()
    assert (explanation.outcome, explanation.reason) == ("ran", "no step called 'train' ran before it")


def _count(path: str, table: str) -> int:
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()
