"""v1's sign-in classes. Nobody signs in to a workspace of this machine; they give a header for its server.

Whatever they were made with, `get_authentication_header()` holds the token that the workspace's own server takes: in a
job the run's, else the workspace's (`.azud/token`), which exists from the first time that the server listened on TCP;
before that a random text of this process, because nothing asks for a token. No credential of Azure's is sent anywhere.
"""

from __future__ import annotations

import os
import time
from enum import Enum
from typing import Any, Callable, Dict, NamedTuple, Optional

from azud.client import homes
from azud.client.places import TOKEN_FILE
from azud.client.transport import in_job
from azud.core.errors import NotFoundError
from azud.core.ids import new_token
from azud.sdk.exceptions import AuthenticationException, UserErrorException, translated

_VALID_S = 3600
_own_token: Dict[int, str] = {}


class Audience(Enum):
    """For whom a token of Azure's is meant."""

    ARM = "ARM"
    AZUREML = "AZUREML"


class AccessToken(NamedTuple):
    """A token and the second (since 1970) until which to use it. Its text form does not show the token."""

    token: str
    expires_on: int

    def __repr__(self) -> str:
        return f"AccessToken(expires_on={self.expires_on})"


class AbstractAuthentication:
    """Base of the sign-in classes; `Workspace.from_config(auth=…)` and its like accept any."""

    def __init__(self, cloud: Optional[str] = None) -> None:
        """Keep nothing of Azure's: its clouds mean nothing here."""
        self._home: Optional[str] = None

    def get_authentication_header(self) -> Dict[str, str]:
        """Return the header for requests to the workspace's server.

        It is that of the workspace that was opened with this object, else of the one of the current folder.
        """
        return {"Authorization": f"Bearer {_token(self._home)}"}

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """Return the token of the header, whatever it is asked for; it stays valid, and is to be asked for again."""
        return AccessToken(self._bearer(), int(time.time()) + _VALID_S)

    def signed_session(self, session: Any = None) -> Any:
        """Return a session of `requests`, the one given or a new one, that sends the header.

        Raises:
            UserErrorException: None is given, and `requests` is not installed.
        """
        if session is None:
            try:
                import requests  # type: ignore[import-untyped,unused-ignore]
            except ImportError as error:
                raise UserErrorException(
                    "a session needs the package requests, which is not installed",
                    hint="install it, or use get_authentication_header()",
                ) from error
            session = requests.Session()
        session.headers.update(self.get_authentication_header())
        return session

    def _bearer(self) -> str:
        return self.get_authentication_header()["Authorization"].partition(" ")[2]

    def _serve(self, home: str) -> None:
        """Give the header of this workspace home from now on."""
        self._home = home


class InteractiveLoginAuthentication(AbstractAuthentication):
    """A person at a browser, in Azure."""

    def __init__(self, force: bool = False, tenant_id: Optional[str] = None, cloud: Optional[str] = None) -> None:
        """Keep the tenant; no browser is opened."""
        super().__init__(cloud)
        self._tenant_id = tenant_id


class AzureCliAuthentication(AbstractAuthentication):
    """`az login`, in Azure."""


class MsiAuthentication(AbstractAuthentication):
    """A managed identity, in Azure."""

    def __init__(self, cloud: Optional[str] = None, **kwargs: Any) -> None:
        """Accept what v1 does: `identity_config` names the identity."""
        super().__init__(cloud)
        self._identity_config = kwargs.get("identity_config")


class ServicePrincipalAuthentication(AbstractAuthentication):
    """An application's password, in Azure. The password is not kept."""

    def __init__(
        self,
        tenant_id: Optional[str],
        service_principal_id: Optional[str],
        service_principal_password: Optional[str],
        cloud: str = "AzureCloud",
        _enable_caching: bool = True,
    ) -> None:
        """Keep who it is; whatever is missing (a variable that is not set, say) is not needed here."""
        super().__init__(cloud)
        self._tenant_id = tenant_id
        self._service_principal_id = service_principal_id


class TokenAuthentication(AbstractAuthentication):
    """Tokens of Azure's from a function of the caller's."""

    def __init__(self, get_token_for_audience: Callable[[Any], str], cloud: Optional[str] = None) -> None:
        """Keep the function.

        Raises:
            AuthenticationException: It is none.
        """
        super().__init__(cloud)
        if not callable(get_token_for_audience):
            raise AuthenticationException(
                "get_token_for_audience is no function", hint="give one that takes an audience"
            )
        self._get_token_for_audience = get_token_for_audience

    def get_token(self, audience: Any = Audience.ARM) -> Any:  # type: ignore[override]
        """Return what the function gives for an audience. The header holds the workspace's token all the same."""
        return self._get_token_for_audience(audience)


class ArmTokenAuthentication(AbstractAuthentication):
    """A token of Azure's Resource Manager, which nothing here asks for. It is not kept."""

    def __init__(self, arm_access_token: str, cloud: str = "None") -> None:
        """Check that there is one.

        Raises:
            AuthenticationException: It is no text, or empty.
        """
        super().__init__(cloud)
        _checked(arm_access_token, "arm_access_token")

    def update_arm_access_token(self, new_arm_access_token: str) -> None:
        """Take another token, checked as the first one.

        Raises:
            AuthenticationException: It is no text, or empty.
        """
        _checked(new_arm_access_token, "new_arm_access_token")


class AzureMLTokenAuthentication(AbstractAuthentication):
    """A run's token: the header holds the one that it was made with."""

    EXPIRATION_THRESHOLD_IN_SECONDS = 95
    REFRESH_INTERVAL_IN_SECONDS = 30

    def __init__(
        self,
        azureml_access_token: str,
        expiry_time: Any = None,
        host: Optional[str] = None,
        subscription_id: Optional[str] = None,
        resource_group_name: Optional[str] = None,
        workspace_name: Optional[str] = None,
        experiment_name: Optional[str] = None,
        run_id: Optional[str] = None,
        user_email: Optional[str] = None,
        experiment_id: Optional[str] = None,
        cloud: str = "AzureCloud",
    ) -> None:
        """Keep the token; a run's token is valid as long as the run, so nothing renews it.

        Raises:
            AuthenticationException: It is no text, or empty.
        """
        super().__init__(cloud)
        self.set_token(azureml_access_token, expiry_time)

    @classmethod
    def create(
        cls,
        azureml_access_token: str,
        expiry_time: Any,
        host: Optional[str],
        subscription_id: Optional[str],
        resource_group_name: Optional[str],
        workspace_name: Optional[str],
        experiment_name: Optional[str],
        run_id: Optional[str],
        user_email: Optional[str] = None,
        experiment_id: Optional[str] = None,
    ) -> AzureMLTokenAuthentication:
        """Return an object for a run's token.

        Raises:
            AuthenticationException: It is no text, or empty.
        """
        return cls(
            azureml_access_token,
            expiry_time,
            host,
            subscription_id,
            resource_group_name,
            workspace_name,
            experiment_name,
            run_id,
            user_email,
            experiment_id,
        )

    @property
    def token(self) -> str:
        """The token."""
        return self._given_token

    @property
    def expiry_time(self) -> Any:
        """When it expires, as given."""
        return self._expiry_time

    def set_token(self, token: str, expiry_time: Any) -> None:
        """Take another token.

        Raises:
            AuthenticationException: It is no text, or empty.
        """
        self._given_token = _checked(token, "token")
        self._expiry_time = expiry_time

    def get_authentication_header(self) -> Dict[str, str]:
        """Return the header with this token."""
        return {"Authorization": f"Bearer {self.token}"}


def _checked(token: Any, name: str) -> str:
    if not isinstance(token, str) or not token:
        raise AuthenticationException(f"{name} is missing", hint="give a text")
    return token


def _token(home: Optional[str]) -> str:
    """Return what the server of a home (None: that of the current folder) takes as a token."""
    given = os.environ.get("AZUREML_RUN_TOKEN") if in_job() else None
    if given:
        return given
    with translated():
        try:
            folder = home or homes.find_home().path
            with open(os.path.join(folder, TOKEN_FILE), encoding="ascii") as stream:
                return stream.read().strip()
        except (NotFoundError, FileNotFoundError):  # no workspace, or none that was ever served on TCP
            return _own_token.setdefault(os.getpid(), new_token())
