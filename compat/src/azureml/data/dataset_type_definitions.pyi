# Made by `python -m azud.porting.stubs`.

from azud.sdk.data_types import FileEncoding as FileEncoding
from azud.sdk.data_types import FileType as FileType
from azud.sdk.data_types import HistogramCompareMethod as HistogramCompareMethod
from azud.sdk.data_types import PromoteHeadersBehavior as PromoteHeadersBehavior
from azud.sdk.data_types import SkipLinesBehavior as SkipLinesBehavior
