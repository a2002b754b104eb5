"""v1's sign-in classes. A workspace on this machine needs no sign-in, so they only keep what they are given."""

from __future__ import annotations

from typing import Any

from azud.sdk.support import not_yet


class AbstractAuthentication:
    """Base of the sign-in classes; `Workspace.from_config(auth=…)` accepts any."""

    def __init__(self, cloud: Any = None, **kwargs: Any) -> None:
        """Keep nothing: azud never uses Azure's credentials."""

    get_authentication_header = not_yet("AbstractAuthentication.get_authentication_header")
    get_token = not_yet("AbstractAuthentication.get_token")
    signed_session = not_yet("AbstractAuthentication.signed_session")


class InteractiveLoginAuthentication(AbstractAuthentication):
    """A person at a browser, in Azure."""

    def __init__(self, force: bool = False, tenant_id: Any = None, cloud: Any = None) -> None:
        """Accept the arguments."""
        super().__init__()


class AzureCliAuthentication(AbstractAuthentication):
    """`az login`, in Azure."""

    def __init__(self, cloud: Any = None) -> None:
        """Accept the arguments."""
        super().__init__()


class MsiAuthentication(AbstractAuthentication):
    """A managed identity, in Azure."""

    def __init__(self, cloud: Any = None, **kwargs: Any) -> None:
        """Accept the arguments."""
        super().__init__()


class ServicePrincipalAuthentication(AbstractAuthentication):
    """An application's password, in Azure. It is not kept."""

    def __init__(
        self,
        tenant_id: Any,
        service_principal_id: Any,
        service_principal_password: Any,
        cloud: Any = "AzureCloud",
        _enable_caching: bool = True,
    ) -> None:
        """Accept the arguments."""
        super().__init__()
