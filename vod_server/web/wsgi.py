"""What gunicorn imports: `vod_server.web.wsgi:application`."""

from __future__ import annotations

import os

from core.log import configure_logging
from core.settings import parse_settings
from vod_server.bootstrap import open_house
from vod_server.web.app import make_wsgi

_settings = parse_settings(os.environ)
configure_logging(_settings.log_level, _settings.log_format)
application = make_wsgi(open_house(_settings))
