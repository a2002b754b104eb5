"""Small things that many classes of the SDK share."""

from __future__ import annotations

import os
import sys

from azud.core.errors import NotFoundError
from azud.sdk.exceptions import AzureMLException, NotYetAttributeError, NotYetError, translated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, Mapping, NoReturn, Optional, Type

    from azud.client.transport import Client, QueryValue

    class NotThereYet:
        """What a checker sees in the place of a method that `not_yet` makes: it can neither be called nor read."""

    class _Refusal:
        def __call__(self) -> NoReturn: ...

        # A checker asks for an attribute of a class as for any descriptor.
        def __get__(self, instance: object, owner: object) -> NotThereYet: ...


class Api:
    """The REST API with v1's exceptions: `azud.client.transport.Client`, translated."""

    def __init__(self, client: Client) -> None:
        """Wrap the client."""
        self.client = client

    def get(
        self,
        path: str,
        query: Optional[Mapping[str, QueryValue]] = None,
        *,
        wait_s: float = 0.0,
        kind: Optional[Type[AzureMLException]] = None,
    ) -> Any:
        """Return the JSON answer of a GET."""
        with translated(kind):
            return self.client.get(path, query, wait_s=wait_s)

    def find(self, path: str, query: Optional[Mapping[str, QueryValue]] = None) -> Any:
        """Return the JSON answer of a GET, or None if there is no such thing."""
        with translated():
            try:
                return self.client.get(path, query)
            except NotFoundError:
                return None

    def items(
        self, path: str, query: Optional[Mapping[str, QueryValue]] = None, *, key: str = "value"
    ) -> Iterator[Any]:
        """Yield the items of a list, which an answer holds under `key`, page by page."""
        cursor: Optional[str] = None
        while True:
            page = self.get(path, dict(query or {}, after=cursor))
            yield from page[key]
            cursor = page.get("next")
            if not cursor:
                return

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: Optional[str] = None,
        repeat: bool = False,
        kind: Optional[Type[AzureMLException]] = None,
    ) -> Any:
        """Send a JSON body and return the JSON answer; see `Client.call`."""
        with translated(kind):
            return self.client.call(method, path, body=body, key=key, repeat=repeat)

    def follow(self, path: str, body: Any, told: Optional[Callable[[Dict[str, Any]], object]] = None) -> Any:
        """Return the result of a POST that takes long; see `Client.follow`."""
        with translated():
            return self.client.follow(path, body, told)

    def upload_file(self, path: str, local_path: str, *, wait_s: float = 0.0) -> Any:
        """PUT a local file's bytes; `wait_s` is how long the server may take with them once it has them all."""
        with translated(), open(local_path, "rb") as stream:
            return self.client.upload(path, stream, os.fstat(stream.fileno()).st_size, wait_s=wait_s)

    def upload_bytes(self, path: str, data: bytes) -> Any:
        """PUT bytes."""
        with translated():
            return self.client.upload(path, data, len(data))

    def download_file(self, path: str, local_path: str, query: Optional[Mapping[str, QueryValue]] = None) -> None:
        """GET bytes into a local file, whose folder is made; the file appears when it is complete."""
        from azud.client.downloading import download_file

        with translated():
            download_file(self.client, path, local_path, query)


def not_yet(name: str, family: str = "") -> _Refusal:
    """Return a method that says that azud does not have this part of v1 yet.

    Args:
        name: What is missing.
        family: A key of `azud.sdk.absent.FAMILIES`, which say what to use instead.

    Its attribute `azud_absent` tells `azud compat` so, as for names that are missing altogether (`azud.sdk.absent`).
    Its type has type checkers report each call in a user's program.
    """

    def missing(*args: Any, **kwargs: Any) -> NoReturn:
        if not family:
            raise NotYetError(f"azud does not have {name} yet")
        from azud.sdk.absent import message

        raise NotYetError(message(name, family))

    vars(missing)["azud_absent"] = (name, family)
    missing.__doc__ = f"Not there yet: raises `NotYetError` that names {name}."
    return missing  # type: ignore[return-value]


def not_yet_property(name: str, family: str) -> property:
    """Return a property that azud does not have yet, as `not_yet` for methods; `hasattr` takes it as missing."""

    def missing(self: Any) -> Any:
        from azud.sdk.absent import message

        raise NotYetAttributeError(message(name, family))

    vars(missing)["azud_absent"] = (name, family)
    return property(missing, doc=f"Not there yet: raises `NotYetError` that names {name}.")


def warn(message: str) -> None:
    """Tell the user something on standard error, once per message and process."""
    if message not in _warned:
        _warned[message] = True
        print(f"azud: {message}", file=sys.stderr)


_warned: Dict[str, bool] = {}


def text_items(values: Mapping[Any, Any]) -> Dict[str, Optional[str]]:
    """Return tags with texts as keys and values; None stays None."""
    return {str(key): None if value is None else str(value) for key, value in values.items()}


def check_port_name(name: str, what: str) -> str:
    """Return the name if it is made of letters, digits and underscores.

    Raises:
        ValueError: It is not.
    """
    if not isinstance(name, str) or not name or not all(char.isalnum() or char == "_" for char in name):
        from azud.sdk.exceptions import DefinitionValueError

        raise DefinitionValueError(f"{what} {name!r} is not valid", hint="use letters, digits and underscores only")
    return name


def random_suffix() -> str:
    """Return eight random hexadecimal characters."""
    return os.urandom(4).hex()
