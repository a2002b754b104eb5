# Made by `python -m azud.porting.stubs`.

from azud.sdk.exceptions import DatasetExecutionError as DatasetExecutionError
from azud.sdk.exceptions import DatasetValidationError as DatasetValidationError
