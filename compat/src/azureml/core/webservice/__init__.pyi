# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have AciWebservice yet")
class AciWebservice:
    """Not there yet: nothing serves models yet; load the model in your own program."""

@deprecated("azud does not have AksEndpoint yet")
class AksEndpoint:
    """Not there yet: nothing serves models yet; load the model in your own program."""

@deprecated("azud does not have AksWebservice yet")
class AksWebservice:
    """Not there yet: nothing serves models yet; load the model in your own program."""

@deprecated("azud does not have LocalWebservice yet")
class LocalWebservice:
    """Not there yet: nothing serves models yet; load the model in your own program."""

@deprecated("azud does not have Webservice yet")
class Webservice:
    """Not there yet: nothing serves models yet; load the model in your own program."""
