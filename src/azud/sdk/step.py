"""`PipelineStep`, the base of all steps, and `StepSequence`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple

from azud.sdk.exceptions import DefinitionValueError, NotYetError
from azud.sdk.input_forms import identity_of
from azud.sdk.parameter import PipelineParameter
from azud.sdk.ports import StepPorts

if TYPE_CHECKING:
    from azud.sdk.graph.definitions import ModuleDef, ParamDef
    from azud.sdk.input_binding import InputPortBinding
from azud.sdk.pipeline_data import OutputPortBinding

_creation = itertools.count(1)


class PipelineStep:
    """One step of a pipeline: a name, ports and arguments. Steps that can run are subclasses."""

    def __init__(
        self,
        name: str,
        inputs: Optional[List[Any]],
        outputs: Optional[List[Any]],
        arguments: Optional[List[Any]] = None,
        fix_port_name_collisions: bool = False,
        resource_inputs: Optional[List[Any]] = None,
    ) -> None:
        """Describe a step.

        Args:
            name: Free text.
            inputs: `PipelineData`, bindings, `DataReference`, named datasets, output configs.
            outputs: `PipelineData`, bindings, output configs.
            arguments: Of the script. Ports that stand only here are added; a `PipelineData` only here is an
                input if another step of the pipeline makes it, else an output.
            fix_port_name_collisions: Rename an input that is called as an output (`INPUT_<name>`) instead of
                refusing it.
            resource_inputs: Not there yet.

        Raises:
            ValueError: A port or argument of another kind, or two ports of one name.
        """
        if resource_inputs:
            raise NotYetError("azud does not have PipelineStep(resource_inputs=…) yet")
        self.name = name
        self.run_after_steps: List[PipelineStep] = []
        self.step_type = type(self).__name__
        self._params: Dict[str, Any] = getattr(self, "_params", {})
        self._fix_port_name_collisions = fix_port_name_collisions
        self._sequence = next(_creation)
        self._ports = StepPorts(self, list(inputs or []), list(outputs or []), list(arguments or []))
        for spec in self._ports.outputs.values():
            _producer_holder(spec.data).set(self)
        for data in self._ports.open:
            identity_of(data)._arguments_of.append(self)

    def run_after(self, step: PipelineStep) -> None:
        """Start this step only when `step` has ended, without handing over data."""
        if not isinstance(step, PipelineStep):
            raise DefinitionValueError(f"run_after needs a step, got {type(step).__name__}")
        self.run_after_steps.append(step)

    def create_node(self, graph: Any, default_datastore: Any, context: Any) -> Any:
        """Say that steps of your own are not there yet: azud makes nodes from the ports of steps."""
        raise NotYetError(f"azud cannot run steps of class {type(self).__name__} yet")

    @staticmethod
    def validate_arguments(arguments: Any, inputs: Any, outputs: Any) -> None:
        """Accept arguments, inputs and outputs that a step can have.

        Raises:
            ValueError: Something in them cannot be an argument, input or output, or two ports share a name.
        """
        from azud.sdk.step_members import check_arguments

        check_arguments(arguments, inputs, outputs)

    @staticmethod
    def resolve_input_arguments(arguments: Any, inputs: Any, outputs: Any, params: Any) -> List[str]:
        """Return the texts that stand for arguments until the step runs: `$AZUREML_DATAREFERENCE_<name>` and the like.

        Raises:
            ValueError: As `validate_arguments`.
        """
        from azud.sdk.step_members import argument_texts

        return argument_texts(arguments, inputs, outputs, params)

    def create_input_output_bindings(
        self, inputs: Any, outputs: Any, default_datastore: Any, resource_inputs: Any = None
    ) -> Tuple[List[InputPortBinding], List[OutputPortBinding]]:
        """Return inputs and outputs as bindings; outputs that name no datastore get the default one.

        Raises:
            ValueError: One cannot be an input or output, or an output has no datastore at all.
        """
        from azud.sdk.step_members import bindings

        if resource_inputs:
            raise NotYetError("azud does not have PipelineStep.create_input_output_bindings(resource_inputs=…) yet")
        return bindings(inputs, outputs, default_datastore)

    def create_module_def(
        self,
        execution_type: str,
        input_bindings: List[InputPortBinding],
        output_bindings: List[OutputPortBinding],
        param_defs: Optional[List[ParamDef]] = None,
        create_sequencing_ports: bool = True,
        allow_reuse: bool = True,
        version: Optional[str] = None,
        module_type: Optional[str] = None,
        arguments: Optional[List[Any]] = None,
        runconfig: Any = None,
        cloud_settings: Any = None,
    ) -> ModuleDef:
        """Return what the step is like, as a module: `calculate_hash()` of it is the step's fingerprint."""
        from azud.sdk.step_members import module_def

        return module_def(
            self.name,
            self.step_type,
            input_bindings,
            output_bindings,
            param_defs,
            module_execution_type=execution_type,
            create_sequencing_ports=create_sequencing_ports,
            allow_reuse=allow_reuse,
            version=version,
            module_type=module_type,
            arguments=arguments,
            runconfig=runconfig,
            cloud_settings=cloud_settings,
        )

    def get_source_directory(self, context: Any, source_directory: Optional[str], script_name: Optional[str]) -> str:
        """Return the source folder: the one given, the context's default one, or the current one.

        Raises:
            ValueError: The script is not there.
        """
        from azud.sdk import step_members

        return step_members.source_directory(self.name, context, source_directory, script_name)

    def _check(self, default_source_directory: Optional[str]) -> None:
        """Raise what can be known to be wrong when the pipeline is built."""
        raise NotYetError(f"azud cannot run steps of class {type(self).__name__} yet")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


class StepSequence:
    """Steps one after the other; an element that is a list is a group whose members run side by side."""

    def __init__(self, steps: Optional[List[Any]] = None) -> None:
        """Order the steps: each element starts when all of the element before has ended.

        Raises:
            ValueError: No list.
        """
        if steps is not None and not isinstance(steps, (list, StepSequence)):
            raise DefinitionValueError("StepSequence needs a list of steps")
        self._steps = list(steps or [])

    def __iter__(self) -> Iterator[Any]:
        return iter(self._steps)


class _Holder:
    """Where the producer of one output is kept: in the `PipelineData`, or in what its copies share."""

    def __init__(self, data: Any) -> None:
        self._identity = identity_of(data)

    def set(self, step: PipelineStep) -> None:
        if hasattr(self._identity, "producer"):
            self._identity.producer = step
        else:
            self._identity._producer = step

    def get(self) -> Optional[PipelineStep]:
        found = self._identity.producer if hasattr(self._identity, "producer") else self._identity._producer
        return found if isinstance(found, PipelineStep) else None


def _producer_holder(data: Any) -> _Holder:
    return _Holder(data)


def explicit_producer(data: Any) -> Optional[PipelineStep]:
    """Return the step that was last made with this output, or None."""
    return _Holder(data).get()


def step_parameters(step: PipelineStep) -> Dict[str, PipelineParameter]:
    """Return every pipeline parameter that a step uses, by name.

    Raises:
        ValueError: A parameter has the name of one of the step's `params`.
    """
    found = dict(step._ports.parameters)
    for name, value in step._params.items():
        if isinstance(value, PipelineParameter):
            found[value.name] = value
        if name in step._ports.parameters and value is not step._ports.parameters[name]:
            raise DefinitionValueError(f"step {step.name!r}: Parameter name {name} is already in use")
    for spec in step._ports.inputs.values():
        if isinstance(spec.source, PipelineParameter):
            found[spec.source.name] = spec.source
    return found
