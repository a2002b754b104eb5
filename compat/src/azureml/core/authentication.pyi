# Made by `python -m azud.porting.stubs`.

from azud.sdk.authentication import AbstractAuthentication as AbstractAuthentication
from azud.sdk.authentication import AccessToken as AccessToken
from azud.sdk.authentication import ArmTokenAuthentication as ArmTokenAuthentication
from azud.sdk.authentication import Audience as Audience
from azud.sdk.authentication import AzureCliAuthentication as AzureCliAuthentication
from azud.sdk.authentication import AzureMLTokenAuthentication as AzureMLTokenAuthentication
from azud.sdk.authentication import InteractiveLoginAuthentication as InteractiveLoginAuthentication
from azud.sdk.authentication import MsiAuthentication as MsiAuthentication
from azud.sdk.authentication import ServicePrincipalAuthentication as ServicePrincipalAuthentication
from azud.sdk.authentication import TokenAuthentication as TokenAuthentication
