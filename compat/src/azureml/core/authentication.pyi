# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated
from azud.sdk.authentication import AbstractAuthentication as AbstractAuthentication
from azud.sdk.authentication import InteractiveLoginAuthentication as InteractiveLoginAuthentication
from azud.sdk.authentication import AzureCliAuthentication as AzureCliAuthentication
from azud.sdk.authentication import MsiAuthentication as MsiAuthentication
from azud.sdk.authentication import ServicePrincipalAuthentication as ServicePrincipalAuthentication

@deprecated("azud does not have AccessToken yet")
class AccessToken:
    """Not there yet: nobody signs in to a workspace of this machine; use no authentication object, or one of those that
    azud has."""

@deprecated("azud does not have ArmTokenAuthentication yet")
class ArmTokenAuthentication:
    """Not there yet: nobody signs in to a workspace of this machine; use no authentication object, or one of those that
    azud has."""

@deprecated("azud does not have Audience yet")
class Audience:
    """Not there yet: nobody signs in to a workspace of this machine; use no authentication object, or one of those that
    azud has."""

@deprecated("azud does not have AzureMLTokenAuthentication yet")
class AzureMLTokenAuthentication:
    """Not there yet: nobody signs in to a workspace of this machine; use no authentication object, or one of those that
    azud has."""

@deprecated("azud does not have TokenAuthentication yet")
class TokenAuthentication:
    """Not there yet: nobody signs in to a workspace of this machine; use no authentication object, or one of those that
    azud has."""
