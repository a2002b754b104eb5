"""The errors of azud.

Every error that a person may see says what is wrong, where, and what to do (`hint`). The tree::

    AzudError
    ├── UserError                  the caller can mend it; CLI exit code 2, HTTP 4xx
    │   ├── DefinitionError        a pipeline, step or parameter that cannot run as written
    │   ├── NotFoundError
    │   ├── ConflictError
    │   ├── SettingsError          a configuration file or setting
    │   ├── AuthenticationError
    │   └── PermissionDeniedError
    ├── StepError                  a user's step did not succeed
    │   ├── StepFailed
    │   ├── StepTimedOut
    │   └── OutputMissing
    ├── EnvironmentBuildError
    ├── BackendError               a compute backend; retryable or not
    ├── StorageError
    │   ├── BlobMissing
    │   ├── DigestMismatch
    │   ├── StoreBusy
    │   ├── RecordUnreadable       of one run; the others are not touched
    │   └── SchemaVersionError
    ├── LeaseLost                  this process no longer owns what it was about to write
    └── InvariantViolation         a defect of azud

Errors cross the API as `application/problem+json` with the same `code`; `error_from_code`
turns one back into its class.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Type


class AzudError(Exception):
    """Base of every error that azud raises on purpose.

    Args:
        message: What is wrong, and where.
        hint: What the reader can do about it, in one sentence.
        retryable: Whether the same call may succeed later without any change.
        details: JSON-able facts for programs.
    """

    code = "azud"
    http_status = 500
    retryable = False

    def __init__(
        self,
        message: str,
        *,
        hint: Optional[str] = None,
        retryable: Optional[bool] = None,
        details: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = dict(details or {})
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        return self.message

    def to_problem(self) -> Dict[str, Any]:
        """Return the body of a problem+json answer (RFC 9457) with our `code` and `hint`."""
        problem: Dict[str, Any] = {
            "type": "about:blank",
            "title": type(self).__name__,
            "status": self.http_status,
            "detail": self.message,
            "code": self.code,
            "retryable": self.retryable,
        }
        if self.hint:
            problem["hint"] = self.hint
        if self.details:
            problem["details"] = self.details
        return problem


class UserError(AzudError):
    """Something that the caller wrote or asked for cannot be done."""

    code = "user"
    http_status = 400


class DefinitionError(UserError):
    """A pipeline, step, port or parameter that cannot run as it is written."""

    code = "definition"
    http_status = 422


class NotFoundError(UserError):
    """The thing that was named does not exist here."""

    code = "not_found"
    http_status = 404


class ConflictError(UserError):
    """The request contradicts what already exists."""

    code = "conflict"
    http_status = 409


class SettingsError(UserError):
    """A configuration file, setting or workspace folder that cannot be used."""

    code = "settings"
    http_status = 400


class AuthenticationError(UserError):
    """No valid credential came with the request."""

    code = "authentication"
    http_status = 401


class PermissionDeniedError(UserError):
    """The caller is known and may not do this."""

    code = "permission_denied"
    http_status = 403


class StepError(AzudError):
    """A step of a run did not succeed."""

    code = "step"


class StepFailed(StepError):
    """The step's process ended with an error."""

    code = "step_failed"


class StepTimedOut(StepError):
    """The step ran longer than it may."""

    code = "step_timed_out"


class OutputMissing(StepError):
    """The step ended without writing an output that it declares."""

    code = "output_missing"


class EnvironmentBuildError(AzudError):
    """An environment could not be made ready."""

    code = "environment_build"


class BackendError(AzudError):
    """A compute backend could not start, find or stop an attempt."""

    code = "backend"


class StorageError(AzudError):
    """The store, a blob or a datastore could not be read or written."""

    code = "storage"


class BlobMissing(StorageError):
    """Stored bytes are not where they were put."""

    code = "blob_missing"
    http_status = 404


class DigestMismatch(StorageError):
    """Bytes differ from the digest that they are stored under."""

    code = "digest_mismatch"


class StoreBusy(StorageError):
    """The store is in use by another process for longer than we wait."""

    code = "store_busy"
    http_status = 503
    retryable = True


class RecordUnreadable(StorageError):
    """What is stored of a run is damaged, or was written by a version that this one does not understand."""

    code = "record_unreadable"


class SchemaVersionError(StorageError):
    """The workspace was written by a newer version of azud."""

    code = "schema_version"
    http_status = 409


class LeaseLost(AzudError):
    """This holder's lease was taken by another; it must write nothing more. The other one may be asked."""

    code = "lease_lost"
    http_status = 503
    retryable = True


class InvariantViolation(AzudError):
    """Something that azud promises does not hold: a defect of azud."""

    code = "invariant"


def _all_errors(root: Type[AzudError]) -> Dict[str, Type[AzudError]]:
    found = {root.code: root}
    for child in root.__subclasses__():
        found.update(_all_errors(child))
    return found


def error_from_code(
    code: str,
    message: str,
    *,
    hint: Optional[str] = None,
    retryable: Optional[bool] = None,
    details: Optional[Dict[str, Any]] = None,
) -> AzudError:
    """Return the error whose class has this code; an unknown code gives a plain `AzudError`."""
    kind = _all_errors(AzudError).get(code, AzudError)
    return kind(message, hint=hint, retryable=retryable, details=details)
