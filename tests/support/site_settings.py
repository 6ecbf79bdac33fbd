"""The site's settings for tests: the shipped ones, with a data folder of this run's own."""

from __future__ import annotations

import os
import tempfile

# The folder is removed with the process that made it; workers of pytest-xdist make one each.
_folder = tempfile.TemporaryDirectory(prefix="framsyn-test-")
os.environ["FRAMSYN_DATA"] = _folder.name
os.environ.setdefault("FRAMSYN_SECRET_KEY", "a key that is only used by tests")
os.environ.setdefault("FRAMSYN_LOG", "text")

from framsyn.web.settings import *  # noqa: E402, F403

PAGE_CACHE = False  # a test that is about the cache turns it on
AUDIT_SEALING = False  # by a thread, which does not see a test's transaction; tests seal by hand
SCENARIO_COMPUTING = False  # by a thread too; tests work by hand
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; protects nothing here
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
