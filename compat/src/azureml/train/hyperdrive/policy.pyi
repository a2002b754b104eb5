# Made by `python -m azud.porting.stubs`.

from azud.sdk.hyperdrive.policy import BanditPolicy as BanditPolicy
from azud.sdk.hyperdrive.policy import EarlyTerminationPolicy as EarlyTerminationPolicy
from azud.sdk.hyperdrive.policy import MedianStoppingPolicy as MedianStoppingPolicy
from azud.sdk.hyperdrive.policy import NoTerminationPolicy as NoTerminationPolicy
from azud.sdk.hyperdrive.policy import TruncationSelectionPolicy as TruncationSelectionPolicy
