"""The measurements need Linux."""

import os

collect_ignore = ["test_measure.py", "test_soak.py"] if os.name == "nt" else []  # they read /proc
