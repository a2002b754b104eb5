"""The same with azud's own import, and what azud has that v1 does not have."""

from __future__ import annotations

from azud import (
    AmlCompute,
    CondaDependencies,
    ComputeTarget,
    Dataset,
    Datastore,
    Environment,
    Experiment,
    Model,
    OutputFileDatasetConfig,
    Pipeline,
    PipelineData,
    PipelineParameter,
    PipelineRun,
    PythonScriptStep,
    Run,
    RunConfiguration,
    ScriptRunConfig,
    StepRun,
    Workspace,
    __version__,
)

from azureml.core import Workspace as SameWorkspace


def build(ws: Workspace) -> Pipeline:
    """Return a pipeline of two steps."""
    table = OutputFileDatasetConfig(name="table")
    data = PipelineData("data")
    rate = PipelineParameter("rate", 0.1)
    first = PythonScriptStep("first.py", arguments=[table, data, rate], outputs=[data], retries=2, retry_delay_s=0.5)
    second = PythonScriptStep("second.py", arguments=[table.as_input("table"), data], inputs=[data])
    return Pipeline(ws, [first, second])


def look(run: PipelineRun) -> list[str]:
    """Return why each step ran."""
    steps: list[StepRun] = [*run.get_steps()]
    print(run.verify(["first.py"]), [step.explain().outcome for step in steps])
    return [str(explanation) for explanation in run.explain()]


ws: Workspace = SameWorkspace.from_config()
plan = build(ws).plan("names")
print(plan, __version__)
print(look(Experiment(ws, "names").submit(build(ws))))
configuration: RunConfiguration = ScriptRunConfig("src", "train.py").run_config
print(Run.get(ws, "id").parent, Model(ws, "iris").version, Environment("e").python.conda_dependencies)
print(
    ComputeTarget(ws, "cpu"), AmlCompute(ws, "cpu").get_status().serialize(), CondaDependencies().serialize_to_string()
)
print(Dataset.File.from_files((Datastore(ws), "images")).take(3).to_path())
