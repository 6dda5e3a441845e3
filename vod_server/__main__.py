"""`python -m vod_server` is the `cuntai` command."""

from vod_server.cli import main

main()
