"""What gunicorn imports in the tests of uploads."""

from __future__ import annotations

import os
from pathlib import Path

from tests.vod_server.uploads.up_server import make_application

application = make_application(Path(os.environ["UP_HOME"]), os.environ)
