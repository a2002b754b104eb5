# Made by `python -m azud.porting.stubs`.

from azud.sdk.keyvault import KeyVaultContentType as KeyVaultContentType
from azud.sdk.keyvault import Keyvault as Keyvault
