"""v1's exceptions, and how azud's own errors become them.

The tree is v1's: user code catches these classes by name. `from_azud` is the one place that maps a code of
`azud.core.errors` to a class.
"""

from __future__ import annotations

from azud.core.errors import AzudError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Type


class AzureMLException(Exception):
    """Root of v1's exceptions.

    `str()` is v1's block of lines. `message`, `inner_exception` as in v1; `code` and `hint` are azud's.
    """

    def __init__(
        self,
        exception_message: Any,
        inner_exception: Optional[BaseException] = None,
        target: Any = None,
        details: Any = None,
        message_format: Optional[str] = None,
        message_parameters: Optional[Dict[str, Any]] = None,
        reference_code: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        """Keep the message; `hint` and `code` are accepted as keywords, others are kept in `details`."""
        super().__init__(exception_message)
        self._message = str(exception_message)
        self._inner_exception = inner_exception
        self.hint: Optional[str] = kwargs.pop("hint", None)
        self.code: str = kwargs.pop("code", "user")
        self.details = details if details is not None else kwargs

    @property
    def message(self) -> str:
        """What is wrong, in one sentence."""
        return self._message

    @message.setter
    def message(self, value: str) -> None:
        self._message = value

    @property
    def inner_exception(self) -> Optional[BaseException]:
        """The error that led to this one, or None."""
        return self._inner_exception

    @inner_exception.setter
    def inner_exception(self, value: Optional[BaseException]) -> None:
        self._inner_exception = value

    def __str__(self) -> str:
        """Return v1's block: class, message, inner exception, and the error as JSON."""
        import json

        text = f"{self.message} ({self.hint})" if self.hint else self.message
        response = json.dumps({"error": {"code": self.code, "message": text}}, ensure_ascii=False)
        # An error of azud's own, translated, has this very message.
        inner = None if isinstance(self.inner_exception, AzudError) else self.inner_exception
        return f"{type(self).__name__}:\n\tMessage: {text}\n\tInnerException {inner}\n\tErrorResponse {response}"

    def __repr__(self) -> str:
        """Return the same as `str()`, as v1 does."""
        return str(self)

    def print_stacktrace(self) -> None:
        """Print the traceback of the inner exception, or of this one."""
        _print_stacktrace(self.inner_exception or self)


def _print_stacktrace(error: BaseException) -> None:
    import traceback

    traceback.print_exception(type(error), error, error.__traceback__)


class UserErrorException(AzureMLException):
    """Something that the caller wrote or asked for cannot be done."""


class DefinitionValueError(UserErrorException, ValueError):
    """A pipeline that cannot be built as written: a `ValueError`, as v1 raises, with a message and a hint."""

    def __str__(self) -> str:
        """Return the message and the hint in one line."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class NotYetError(UserErrorException, NotImplementedError):
    """A part of v1 that azud does not have yet; the message names it."""

    def __str__(self) -> str:
        """Return the message in one line."""
        return self.message


class NotYetAttributeError(NotYetError, AttributeError):
    """The same for an attribute that was read: `hasattr` and `getattr` with a default take it as missing."""


class AuthenticationException(UserErrorException):
    """No valid credential."""


class ActivityFailedException(AzureMLException):
    """A run that was waited for failed."""

    def __init__(self, error_details: Any, **kwargs: Any) -> None:
        """Take the run's error: a JSON text, as in v1."""
        super().__init__(error_details, **kwargs)

    def __str__(self) -> str:
        """Return what happened in plain lines; v1 shows the JSON twice, which hides it."""
        import json

        try:
            text = json.loads(self.message)["error"]["message"]
        except (ValueError, LookupError, TypeError):
            text = self.message
        return f"{type(self).__name__}:\n\tMessage: {text}"


class AzureMLAggregatedException(AzureMLException):
    """Several errors in one."""

    def __init__(self, exceptions_list: Any, **kwargs: Any) -> None:
        """Join the messages of the list."""
        super().__init__("\n".join(str(item) for item in exceptions_list), **kwargs)


class ComputeTargetException(AzureMLException):
    """A compute target is missing or cannot do what was asked."""


class DatasetExecutionError(UserErrorException):
    """A dataset cannot be read."""

    def __init__(self, message: Any, exception: Optional[BaseException] = None, **kwargs: Any) -> None:
        """Keep the message and what caused it."""
        super().__init__(message, inner_exception=exception, **kwargs)


class DatasetValidationError(UserErrorException):
    """A dataset that was to be made means nothing that is there."""

    def __init__(self, message: Any, exception: Optional[BaseException] = None, **kwargs: Any) -> None:
        """Keep the message and what caused it."""
        super().__init__(message, inner_exception=exception, **kwargs)


class DatasetTimestampMissingError(AzureMLException):
    """A dataset has no timestamp column."""

    def __init__(self, error_details: Any, **kwargs: Any) -> None:
        """Keep the message."""
        super().__init__(error_details, **kwargs)


class DiscoveryUrlNotFoundException(AzureMLException):
    """Kept for `except` clauses; azud has no discovery service."""

    def __init__(self, discovery_key: Any, **kwargs: Any) -> None:
        """Keep the key as the message."""
        super().__init__(discovery_key, **kwargs)


class ExperimentExecutionException(AzureMLException):
    """A submission or a wait was ended."""


class ModelNotFoundException(AzureMLException):
    """No such model."""

    def __init__(self, exception_message: Any, logger: Any = None, **kwargs: Any) -> None:
        """Keep the message; the logger is accepted as in v1."""
        super().__init__(exception_message, **kwargs)


class ModelPathNotFoundException(AzureMLException):
    """No such path of a model."""

    def __init__(self, exception_message: Any, logger: Any = None, **kwargs: Any) -> None:
        """Keep the message; the logger is accepted as in v1."""
        super().__init__(exception_message, **kwargs)


class ParallelRunException(AzureMLException):
    """A parallel run failed; `code` says how, `delay_seconds` when to try again."""

    def __init__(self, exception_message: Any, code: Any = None, delay_seconds: int = 0, **kwargs: Any) -> None:
        """Keep the message, the code and the delay."""
        super().__init__(exception_message, **kwargs)
        self.code = code
        self.delay_seconds = delay_seconds


class ProjectSystemException(AzureMLException):
    """The file system of a project refused."""


class RunConfigurationException(AzureMLException):
    """A run configuration is not valid."""


class RunEnvironmentException(AzureMLException):
    """`Run.get_context(allow_offline=False)` outside of a job."""

    def __init__(self, exception_message: Any = "this program is not running as a job", **kwargs: Any) -> None:
        """Keep the message."""
        super().__init__(exception_message, **kwargs)


class ServiceException(Exception):
    """The server failed. Not an `AzureMLException`, as in v1."""

    def __init__(self, error_response_exception: Any, **kwargs: Any) -> None:
        """Keep the message, and of the error that it was made with `status_code` and `details`."""
        super().__init__(str(error_response_exception))
        self.message = str(error_response_exception)
        error = error_response_exception
        given = kwargs.get("inner_exception", error)
        self.inner_exception: Optional[BaseException] = given if isinstance(given, BaseException) else None
        self.status_code: Optional[int] = kwargs.get("status_code", getattr(error, "status_code", None))
        self.details: Any = kwargs.get("details", getattr(error, "details", None))

    def print_stacktrace(self) -> None:
        """Print the traceback of the inner exception, or of this one."""
        _print_stacktrace(self.inner_exception or self)


class SnapshotException(AzureMLException):
    """A source folder cannot be taken."""


class TrainingException(AzureMLException):
    """Training failed."""


class WebserviceException(AzureMLException):
    """A model or web service call failed."""

    def __init__(self, exception_message: Any, status_code: Any = None, logger: Any = None, **kwargs: Any) -> None:
        """Keep the message and the status."""
        super().__init__(exception_message, **kwargs)
        self.status_code = status_code


class WorkspaceException(AzureMLException):
    """A workspace cannot be made, found or read; `found_multiple` says that there are several of a name."""

    def __init__(self, exception_message: Any, found_multiple: bool = False, **kwargs: Any) -> None:
        """Keep the message, and whether several were found."""
        super().__init__(exception_message, **kwargs)
        self.found_multiple = found_multiple


class WorkspacePrivateEndpointException(AzureMLException):
    """Kept for `except` clauses: nothing here has endpoints in Azure's networks."""

    def __init__(self, exception_message: Any, found_multiple: bool = False, **kwargs: Any) -> None:
        """Keep the message, and whether several were found."""
        super().__init__(exception_message, **kwargs)
        self.found_multiple = found_multiple


_BY_CODE: Dict[str, Type[AzureMLException]] = {
    "user": UserErrorException,
    "definition": UserErrorException,
    "not_found": UserErrorException,
    "conflict": UserErrorException,
    "settings": UserErrorException,
    "authentication": AuthenticationException,
    "permission_denied": UserErrorException,
    "step": ActivityFailedException,
    "step_failed": ActivityFailedException,
    "step_timed_out": ActivityFailedException,
    "output_missing": ActivityFailedException,
}


def from_azud(error: AzudError, kind: Optional[Type[AzureMLException]] = None) -> AzureMLException:
    """Return v1's exception for an error of azud: of class `kind`, else by the error's code."""
    chosen = kind or _BY_CODE.get(error.code, AzureMLException)
    return chosen(error.message, inner_exception=error, hint=error.hint, code=error.code, details=error.details)


class translated:  # noqa: N801 - reads as a statement: `with translated():`
    """Raise azud's errors that come out of the block as v1's exceptions; see `from_azud`."""

    # A class, because contextlib costs every fresh interpreter of a job more than this whole module.

    def __init__(self, kind: Optional[Type[AzureMLException]] = None) -> None:
        """Keep the class that is to be raised."""
        self._kind = kind

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, AzudError):
            raise from_azud(error, self._kind) from error
