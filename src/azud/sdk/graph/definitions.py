"""What ports, parameters, modules and sources of data are like: the values that nodes of a graph are made of."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, List, Optional

from azud.sdk.support import check_port_name, not_yet

ANY_FILE, ANY_DIRECTORY = "AnyFile", "AnyDirectory"


class InputPortDef:
    """What an input of a module takes, and how."""

    def __init__(
        self,
        name: str,
        data_types: Optional[List[str]] = None,
        default_datastore_mode: Optional[str] = None,
        default_path_on_compute: Optional[str] = None,
        is_optional: bool = False,
        default_overwrite: Optional[bool] = None,
        default_data_reference_name: Optional[str] = None,
        is_resource: bool = False,
        label: Optional[str] = None,
        additional_transformations: Any = None,
        **kwargs: Any,
    ) -> None:
        """Keep the fields; any file or folder is taken if no data types are named.

        Raises:
            ValueError: The name is not made of letters, digits and underscores.
        """
        self._name = check_port_name(name, "input name")
        self._data_types = list(data_types or [ANY_FILE, ANY_DIRECTORY])
        self._default_datastore_mode = default_datastore_mode
        self._default_path_on_compute = default_path_on_compute
        self._is_optional = is_optional
        self._default_overwrite = default_overwrite
        self._default_data_reference_name = default_data_reference_name
        self._is_resource = is_resource
        self._label = label
        self._additional_transformations = additional_transformations

    name = property(attrgetter("_name"), doc="The name of the port.")
    data_types = property(attrgetter("_data_types"), doc="The kinds of data that are taken.")
    default_datastore_mode = property(attrgetter("_default_datastore_mode"), doc="`mount`, `download` or `direct`.")
    default_path_on_compute = property(attrgetter("_default_path_on_compute"), doc="Where a download is put.")
    is_optional = property(attrgetter("_is_optional"), doc="Whether the port may stay open.")
    default_overwrite = property(attrgetter("_default_overwrite"), doc="As given.")
    default_data_reference_name = property(attrgetter("_default_data_reference_name"), doc="As given.")
    is_resource = property(attrgetter("_is_resource"), doc="As given.")
    label = property(attrgetter("_label"), doc="What people call the port.")
    additional_transformations = property(attrgetter("_additional_transformations"), doc="How the files are read.")


class OutputPortDef:
    """What an output of a module holds, and where its bytes go."""

    def __init__(
        self,
        name: str,
        default_datastore_name: Optional[str] = None,
        default_datastore_mode: Optional[str] = None,
        default_path_on_compute: Optional[str] = None,
        is_directory: bool = False,
        data_type: Optional[str] = None,
        default_overwrite: Optional[bool] = None,
        training_output: Any = None,
        label: Optional[str] = None,
    ) -> None:
        """Keep the fields; the data type is `AnyDirectory` or `AnyFile` if None.

        Raises:
            ValueError: The name is not made of letters, digits and underscores.
        """
        self._name = check_port_name(name, "output name")
        self._default_datastore_name = default_datastore_name
        self._default_datastore_mode = default_datastore_mode
        self._default_path_on_compute = default_path_on_compute
        self._is_directory = is_directory
        self._data_type = data_type or (ANY_DIRECTORY if is_directory else ANY_FILE)
        self._default_overwrite = default_overwrite
        self._training_output = training_output
        self._label = label

    name = property(attrgetter("_name"), doc="The name of the port.")
    default_datastore_name = property(attrgetter("_default_datastore_name"), doc="The datastore, or None.")
    default_datastore_mode = property(attrgetter("_default_datastore_mode"), doc="`mount` or `upload`.")
    default_path_on_compute = property(attrgetter("_default_path_on_compute"), doc="Where an upload is taken from.")
    is_directory = property(attrgetter("_is_directory"), doc="As given.")
    data_type = property(attrgetter("_data_type"), doc="The kind of data.")
    default_overwrite = property(attrgetter("_default_overwrite"), doc="As given.")
    training_output = property(attrgetter("_training_output"), doc="As given.")
    label = property(attrgetter("_label"), doc="What people call the port.")


class ParamDef:
    """A parameter of a module."""

    def __init__(
        self,
        name: str,
        default_value: Any = None,
        is_metadata_param: bool = False,
        is_optional: bool = False,
        set_env_var: bool = False,
        calculate_hash: bool = True,
        env_var_override: Any = None,
    ) -> None:
        """Keep the fields; `calculate_hash` says whether the default counts in the module's fingerprint."""
        self.name = name
        self.default_value = default_value
        self.is_metadata_param = is_metadata_param
        self.is_optional = is_optional
        self.set_env_var = set_env_var
        self.calculate_hash = calculate_hash
        self.env_var_override = env_var_override


class Param:
    """A parameter of a node with its value."""

    def __init__(self, param_def: ParamDef) -> None:
        """Start with the default."""
        self.param_def = param_def
        self.name = param_def.name
        self.value = param_def.default_value
        self.set_var = param_def.set_env_var
        self._is_changed = False

    def set_value(self, param_value: Any) -> None:
        """Give the parameter a value, or a `PipelineParameter`; the step gets it when the graph is submitted."""
        self.value = param_value
        self._is_changed = True

    def get_value(self) -> Any:
        """Return the value."""
        return self.value

    def __repr__(self) -> str:
        return f"<Param {self.name}={self.value!r}>"


class ModuleDef:
    """What a module does: its ports, parameters and way of running. Of a step, what `create_module_def` gives."""

    fake_output_name = "_run_after_output"
    fake_input_prefix = "_run_after_input_"

    def __init__(
        self,
        name: str,
        description: Optional[str] = None,
        input_port_defs: Optional[List[InputPortDef]] = None,
        output_port_defs: Optional[List[OutputPortDef]] = None,
        param_defs: Optional[List[ParamDef]] = None,
        module_execution_type: Optional[str] = None,
        create_sequencing_ports: bool = True,
        allow_reuse: bool = True,
        version: Optional[str] = None,
        module_type: Optional[str] = None,
        step_type: Optional[str] = None,
        arguments: Optional[List[Any]] = None,
        runconfig: Any = None,
        cloud_settings: Any = None,
    ) -> None:
        """Keep the fields; with `create_sequencing_ports` the module has the hidden output that others wait for."""
        self._name = name
        self._description = description
        self._input_port_defs = list(input_port_defs or [])
        self._output_port_defs = list(output_port_defs or [])
        if create_sequencing_ports:
            self._output_port_defs.append(OutputPortDef(self.fake_output_name))
        self._param_defs = list(param_defs or [])
        self._module_execution_type = module_execution_type
        self._allow_reuse = allow_reuse
        self._version = version
        self._module_type = module_type
        self._step_type = step_type
        self._arguments = list(arguments or [])
        self._runconfig = runconfig
        self._cloud_settings = cloud_settings

    name = property(attrgetter("_name"), doc="The name.")
    description = property(attrgetter("_description"), doc="The description.")
    input_port_defs = property(attrgetter("_input_port_defs"), doc="The inputs, hidden ones among them.")
    output_port_defs = property(attrgetter("_output_port_defs"), doc="The outputs, the hidden one among them.")
    param_defs = property(attrgetter("_param_defs"), doc="The parameters.")
    module_execution_type = property(attrgetter("_module_execution_type"), doc="v1's word, `escloud` for scripts.")
    allow_reuse = property(attrgetter("_allow_reuse"), doc="Whether results may be reused.")
    module_type = property(attrgetter("_module_type"), doc="As given.")
    step_type = property(attrgetter("_step_type"), doc="The class of the step.")
    runconfig = property(attrgetter("_runconfig"), doc="As given.")
    cloud_settings = property(attrgetter("_cloud_settings"), doc="As given.")

    def add_fake_sequencing_input_port(self) -> InputPortDef:
        """Add, and return, a hidden input by which the module waits for another."""
        count = sum(item.name.startswith(self.fake_input_prefix) for item in self._input_port_defs)
        made = InputPortDef(f"{self.fake_input_prefix}{count}", is_optional=True)
        self._input_port_defs.append(made)
        return made

    def calculate_hash(self) -> str:
        """Return the module's fingerprint: 64 hexadecimal characters.

        It changes with what v1's changes with (name, ports, parameters and their defaults, arguments in order, reuse,
        version, execution type), but is another number. azud reuses results by `azud.planning.key`, not by it.
        """
        from azud.core.digests import digest_value

        inputs = [
            [item.name, item.default_datastore_mode, item.default_path_on_compute, item.data_types]
            for item in self._input_port_defs
            if not item.name.startswith(self.fake_input_prefix)
        ]
        outputs = [
            [
                item.name,
                item.default_datastore_name,
                item.default_datastore_mode,
                item.default_path_on_compute,
                item.data_type,
            ]
            for item in self._output_port_defs
        ]
        params = sorted([item.name, str(item.default_value)] for item in self._param_defs if item.calculate_hash)
        way = [self._allow_reuse, self._module_execution_type, self._version]
        return digest_value([self._name, inputs, outputs, params, way, [str(item) for item in self._arguments]])


class Module:
    """A module with its id. `azureml.pipeline.core.Module`, which is published, is another class."""

    def __init__(
        self,
        module_id: str,
        module_def: Optional[ModuleDef] = None,
        module_version: Any = None,
        default_version: Any = None,
    ) -> None:
        """Keep the fields."""
        self.id = module_id
        self.module_def = module_def
        self.module_version = module_version
        self._default_version = default_version


class DataType:
    """A kind of data, as v1's workspaces keep a list of them. azud takes any text as a data type and keeps no list."""

    def __init__(
        self,
        workspace: Any,
        id: str,
        name: str,
        description: str,
        is_directory: bool,
        parent_datatype_ids: Optional[List[str]],
    ) -> None:
        """Keep the fields."""
        self._workspace = workspace
        self._id = id
        self._name = name
        self._description = description
        self._is_directory = is_directory
        self._parent_datatype_ids = list(parent_datatype_ids or [])

    id = property(attrgetter("_id"), doc="The id.")
    name = property(attrgetter("_name"), doc="The name.")
    description = property(attrgetter("_description"), doc="The description.")
    is_directory = property(attrgetter("_is_directory"), doc="Whether it is a folder.")
    parent_datatype_ids = property(attrgetter("_parent_datatype_ids"), doc="The kinds that it is one of.")

    update = not_yet("DataType.update", "definitions")
    create_data_type = staticmethod(not_yet("DataType.create_data_type", "definitions"))
    list_data_types = staticmethod(not_yet("DataType.list_data_types", "definitions"))
