"""`python -m azud.cli` is `azud`."""

import sys

from azud.cli.entry import main

sys.exit(main())
