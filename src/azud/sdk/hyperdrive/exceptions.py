"""v1's exceptions of sweeps."""

from __future__ import annotations

from typing import Any

from azud.sdk.exceptions import AzureMLException


class HyperDriveException(AzureMLException):
    """Root of the exceptions of sweeps."""

    def __init__(self, exception_message: Any, **kwargs: Any) -> None:
        """Keep the message."""
        super().__init__(exception_message, **kwargs)

    @property
    def error_code(self) -> str:
        """The kind of error: the name of the class."""
        return type(self).__name__


class HyperDriveConfigException(HyperDriveException):
    """A sweep that cannot be run as it is described."""


class HyperDriveScenarioNotSupportedException(HyperDriveConfigException):
    """A combination that is not supported."""


class HyperDriveNotImplementedException(HyperDriveScenarioNotSupportedException):
    """Something that is not there."""


class HyperDriveServiceException(HyperDriveException):
    """The server failed."""


class HyperDriveRehydrateException(HyperDriveException):
    """A run that cannot be made an object again."""
