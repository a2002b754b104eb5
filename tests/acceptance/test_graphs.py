"""Programs that look at the graphs of pipelines and runs, change them, and submit them."""

from __future__ import annotations

from tests.acceptance.pages import Project

IMPORTS = """
import os
from azureml.core import Experiment, Workspace
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter
from azureml.pipeline.core.graph import DataSource, DataSourceDef
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
store = ws.get_default_datastore()
"""

PIPELINE = """
one, two = PipelineData("one"), PipelineData("two")
steps = [
    PythonScriptStep("write.py", name=name, source_directory="graphs", arguments=[data, name], outputs=[data])
    for name, data in (("first", one), ("second", two))
]
show = PythonScriptStep("show.py", name="show", source_directory="graphs", arguments=[one], inputs=[one],
                        params={"word": PipelineParameter("word", "default")})
"""


def test_a_graph_is_changed_and_submitted(project: Project) -> None:
    project.write("graphs/write.py", "import sys\nopen(sys.argv[1], 'w').write('made by ' + sys.argv[2])\n")
    project.write(
        "graphs/show.py",
        "import os, sys\nprint('SHOWN', open(sys.argv[1]).read(), os.environ['AML_PARAMETER_word'])\n",
    )
    text = """
pipeline = Pipeline(ws, [*steps, show])
graph = pipeline.graph
nodes = {name: found[0] for name, found in graph.node_name_dict.items()}
print("EDGES", sorted(f"{edge.source_port.node.name}>{edge.dest_port.node.name}" for edge in graph.edges))
nodes["show"].get_input("one").connect(nodes["second"].get_output("two"))
nodes["show"].get_param("word").set_value("by hand")
nodes["second"].get_output("two").pipeline_output_name = "result"
nodes["first"].run_after(nodes["second"])
run = graph.submit(experiment_name="graphs")
assert run.wait_for_completion() == "Finished"
run.get_pipeline_output("result").download("graph_result", overwrite=True, show_progress=False)
starts = {step.name: step.get_details()["startTimeUtc"] for step in run.get_steps()}
print("ORDER", starts["second"] < starts["first"])

again = run.get_graph()
print("PARAMS", sorted(again.params), [node.name for node in again.module_nodes])
os.makedirs("hand", exist_ok=True)
with open("hand/made.txt", "w") as stream:
    stream.write("made by hand")
store.upload("hand", "hand", overwrite=True, show_progress=False)
place = DataSourceDef.create_from_data_reference(DataReference(store, "hand", "hand/made.txt"))
(node,) = again.node_name_dict["show"]
node.get_input("one").connect(again.add_datasource_node("hand", DataSource("d", place)).get_output("data"))
second = again.submit()
assert second.wait_for_completion() == "Finished"
print("REUSED", sorted(step.name for step in second.get_steps()
                       if "azureml.reusedrunid" in step.get_details()["properties"]))
"""
    printed = project.run("graphs.py", IMPORTS + PIPELINE + text)
    assert "EDGES ['first>show']" in printed
    assert "SHOWN made by second by hand" in printed
    assert "ORDER True" in printed
    assert "PARAMS ['word'] ['first', 'second', 'show']" in printed
    assert "SHOWN made by hand by hand" in printed
    assert "REUSED ['first', 'second']" in printed


def test_a_plan_of_a_graph_submits_nothing(project: Project) -> None:
    project.write("graphs/write.py", "import sys\nopen(sys.argv[1], 'w').write('made by ' + sys.argv[2])\n")
    project.write("graphs/show.py", "print('nothing')\n")
    text = """
run = Experiment(ws, "planned").submit(Pipeline(ws, [*steps, show]))
run.wait_for_completion(show_output=False)
with open("run_id.txt", "w") as stream:
    stream.write(run.id)
"""
    project.run("planned.py", IMPORTS + PIPELINE + text)
    again = """
from azureml.pipeline.core import PipelineRun

PipelineRun.get(ws, open("run_id.txt").read()).get_graph().submit()
raise SystemExit("a plan was submitted")
"""
    (project.folder / "again.py").write_text(IMPORTS + again)
    printed = project.azud("plan", "again.py")
    assert "show" in printed
    assert "reuse" in printed
