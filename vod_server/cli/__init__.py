"""The `cuntai` command."""

from __future__ import annotations

import os
import sys

import click
from sqlalchemy.exc import OperationalError

from core.errors import CuntaiError
from core.log import configure_logging
from core.settings import parse_settings
from vod_server.cli import channels, content, guide, live, search, serving, setting_up


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cuntai")
@click.pass_context
def cli(context: click.Context) -> None:
    """村台：县域直播与点播电视服务。文件在 CUNTAI_HOME（默认 ./var）下。"""
    settings = parse_settings(os.environ)
    configure_logging(settings.log_level, settings.log_format)
    context.obj = settings


for _command in (
    setting_up.init,
    setting_up.user,
    setting_up.device,
    setting_up.doctor,
    content.demo,
    content.import_catalog,
    channels.import_m3u,
    channels.export_m3u,
    guide.import_xmltv_command,
    search.reindex,
    search.search,
    serving.run,
    serving.web,
    serving.worker,
    live.live,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line; a known error is one clear sentence on stderr and exit code 1."""
    try:
        # What a command says with `Context.exit` comes back as a number.
        sys.exit(cli(standalone_mode=False) or 0)
    except click.exceptions.Abort:
        _fail("已中止。", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CuntaiError as error:
        _fail(error.message, 1)
    except OperationalError as error:
        _fail(f"数据库打不开：{error.orig}。请检查 CUNTAI_DATABASE_URL，或先运行 cuntai init。", 1)


def _fail(message: str, code: int) -> None:
    click.secho(message, err=True, fg="red")
    sys.exit(code)
