"""What holds for every test: no deadline on a busy machine, and the same examples on every run of CI."""

import os

from hypothesis import settings

settings.register_profile("fieldapp", deadline=None, database=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("fieldapp")
