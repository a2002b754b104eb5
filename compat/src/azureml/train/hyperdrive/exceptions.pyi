# Made by `python -m azud.porting.stubs`.

from azud.sdk.hyperdrive.exceptions import HyperDriveConfigException as HyperDriveConfigException
from azud.sdk.hyperdrive.exceptions import HyperDriveException as HyperDriveException
from azud.sdk.hyperdrive.exceptions import HyperDriveNotImplementedException as HyperDriveNotImplementedException
from azud.sdk.hyperdrive.exceptions import HyperDriveRehydrateException as HyperDriveRehydrateException
from azud.sdk.hyperdrive.exceptions import (
    HyperDriveScenarioNotSupportedException as HyperDriveScenarioNotSupportedException,
)
from azud.sdk.hyperdrive.exceptions import HyperDriveServiceException as HyperDriveServiceException
