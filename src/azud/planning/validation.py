"""Everything that can be known to be wrong with a definition before anything runs.

Each rule is a function that yields what it finds; `check` runs them in order and reports all faults of
the first rule that finds any, so that one mistake is not told five times.
"""

from __future__ import annotations

import collections
import re
from typing import Callable, Iterator, Tuple

from azud.core.errors import DefinitionError, UserError
from azud.core.paths import split_relative
from azud.model.definition import InputPort, PipelineDefinition, StepDefinition

_PORT_NAME = re.compile(r"^\w+$", re.ASCII)
_INPUT_MODES = ("mount", "download", "direct")
_OUTPUT_MODES = ("mount", "upload", "link")
Rule = Callable[[PipelineDefinition], Iterator[str]]


def check(definition: PipelineDefinition) -> None:
    """Accept a definition that can be planned and run.

    Raises:
        DefinitionError: What is wrong and in which step; `details["faults"]` lists every fault found.
    """
    for rule in RULES:
        faults = list(rule(definition))
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise DefinitionError(
                faults[0] + more,
                hint="correct the pipeline and submit it again; nothing has run",
                details={"faults": faults},
            )


def a_pipeline_has_steps_with_unique_ids(definition: PipelineDefinition) -> Iterator[str]:
    """Without steps there is nothing to run; equal ids could not be told apart."""
    if not definition.steps:
        yield "the pipeline has no steps"
    counts = collections.Counter(step.id for step in definition.steps)
    for step_id, count in counts.items():
        if count > 1:
            yield f"step id {step_id!r} is used {count} times"
        if not _PORT_NAME.match(step_id):
            yield f"step id {step_id!r} is not made of letters, digits and '_'"


def a_script_is_a_path_in_its_snapshot(definition: PipelineDefinition) -> Iterator[str]:
    """The script must stay inside the folder that was uploaded; a command takes the script's place."""
    for step in definition.steps:
        if bool(step.script) == bool(step.command):
            yield f"step {step.name!r} has {'both a script and a command' if step.script else 'no script'}"
            continue
        if step.command:
            continue
        try:
            split_relative(step.script)
        except UserError as error:
            yield f"step {step.name!r}: {error.message}"


def ports_have_usable_unique_names(definition: PipelineDefinition) -> Iterator[str]:
    """Port names become environment variables and folder names."""
    for step in definition.steps:
        for side, names in (
            ("input", [port.name for port in step.inputs]),
            ("output", [port.name for port in step.outputs]),
        ):
            counts = dict.fromkeys(names, 1) if len(set(names)) == len(names) else collections.Counter(names)
            for name, count in counts.items():
                if count > 1:
                    yield f"step {step.name!r} has {count} {side}s called {name!r}"
                if not _PORT_NAME.match(name):
                    yield f"step {step.name!r}: {side} name {name!r} may hold letters, digits and '_' only"


def ports_use_known_modes(definition: PipelineDefinition) -> Iterator[str]:
    """Modes and kinds are closed lists."""
    for step in definition.steps:
        for port in step.inputs:
            if port.mode not in _INPUT_MODES or port.kind not in ("reference", "dataset"):
                yield f"step {step.name!r}: input {port.name!r} has mode {port.mode!r}, kind {port.kind!r}"
        for output in step.outputs:
            if output.mode not in _OUTPUT_MODES or output.kind not in ("reference", "dataset"):
                yield f"step {step.name!r}: output {output.name!r} has mode {output.mode!r}, kind {output.kind!r}"
            if output.mode == "link" and output.kind != "dataset":
                yield f"step {step.name!r}: output {output.name!r} is linked, which only a dataset can be"
            if output.mode == "upload" and output.kind == "reference" and not output.path_on_compute:
                yield f"step {step.name!r}: output {output.name!r} is uploaded but names no output_path_on_compute"


def every_input_has_one_source(definition: PipelineDefinition) -> Iterator[str]:
    """An input comes from a step, a datastore, a dataset, a registered name or a parameter: exactly one of them."""
    for step in definition.steps:
        for port in step.inputs:
            sources = 5 - (port.step, port.datastore, port.dataset, port.registered, port.parameter).count(None)
            if sources != 1:
                yield f"step {step.name!r}: input {port.name!r} has {sources} sources, it needs exactly one"


def sealed_inputs_name_output_and_place(definition: PipelineDefinition) -> Iterator[str]:
    """What another run sealed is found by its step run and output; its place keeps it from being collected."""
    for step in definition.steps:
        for port in step.inputs:
            if port.sealed_by is not None and (port.output is None or port.datastore is None or not port.path):
                yield f"step {step.name!r}: input {port.name!r} is sealed by {port.sealed_by} and lacks output or place"


def step_references_exist(definition: PipelineDefinition) -> Iterator[str]:
    """Data and order can only come from steps of the same pipeline."""
    outputs = {step.id: {port.name for port in step.outputs} for step in definition.steps}
    for step in definition.steps:
        for port in step.inputs:
            yield from _missing_producer(step, port, outputs)
        for other in step.run_after:
            if other not in outputs:
                yield f"step {step.name!r} runs after step {other!r}, which is not in the pipeline"


def _missing_producer(step: StepDefinition, port: InputPort, outputs: dict[str, set[str]]) -> Iterator[str]:
    if port.step is None:
        return
    if port.step not in outputs:
        yield f"step {step.name!r}: input {port.name!r} comes from step {port.step!r}, not in the pipeline"
    elif port.output not in outputs[port.step]:
        yield f"step {step.name!r}: input {port.name!r} wants output {port.output!r}, which nobody makes"


def arguments_name_ports_and_parameters_that_exist(definition: PipelineDefinition) -> Iterator[str]:
    """A command line can only speak of what the step has."""
    parameters = {parameter.name for parameter in definition.parameters}
    for step in definition.steps:
        known = {
            "input": {port.name for port in step.inputs},
            "output": {port.name for port in step.outputs},
            "parameter": parameters,
        }
        for argument in (*step.arguments, *step.parameters.values()):
            if argument.kind == "literal":
                continue
            if argument.kind not in known:
                yield f"step {step.name!r}: argument kind {argument.kind!r} is not known"
            elif argument.value not in known[argument.kind]:
                yield f"step {step.name!r}: its arguments name the {argument.kind} {argument.value!r}, which it lacks"
        for port in step.inputs:
            if port.parameter is not None and port.parameter not in parameters:
                yield f"step {step.name!r}: input {port.name!r} needs the parameter {port.parameter!r}"


def parameters_are_declared_once(definition: PipelineDefinition) -> Iterator[str]:
    """One name, one default."""
    for name, count in collections.Counter(item.name for item in definition.parameters).items():
        if count > 1:
            yield f"pipeline parameter {name!r} is declared {count} times"


def run_outputs_are_named_once(definition: PipelineDefinition) -> Iterator[str]:
    """`PipelineRun.get_pipeline_output(name)` must mean one thing."""
    names = [
        port.pipeline_output_name for step in definition.steps for port in step.outputs if port.pipeline_output_name
    ]
    for name, count in collections.Counter(names).items():
        if count > 1:
            yield f"pipeline output name {name!r} is used by {count} outputs"


def numbers_are_in_range(definition: PipelineDefinition) -> Iterator[str]:
    """Counts start at one; time limits are positive, retries and their delay not negative."""
    for step in definition.steps:
        if step.settings.node_count < 1 or step.settings.process_count_per_node < 1:
            yield f"step {step.name!r}: node and process counts start at 1"
        if step.timeout_s is not None and step.timeout_s <= 0:
            yield f"step {step.name!r}: its time limit is {step.timeout_s} s"
        if step.retries is not None and step.retries < 0:
            yield f"step {step.name!r}: retries is {step.retries}; it counts from 0"
        if step.retry_delay_s is not None and not 0 <= step.retry_delay_s < float("inf"):
            yield f"step {step.name!r}: retry_delay_s is {step.retry_delay_s}; it is a number of seconds from 0"


RULES: Tuple[Rule, ...] = (
    a_pipeline_has_steps_with_unique_ids,
    a_script_is_a_path_in_its_snapshot,
    ports_have_usable_unique_names,
    ports_use_known_modes,
    every_input_has_one_source,
    sealed_inputs_name_output_and_place,
    step_references_exist,
    parameters_are_declared_once,
    arguments_name_ports_and_parameters_that_exist,
    run_outputs_are_named_once,
    numbers_are_in_range,
)
