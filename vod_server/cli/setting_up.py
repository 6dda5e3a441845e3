"""Set-up commands: init, user, device, doctor."""

from __future__ import annotations

import json
from pathlib import Path

import click

from core.db import session_scope
from core.errors import InvalidInputError
from core.settings import Settings
from county import audit, people, places
from county.boxes import pair_box, revoke_box
from county.rights import ROLE_NAMES, RoleKind
from vod_server.bootstrap import open_house
from vod_server.cli.checks import run_checks
from vod_server.installing import DEMO_COUNTY, prepare


@click.command()
@click.option("--admin", default="admin", show_default=True, help="第一位管理员的用户名。")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="从文件首行读取密码；不给则生成一个并只显示一次。",
)
@click.option("--county-name", default=DEMO_COUNTY[1], show_default=True, help="县名。")
@click.option("--county-code", default=DEMO_COUNTY[0], show_default=True, help="县的地区代码。")
@click.pass_obj
def init(
    settings: Settings,
    admin: str,
    password_file: Path | None,
    county_name: str,
    county_code: str,
) -> None:
    """建立数据库、密钥、栏目和第一位管理员；已有的保持不变。"""
    password = first_line(password_file) if password_file else None
    _, made_up = prepare(
        settings, admin=admin, password=password, county=(county_code, county_name)
    )
    click.echo(f"已就绪：{settings.home.resolve()}")
    if made_up:
        click.echo(f"管理员 {admin} 的密码（只显示这一次）：{made_up}")


def first_line(path: Path) -> str:
    """Return the first line of a password file.

    Raises:
        InvalidInputError: it is empty.
    """
    line = path.read_text(encoding="utf-8").partition("\n")[0].strip()
    if not line:
        raise InvalidInputError(f"{path} 的首行是空的。", field="password-file")
    return line


@click.group()
def user() -> None:
    """管理可以登录的人。"""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="姓名。")
@click.option("--role", type=click.Choice(sorted(ROLE_NAMES)), required=True, help="角色。")
@click.option("--place", "place_code", help="地区代码；默认全县。")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="从文件首行读取密码；不给则在终端询问。",
)
@click.pass_obj
def user_add(
    settings: Settings,
    login: str,
    name: str,
    role: RoleKind,
    place_code: str | None,
    password_file: Path | None,
) -> None:
    """添加一个人，并给他在某地的角色。"""
    if password_file is None:
        password = click.prompt("密码", hide_input=True, confirmation_prompt="再输一次")
    else:
        password = first_line(password_file)
    house = open_house(settings)
    with session_scope(house.sessions) as session:
        place = places.get_place(session, place_code) if place_code else places.county(session)
        now = house.clock.now()
        person = people.add_person(session, login=login, name=name, password=password, now=now)
        people.give_role(session, person, role, place)
        audit.record(
            session,
            at=now,
            actor="system",
            action="person.add",
            subject=f"person:{login}",
            place_id=place.id,
            detail={"role": role},
        )
        click.echo(f"已添加 {login}：{ROLE_NAMES[role]}（{place.name}）")


@click.group()
def device() -> None:
    """管理机顶盒。"""


@device.command("add")
@click.argument("name")
@click.option("--place", "place_code", required=True, help="机顶盒所在地区的代码。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def device_add(settings: Settings, name: str, place_code: str, as_json: bool) -> None:
    """绑定一台机顶盒，显示它的令牌（只显示这一次）。"""
    house = open_house(settings)
    with session_scope(house.sessions) as session:
        place = places.get_place(session, place_code)
        now = house.clock.now()
        box, token = pair_box(session, place=place, name=name, now=now)
        audit.record(
            session,
            at=now,
            actor="system",
            action="box.pair",
            subject=f"box:{box.id}",
            place_id=place.id,
        )
        if as_json:
            click.echo(json.dumps({"id": box.id, "place": place.code, "token": token}))
        else:
            click.echo(f"机顶盒 {box.id}（{place.name}）的令牌：{token}")
            click.echo(f"在盒子上打开 /tv/#token={token} 即可绑定。")


@device.command("revoke")
@click.argument("box_id", type=int)
@click.pass_obj
def device_revoke(settings: Settings, box_id: int) -> None:
    """让一台机顶盒的令牌失效。"""
    house = open_house(settings)
    with session_scope(house.sessions) as session:
        now = house.clock.now()
        revoke_box(session, box_id, now=now)
        audit.record(session, at=now, actor="system", action="box.revoke", subject=f"box:{box_id}")
    click.echo(f"机顶盒 {box_id} 已解除绑定。")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> None:
    """检查这台机器和这份安装；有问题时说明怎么办，退出码为 1。"""
    findings = run_checks(settings)
    if as_json:
        rows = [{"what": f.what, "ok": f.ok, "says": f.says} for f in findings]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for finding in findings:
            mark = click.style("好" if finding.ok else "坏", fg="green" if finding.ok else "red")
            click.echo(f"[{mark}] {finding.what}：{finding.says}")
    if not all(finding.ok for finding in findings):
        click.get_current_context().exit(1)
