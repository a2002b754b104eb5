# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have Keyvault yet")
class Keyvault:
    """Not there yet: nothing keeps secrets yet; read them from a file or a variable of your own."""
