"""Key profiles as data, and what the key machine makes of real boxes' habits."""

import json

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv
from tests.stb_app.tv_remotes import AGENTS, DIGITS, NUMPAD, SEND, TABLE, send


def place(page: Page) -> tuple[int, int]:
    focus = page.evaluate("CT.state().focus")
    return focus["row"], focus["index"]


def test_every_cell_of_the_table_is_in_the_profiles_and_nothing_else(tv: OpenTv) -> None:
    maps = tv("").evaluate("""() => { const all = {};
      for (const name in CT.keymaps) { all[name] = CT.keymaps[name].codes; } return all; }""")
    for name, codes in maps.items():
        digits = NUMPAD if name == "desktop" else DIGITS
        assert codes == {**TABLE[name], **digits}, name
    assert sorted(maps) == sorted(TABLE)


def test_every_code_means_its_function_to_the_key_machine(tv: OpenTv) -> None:
    page = tv("")
    for name, functions in TABLE.items():
        wanted = [(fn, code) for fn, codes in {**functions, **DIGITS}.items() for code in codes]
        wrong = page.evaluate(
            """([profile, wanted]) => wanted.filter(([fn, code]) =>
              CT.keys.decode(profile, {keyCode: code}).indexOf(fn) < 0)""",
            [name, wanted],
        )
        assert wrong == [], name


def test_a_code_is_found_wherever_the_engine_puts_it(tv: OpenTv) -> None:
    page = tv("")
    for event in ({"keyCode": 340}, {"which": 340}, {"keyCode": 0, "charCode": 340}):
        assert page.evaluate("e => CT.keys.decode('ipanel', e)", event) == ["back"]


def test_no_code_of_a_profile_means_two_unrelated_things(tv: OpenTv) -> None:
    pairs = {("pageup", "chup"), ("pagedown", "chdown")}
    maps = tv("").evaluate(
        "Object.keys(CT.keymaps).map(p => [p, CT.compileKeys(CT.keymaps[p]).byCode])"
    )
    double = [(p, code, fns) for p, codes in maps for code, fns in codes.items() if len(fns) > 1]
    assert [entry for entry in double if tuple(entry[2]) not in pairs] == []


@pytest.mark.parametrize("profile", TABLE)
def test_arrows_and_back_work_by_real_events_of_the_remote(tv: OpenTv, profile: str) -> None:
    page = tv(f"keys={profile}")
    codes = TABLE[profile]
    for function, expected in [
        ("right", (1, 1)),
        ("down", (2, 0)),
        ("up", (1, 1)),
        ("left", (1, 0)),
    ]:
        assert send(page, "keydown", codes[function][0])
        send(page, "keyup", codes[function][0])
        assert place(page) == expected, f"{profile} {function}"
        page.wait_for_timeout(60)
    send(page, "keydown", codes["ok"][0])
    assert page.evaluate("CT.state().screen") == "title"
    for back in codes["back"]:
        page.evaluate("CT.nav.top().node.className.indexOf('title') < 0 && CT.nav.key(['ok'], 0)")
        page.wait_for_timeout(60)
        send(page, "keydown", back)
        send(page, "keyup", back)
        assert page.evaluate("CT.state().screen") == "home", f"{profile} back {back}"


def test_android_colour_keys_come_by_name(tv: OpenTv) -> None:
    page = tv("keys=android")
    page.evaluate(SEND, {"type": "keydown", "code": 0, "key": "ColorF3Blue"})
    assert page.evaluate("CT.state().elder") is True


def test_profile_and_tier_are_chosen_by_user_agent(tv: OpenTv) -> None:
    page = tv("")
    for agent, profile, tier in AGENTS:
        chosen = page.evaluate("ua => [CT.pickProfile(ua), CT.pickTier(ua)]", agent)
        assert chosen == [profile, tier], agent


@pytest.mark.parametrize(
    ("probe", "profile"),
    [("Authentication = {CUGetConfig: function () {}}", "ctc"), ("iPanel = {}", "ipanel"),
     ("tizen = {}", "tizen"), ("PalmSystem = {}", "webos"), ("oipfObjectFactory = {}", "hbbtv")],
)  # fmt: skip
def test_profile_is_chosen_by_what_exists(page: Page, tv: OpenTv, probe: str,
                                          profile: str) -> None:  # fmt: skip
    page.add_init_script(f"window.{probe}")
    assert tv("").evaluate("CT.state().profile") == profile


@pytest.mark.parametrize(
    "kinds", ["keydown keypress keydown keypress keyup", "keydown keyup keydown keyup"]
)
def test_double_events_are_one_press(tv: OpenTv, kinds: str) -> None:
    page = tv("keys=ctc")
    page.evaluate(f"kinds => kinds.forEach(type => ({SEND})({{type, code: 39}}))", kinds.split())
    page.wait_for_function("CT.state().focus.row === 1 && CT.state().focus.index === 1")
    page.wait_for_timeout(300)
    assert place(page) == (1, 1)


def test_a_box_that_only_fires_keypress_is_served(tv: OpenTv) -> None:
    page = tv("keys=ipanel")
    for code in (4, 4, 2):
        assert send(page, "keypress", code)
        page.wait_for_timeout(250)
    assert place(page) == (2, 0)
    send(page, "keypress", 1)
    assert place(page) == (1, 2)


def test_two_quick_presses_are_two(tv: OpenTv) -> None:
    page = tv("")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(70)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert place(page) == (1, 2)


@pytest.mark.parametrize("kind", ["keydown", "keypress"])
def test_two_presses_are_two_where_no_release_is_told(tv: OpenTv, kind: str) -> None:
    """Half a second lies between no key and the first repeat: before that it is another press."""
    page = tv("keys=ctc")
    page.evaluate("window.helds = []; const key = CT.nav.key; CT.keys.start('ctc', (fns, held) =>"
                  " { window.helds.push(held); key(fns, held); })")  # fmt: skip
    for _ in range(3):
        send(page, kind, 39)
        page.wait_for_timeout(250)
    assert place(page) == (1, 3)
    assert page.evaluate("helds") == [0, 0, 0]


@pytest.mark.parametrize(
    ("first_ms", "gap_ms", "flag", "kind"),
    [
        (0, 10, True, "keydown"),  # a keyboard at its worst
        (500, 115, False, "keydown"),  # infra-red
        (500, 50, False, "keydown"),  # Android without event.repeat
        (500, 115, False, "keypress"),  # a box that tells neither keydown nor keyup
    ],
)
def test_a_held_key_is_coalesced_and_stops_on_release(
    tv: OpenTv, first_ms: int, gap_ms: int, flag: bool, kind: str
) -> None:
    page = tv("keys=ctc")
    release = "" if kind == "keypress" else "send({type: 'keyup', code: 39});"
    events = max(5, 500 // gap_ms)
    page.evaluate(f"""() => {{ const send = {SEND}; send({{type: '{kind}', code: 39}});
      let n = 0; const flood = () => {{ n += 1;
        send({{type: '{kind}', code: 39, repeat: {str(flag).lower()}}});
        if (n < {events}) {{ setTimeout(flood, {gap_ms}); return; }}
        {release} window.atRelease = CT.state().focus.index; }};
      setTimeout(flood, {first_ms}); }}""")
    page.wait_for_function("window.atRelease !== undefined")
    released = page.evaluate("window.atRelease")
    page.wait_for_timeout(400)
    late = 1 if kind == "keypress" else 0  # one step may be under way where no release is told
    assert 2 <= released <= min(events + 1, 9)
    assert released <= place(page)[1] <= released + late


def test_unknown_keys_are_left_to_the_box(tv: OpenTv) -> None:
    page = tv("keys=hbbtv")
    assert send(page, "keydown", 9999) is False
    assert json.dumps(place(page)) == "[1, 0]"


def test_corrections_lie_over_the_profile(tv: OpenTv) -> None:
    """A code named there means that and nothing else; all other keys stay as they were."""
    page = tv("keys=ctc")
    meant = """([keys, codes]) => { CT.keys.correct(keys);
      return codes.map(code => CT.keys.decode(null, {keyCode: code})); }"""
    keys = {"up": [19], "back": [4], "ok": [272]}
    assert page.evaluate(meant, [keys, [19, 4, 272, 38, 8, 13]]) == [
        ["up"], ["back"], ["ok"], ["up"], ["back"], ["ok"],
    ]  # fmt: skip
    assert page.evaluate(meant, [None, [19, 272]]) == [[], ["home"]]
    broken = {"up": "19", "ok": [None, "x", 20], "back": None}
    assert page.evaluate(meant, [broken, [19, 20, 38]]) == [[], ["ok"], ["up"]]


def test_a_correction_also_overrides_a_key_known_by_name(tv: OpenTv) -> None:
    page = tv("keys=android")
    page.evaluate("CT.keys.correct({home: [183]})")
    assert page.evaluate("CT.keys.decode(null, {keyCode: 183, key: 'ColorF0Red'})") == ["home"]
