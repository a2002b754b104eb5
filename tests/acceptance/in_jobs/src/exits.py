"""Ends as it is told."""

import os
import signal
import sys

how = sys.argv[1]
print("ends by", how)
if how == "raise":
    raise ValueError("on purpose")
if how == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(how))
