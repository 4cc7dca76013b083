"""`python -m kubesim_tui`."""

import sys

from kubesim_tui.cli import main

sys.exit(main())
