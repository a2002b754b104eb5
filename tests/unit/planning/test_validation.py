"""Each rule finds its fault and says where."""

from __future__ import annotations

import dataclasses

import pytest

from azud.core.errors import DefinitionError
from azud.model.definition import Argument, InputPort, OutputPort, PipelineDefinition, RunSettings, StepDefinition
from azud.planning.validation import check

GOOD = StepDefinition("n1", "first", "PythonScriptStep", "a.py", outputs=(OutputPort("out"),))
NEXT = StepDefinition(
    "n2", "second", "PythonScriptStep", "b.py", inputs=(InputPort("i", "reference", "mount", step="n1", output="out"),)
)


def _with(**changes):
    return PipelineDefinition((GOOD, dataclasses.replace(NEXT, **changes)))


def test_a_good_pipeline_passes():
    check(PipelineDefinition((GOOD, NEXT)))


@pytest.mark.parametrize(
    "definition, words",
    [
        (PipelineDefinition(()), "no steps"),
        (PipelineDefinition((GOOD, GOOD)), "used 2 times"),
        (_with(script="../a.py"), "leaves its root"),
        (_with(script=""), "has no script"),
        (_with(outputs=(OutputPort("a"), OutputPort("a"))), "2 outputs called 'a'"),
        (_with(outputs=(OutputPort("a b"),)), "letters, digits"),
        (_with(outputs=(OutputPort("a", mode="copy"),)), "mode 'copy'"),
        (_with(outputs=(OutputPort("a", mode="link"),)), "only a dataset can be"),
        (_with(outputs=(OutputPort("a", mode="upload"),)), "output_path_on_compute"),
        (_with(inputs=(InputPort("i", "reference", "mount"),)), "0 sources"),
        (_with(inputs=(InputPort("i", "reference", "mount", step="n1", output="out", datastore="d"),)), "2 sources"),
        (_with(inputs=(InputPort("i", "reference", "mount", datastore="d", path="p", sealed_by="s"),)), "lacks output"),
        (_with(inputs=(InputPort("i", "reference", "mount", step="n9", output="out"),)), "not in the pipeline"),
        (_with(inputs=(InputPort("i", "reference", "mount", step="n1", output="no"),)), "nobody makes"),
        (_with(run_after=("n7",)), "not in the pipeline"),
        (_with(arguments=(Argument("output", "none"),)), "the output 'none'"),
        (_with(arguments=(Argument("parameter", "p"),)), "the parameter 'p'"),
        (_with(settings=RunSettings(node_count=0)), "start at 1"),
        (_with(timeout_s=0.0), "time limit"),
    ],
)
def test_a_fault_is_found_before_anything_runs(definition, words):
    with pytest.raises(DefinitionError, match=words):
        check(definition)
