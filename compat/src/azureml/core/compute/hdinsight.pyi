# Made by `python -m azud.porting.stubs`.

from azud.sdk.compute.hdinsight import HDInsightAttachConfiguration as HDInsightAttachConfiguration
from azud.sdk.compute.hdinsight import HDInsightCompute as HDInsightCompute
