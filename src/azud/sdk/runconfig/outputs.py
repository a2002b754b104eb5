"""Data that a run writes, as a run configuration names them."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.runconfig.data import DataLocation
from azud.sdk.section import FLAG, LIST, MAP, TEXT, Field, Section


class GlobsOptions(Section):
    """Which files are taken."""

    _schema = {"patterns": Field(LIST, TEXT)}

    def __init__(self, patterns: Optional[List[str]] = None) -> None:
        """Keep the patterns."""
        self.patterns = patterns


class UploadOptions(Section):
    """How an output is uploaded."""

    _schema = {"overwrite": FLAG, "source_globs": GlobsOptions}

    def __init__(self, overwrite: bool = False, source_globs: Optional[GlobsOptions] = None) -> None:
        """Keep the options."""
        self.overwrite = overwrite
        self.source_globs = source_globs


class MountOptions(Section):
    """How an output is mounted."""

    _schema = {"disable_metadata_cache": FLAG}

    def __init__(self, disable_metadata_cache: bool = False) -> None:
        """Keep the option."""
        self.disable_metadata_cache = disable_metadata_cache


class DatasetRegistrationOptions(Section):
    """What an output becomes as a dataset."""

    _schema = {"additional_transformation": TEXT}

    def __init__(self, additional_transformations: Optional[str] = None) -> None:
        """Keep the transformation."""
        self.additional_transformation = additional_transformations


class RegistrationOptions(Section):
    """Under which name an output is registered."""

    _schema = {
        "name": TEXT,
        "description": TEXT,
        "tags": Field(MAP, TEXT),
        "dataset_registration_options": DatasetRegistrationOptions,
    }

    def __init__(
        self,
        name: Optional[str] = None,
        description: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        dataset_registration_options: Optional[DatasetRegistrationOptions] = None,
    ) -> None:
        """Keep the options."""
        self.name = name
        self.description = description
        self.tags = tags
        self.dataset_registration_options = dataset_registration_options


class OutputOptions(Section):
    """What happens to an output."""

    _schema = {
        "path_on_compute": TEXT,
        "registration_options": RegistrationOptions,
        "upload_options": UploadOptions,
        "mount_options": MountOptions,
    }

    def __init__(
        self,
        path_on_compute: Optional[str] = None,
        registration_options: Optional[RegistrationOptions] = None,
        upload_options: Optional[UploadOptions] = None,
        mount_options: Optional[MountOptions] = None,
    ) -> None:
        """Keep the options."""
        self.path_on_compute = path_on_compute
        self.registration_options = registration_options
        self.upload_options = upload_options
        self.mount_options = mount_options


class OutputData(Section):
    """An output of a run: where it goes and how."""

    _schema = {"output_location": DataLocation, "mechanism": TEXT, "additional_options": OutputOptions}

    def __init__(
        self,
        output_location: Optional[DataLocation] = None,
        mechanism: str = "mount",
        additional_options: Any = None,
    ) -> None:
        """Keep the fields."""
        self.output_location = output_location
        self.mechanism = mechanism
        self.additional_options = additional_options
