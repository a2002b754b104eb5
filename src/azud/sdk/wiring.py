"""From a pipeline's steps to who reads whose output: collecting, closing, deciding, checking."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Set, Tuple

from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.input_forms import InputSpec, identity_of, input_of, is_pipeline_dataset
from azud.sdk.parameter import PipelineParameter
from azud.sdk.pipeline_data import PipelineData
from azud.sdk.ports import OutputSpec
from azud.sdk.step import PipelineStep, StepSequence, explicit_producer, step_parameters


class WiredStep:
    """A step with its place in the pipeline; `azud.sdk.compiling` turns it into a `StepDefinition`.

    `inputs` are the fields of `azud.model.definition.InputPort` (with `source`, the data's object, where another
    step is not the source), `outputs` are `(port name, data's object)`, `arguments` are `(kind, value)`.
    """

    __slots__ = ("step", "id", "inputs", "outputs", "arguments", "run_after")

    def __init__(self, step: PipelineStep, step_id: str) -> None:
        """Start empty."""
        self.step, self.id = step, step_id
        self.inputs: List[Dict[str, Any]] = []
        self.outputs: List[Tuple[str, Any]] = []
        self.arguments: List[Tuple[str, str]] = []
        self.run_after: List[str] = []


class Wiring:
    """All steps of a pipeline in creation order, wired, and the parameters that they use."""

    def __init__(self, steps: List[WiredStep], parameters: Dict[str, PipelineParameter]) -> None:
        """Keep both."""
        self.steps = steps
        self.parameters = parameters

    def predecessors(self) -> Dict[str, Tuple[str, ...]]:
        """Return for each step's id the ids it waits for."""
        return {
            wired.id: tuple(dict.fromkeys([port["step"] for port in wired.inputs if "step" in port] + wired.run_after))
            for wired in self.steps
        }


def wire(steps: Any, *, resolve_closure: bool) -> Wiring:
    """Return the wiring of what was given as a pipeline's `steps`.

    Raises:
        ValueError: An input that nobody makes, an output that two steps make, parameters of one name with
            different defaults, or a step that is needed and neither listed nor to be added.
        NotImplementedError: Something in the list is no step.
    """
    after: Dict[PipelineStep, List[PipelineStep]] = {}
    listed = list(dict.fromkeys(_flatten(steps, after)))
    collected, made_by = _closure(listed, after, resolve_closure)
    ordered = sorted(collected, key=lambda step: step._sequence)
    ids = {step: f"n{number}" for number, step in enumerate(ordered, 1)}
    decided = {step: _Decided(step, made_by) for step in ordered}
    _check_outputs(decided)
    parameters = _parameters(ordered)
    wired = []
    for step in ordered:
        item = WiredStep(step, ids[step])
        _wire_ports(item, decided, ids, made_by)
        control = [*step.run_after_steps, *after.get(step, ())]
        item.run_after = list(dict.fromkeys(ids[other] for other in control))
        wired.append(item)
    return Wiring(wired, parameters)


def _flatten(steps: Any, after: Dict[PipelineStep, List[PipelineStep]]) -> List[PipelineStep]:
    if isinstance(steps, PipelineStep):
        return [steps]
    if isinstance(steps, PipelineData) or is_pipeline_dataset(steps):
        producer = explicit_producer(steps)
        if producer is None:
            raise DefinitionValueError(f"PipelineData {steps.name!r} is the output of no step")
        return [producer]
    if isinstance(steps, StepSequence):
        return _flatten_sequence(steps, after)
    if isinstance(steps, list):
        return [step for item in steps for step in _flatten(item, after)]
    raise DefinitionNotImplemented(
        f"a pipeline's steps cannot hold a {type(steps).__name__}", hint="use steps, lists and StepSequence"
    )


class DefinitionNotImplemented(DefinitionValueError, NotImplementedError):
    """What v1 answers with `NotImplementedError`: something in `steps` that is none."""


def _flatten_sequence(sequence: StepSequence, after: Dict[PipelineStep, List[PipelineStep]]) -> List[PipelineStep]:
    found: List[PipelineStep] = []
    previous: List[PipelineStep] = []
    for item in sequence:
        group = _flatten(item, after)
        for step in group:
            after.setdefault(step, []).extend(other for other in previous if other is not step)
        found.extend(group)
        previous = group or previous
    return found


_MadeBy = Dict[Tuple[int, PipelineStep], PipelineStep]


def _closure(
    listed: List[PipelineStep], after: Dict[PipelineStep, List[PipelineStep]], resolve_closure: bool
) -> Tuple[Set[PipelineStep], _MadeBy]:
    """Return all steps that are needed, and for each piece of data in each step who makes it."""
    collected = set(listed)
    named = set(listed)
    made_by: _MadeBy = {}
    waiting = list(listed)
    while waiting:
        step = waiting.pop()
        needed = [*step.run_after_steps, *after.get(step, ())]
        for data in (*step._ports.data_of_inputs(), *step._ports.open):
            producer = _producer(data, step, named, is_open=data in step._ports.open)
            made_by[id(identity_of(data)), step] = producer
            if producer is not step:
                needed.append(producer)
        for other in needed:
            if other in collected:
                continue
            if not resolve_closure:
                raise DefinitionValueError(
                    f"step {step.name!r} needs step {other.name!r}, which is not listed",
                    hint="list it, or build the pipeline with resolve_closure=True",
                )
            collected.add(other)
            waiting.append(other)
    return collected, made_by


def _producer(data: Any, step: PipelineStep, listed: Set[PipelineStep], *, is_open: bool) -> PipelineStep:
    """Return who makes `data`, which `step` has as an input or (`is_open`) only in its arguments."""
    explicit = explicit_producer(data)
    if explicit is not None:
        return explicit
    candidates: Iterable[PipelineStep] = getattr(identity_of(data), "_arguments_of", ())
    # Steps that are not listed may be left from an earlier go in a notebook: such twins do not count.
    others = [item for item in candidates if item in listed or not _is_twin(item, step, listed)]
    if others:
        return min(others, key=lambda item: (item not in listed and item._sequence > step._sequence, item._sequence))
    if is_open:
        return step
    raise DefinitionValueError(
        f"step {step.name!r}: nobody makes its input {getattr(data, 'name', data)!r}",
        hint="put it into the outputs of the step that makes it",
    )


def _is_twin(other: PipelineStep, step: PipelineStep, listed: Set[PipelineStep]) -> bool:
    if other is step:
        return False
    key = _authoring(other)
    return key == _authoring(step) or any(key == _authoring(item) for item in listed)


def _authoring(step: PipelineStep) -> Tuple[Any, ...]:
    return (
        step.step_type,
        step.name,
        getattr(step, "_script_name", None),
        getattr(step, "_source_directory", None),
    )


class _Decided:
    """The ports of a step in this pipeline: those it names, and its open data as inputs or outputs."""

    def __init__(self, step: PipelineStep, made_by: _MadeBy) -> None:
        ports = step._ports
        self.inputs: Dict[str, InputSpec] = dict(ports.inputs)
        self.outputs: Dict[str, OutputSpec] = dict(ports.outputs)
        self.open: Dict[int, Tuple[str, Any]] = {}
        for data in ports.open:
            if made_by[id(identity_of(data)), step] is step:
                output = self.outputs.setdefault(data._output_name, OutputSpec(data._output_name, data))
                self.open[id(data)] = ("output", output)
            else:
                read = input_of(data)
                self.open[id(data)] = ("input", self.inputs.setdefault(read.name, read))

    def output_of(self, data: Any) -> Optional[OutputSpec]:
        wanted = identity_of(data)
        return next((spec for spec in self.outputs.values() if identity_of(spec.data) is wanted), None)


def _check_outputs(decided: Dict[PipelineStep, _Decided]) -> None:
    makers: Dict[int, PipelineStep] = {}
    run_outputs: Dict[str, PipelineStep] = {}
    for step, ports in decided.items():
        for spec in ports.outputs.values():
            other = makers.setdefault(id(identity_of(spec.data)), step)
            if other is not step:
                raise DefinitionValueError(
                    f"output {spec.name!r} is made by two steps, {other.name!r} and {step.name!r}",
                    hint="give each step an output of its own",
                )
            name = getattr(spec.data, "_pipeline_output_name", None)
            if name and run_outputs.setdefault(name, step) is not step:
                raise DefinitionValueError(
                    f"the pipeline output name {name!r} is used by steps {run_outputs[name].name!r} and {step.name!r}"
                )


def _parameters(steps: List[PipelineStep]) -> Dict[str, PipelineParameter]:
    found: Dict[str, PipelineParameter] = {}
    for step in steps:
        for name, parameter in step_parameters(step).items():
            known = found.setdefault(name, parameter)
            if known is not parameter and not _same_default(known, parameter):
                raise DefinitionValueError(
                    f"pipeline parameter {name!r} has two defaults: {known.default_value!r} and "
                    f"{parameter.default_value!r} (step {step.name!r})",
                    hint="use one PipelineParameter object, or equal defaults",
                )
    return found


def _same_default(one: PipelineParameter, other: PipelineParameter) -> bool:
    a, b = one.default_value, other.default_value
    return type(a) is type(b) and (a == b or str(getattr(a, "__dict__", a)) == str(getattr(b, "__dict__", b)))


def _wire_ports(
    item: WiredStep, decided: Dict[PipelineStep, _Decided], ids: Dict[PipelineStep, str], made_by: _MadeBy
) -> None:
    ports = decided[item.step]
    names = _input_names(item.step, ports)
    for name, spec in ports.inputs.items():
        port: Dict[str, Any] = {
            "name": names[name],
            "kind": spec.kind,
            "mode": spec.mode,
            "path_on_compute": spec.path_on_compute,
        }
        if spec.fixed is not None:
            port.update(spec.fixed, source=spec.source)
        else:
            producer = made_by[id(identity_of(spec.source)), item.step]
            made = decided[producer].output_of(spec.source)
            _check_agreement(item.step, spec, producer, made)
            port.update(step=ids[producer], output=made and made.name)
            if getattr(spec.source, "_reader", None):
                port["reader"] = dict(spec.source._reader)
        item.inputs.append(port)
    item.outputs = [(spec.name, spec.data) for spec in ports.outputs.values()]
    aliases = _aliases(ports.outputs.values())
    for kind, value in item.step._ports.arguments:
        decision, target = ports.open[id(value)] if kind == "open" else (kind, value)
        if decision == "input":
            item.arguments.append((decision, names[target.name]))
        elif decision == "output":
            item.arguments.append((decision, target.name))
        else:
            item.arguments.append((decision, _with_aliases(target, aliases)))


def _check_agreement(step: PipelineStep, read: InputSpec, producer: PipelineStep, made: Optional[OutputSpec]) -> None:
    """Refuse, as v1 does, to read as a dataset what its step does not hand over as one."""
    if is_pipeline_dataset(read.source) and made is not None and not is_pipeline_dataset(made.data):
        raise DefinitionValueError(
            f"step {step.name!r} reads {read.source.name!r} as a dataset, but step {producer.name!r} does not make one",
            hint=f"put {read.source.name}.as_dataset() into the outputs of step {producer.name!r}",
        )


def _input_names(step: PipelineStep, ports: _Decided) -> Dict[str, str]:
    names = {}
    for name in ports.inputs:
        if name in ports.outputs and not step._fix_port_name_collisions:
            raise DefinitionValueError(f"step {step.name!r} has an input and an output called {name!r}")
        names[name] = f"INPUT_{name}" if name in ports.outputs else name
    return names


def _aliases(outputs: Iterable[Any]) -> Dict[str, str]:
    """Return `{data name: port name}` of outputs whose text form carries another name than their port."""
    named = ((identity_of(spec.data), spec.name) for spec in outputs)
    return {data.name: name for data, name in named if isinstance(data, PipelineData) and data.name != name}


def _with_aliases(text: str, aliases: Dict[str, str]) -> str:
    if not aliases or "$AZUREML_DATAREFERENCE_" not in text:
        return text
    import re

    def replace(found: re.Match[str]) -> str:
        return "$AZUREML_DATAREFERENCE_" + aliases.get(found.group(1), found.group(1))

    return re.sub(r"\$AZUREML_DATAREFERENCE_(\w+)", replace, text)


def find_cycle(predecessors: Dict[str, Tuple[str, ...]]) -> Optional[List[str]]:
    """Return the ids of a circle, or None."""
    from azud.planning.graph import find_cycle as find

    return find(predecessors) or None
