# Made by `python -m azud.porting.stubs`.

from typing_extensions import deprecated

@deprecated("azud does not have HDInsightAttachConfiguration yet")
class HDInsightAttachConfiguration:
    """Not there yet: steps run on this machine; use an AmlCompute target."""

@deprecated("azud does not have HDInsightCompute yet")
class HDInsightCompute:
    """Not there yet: steps run on this machine; use an AmlCompute target."""
