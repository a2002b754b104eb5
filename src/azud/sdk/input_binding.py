"""The binding of an input: data under the name of a port."""

from __future__ import annotations

from typing import Any, Callable, Optional

from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.support import check_port_name


class Bindable:
    """What can be an input of a step: v1's three short forms of `create_input_binding`."""

    create_input_binding: Callable[..., InputPortBinding]

    def as_mount(self, input_name: Optional[str] = None) -> InputPortBinding:
        """Return an input of these data, read where they are."""
        return self.create_input_binding(input_name, "mount")

    def as_download(
        self,
        input_name: Optional[str] = None,
        path_on_compute: Optional[str] = None,
        overwrite: Optional[bool] = None,
    ) -> InputPortBinding:
        """Return an input of these data, copied for the job."""
        return self.create_input_binding(input_name, "download", path_on_compute, overwrite)

    def as_input(self, input_name: Optional[str] = None) -> InputPortBinding:
        """Return an input of these data in mode mount; v1 wants the name, azud does not."""
        return self.create_input_binding(input_name, "mount")


class InputPortBinding:
    """An input of a step under a name of its own: `PipelineData`, a `DataReference` or a past run's output."""

    def __init__(
        self,
        name: str,
        bind_object: Any = None,
        bind_mode: str = "mount",
        path_on_compute: Optional[str] = None,
        overwrite: Optional[bool] = None,
        is_resource: bool = False,
        additional_transformations: Any = None,
        **kwargs: Any,
    ) -> None:
        """Bind data to the name.

        Raises:
            ValueError: The name is not valid, or nothing is bound.
        """
        if bind_object is None:
            raise DefinitionValueError(f"input {name!r} binds nothing", hint="give bind_object")
        self._name = check_port_name(name, "input name")
        self._bind_mode = bind_mode
        self._path_on_compute = path_on_compute
        self._bind_object = bind_object
        self._overwrite = overwrite
        self._is_resource = is_resource
        self._additional_transformations = additional_transformations

    @property
    def name(self) -> str:
        """The name of the port."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = check_port_name(name, "input name")

    @property
    def bind_mode(self) -> str:
        """`mount` or `download`."""
        return self._bind_mode

    @bind_mode.setter
    def bind_mode(self, mode: str) -> None:
        self._bind_mode = mode

    @property
    def path_on_compute(self) -> Optional[str]:
        """Where a download is put."""
        return self._path_on_compute

    @path_on_compute.setter
    def path_on_compute(self, path: Optional[str]) -> None:
        self._path_on_compute = path

    @property
    def bind_object(self) -> Any:
        """What is bound."""
        return self._bind_object

    @property
    def data_reference_name(self) -> str:
        """The name in `$AZUREML_DATAREFERENCE_<name>`."""
        return self.name

    @property
    def overwrite(self) -> Optional[bool]:
        """As given."""
        return self._overwrite

    @property
    def data_type(self) -> Optional[str]:
        """The kind of the bound data."""
        return self.get_bind_object_data_type()

    @property
    def is_resource(self) -> bool:
        """As given."""
        return self._is_resource

    @property
    def additional_transformations(self) -> Any:
        """As given."""
        return self._additional_transformations

    def get_bind_object_name(self) -> str:
        """Return the name of the bound data."""
        name = getattr(self._bind_object, "data_reference_name", None) or self._bind_object.name
        return str(name)

    def get_bind_object_data_type(self) -> Optional[str]:
        """Return the kind of the bound data, if it has one."""
        return getattr(self._bind_object, "data_type", None)

    def as_resource(self) -> InputPortBinding:
        """Return a copy that is marked as a resource."""
        return InputPortBinding(
            self.name, self._bind_object, self.bind_mode, self.path_on_compute, self._overwrite, True
        )

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    __repr__ = __str__
