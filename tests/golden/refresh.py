"""Write every golden file anew: ``make golden``. Read the diff, and say in the changelog what moved and why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "FRAMSYN_GOLDEN": "write"}
    command = [sys.executable, "-m", "pytest", "-q", "tests/golden"]
    raise SystemExit(subprocess.run(command, cwd=root, env=environment, check=False).returncode)
