"""Key profiles as data, and what the key machine makes of real boxes' habits."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

# The table of remotes, written down a second time by hand: profile -> function -> codes.
ARROWS = {"left": [37], "up": [38], "right": [39], "down": [40], "ok": [13]}
COLOURS = {"red": [403], "green": [404], "yellow": [405], "blue": [406]}
MEDIA = {"play": [415], "pause": [19], "ff": [417], "rew": [412], "stop": [413]}
INFO = {"info": [457], "guide": [458]}
IPANEL = {"ok": [13], "pageup": [372], "pagedown": [373], "chup": [593], "chdown": [594],
          "volup": [595], "voldown": [596], "home": [512], "menu": [513]}  # fmt: skip
TABLE: dict[str, dict[str, list[int]]] = {
    "hbbtv": {**ARROWS, **COLOURS, **MEDIA, **INFO, "back": [461], "pageup": [33],
              "pagedown": [34], "chup": [427], "chdown": [428]},
    "tizen": {**ARROWS, **COLOURS, **MEDIA, **INFO, "back": [10009], "exit": [10182],
              "chup": [427], "chdown": [428], "volup": [447], "voldown": [448], "mute": [449],
              "playpause": [10252], "menu": [10133]},
    "webos": {**ARROWS, **COLOURS, **MEDIA, **INFO, "back": [461], "pageup": [33],
              "pagedown": [34], "chup": [33], "chdown": [34]},
    "android": {**ARROWS, "back": [166], "pageup": [33], "pagedown": [34], "volup": [175],
                "voldown": [174], "mute": [173], "playpause": [179], "ff": [228], "rew": [227],
                "stop": [178]},
    "ctc": {**ARROWS, "back": [8, 640, 24, 399], "exit": [27, 514], "red": [275], "green": [276],
            "yellow": [277], "blue": [278], "pageup": [33], "pagedown": [34], "chup": [257],
            "chdown": [258], "volup": [259], "voldown": [260], "mute": [261], "playpause": [263],
            "ff": [264], "rew": [265], "stop": [270], "info": [268], "live": [1108], "vod": [1109],
            "catchup": [1110], "home": [272], "event": [768]},
    "ipanel": {**IPANEL, "up": [1], "down": [2], "left": [3], "right": [4], "back": [340],
               "exit": [339], "red": [832], "green": [833], "yellow": [834], "blue": [835],
               "event": [5202, 5205, 5210]},
    "advance": {**IPANEL, **ARROWS, "back": [8], "exit": [27], "red": [2305], "green": [2306],
                "yellow": [2307], "blue": [2308]},
    "desktop": {**ARROWS, "back": [27, 8], "exit": [35], "red": [112], "green": [113],
                "yellow": [114], "blue": [115], "pageup": [33], "pagedown": [34], "mute": [77],
                "playpause": [32], "ff": [221], "rew": [219], "stop": [83], "info": [73],
                "guide": [71], "home": [36]},
}  # fmt: skip
DIGITS = {f"digit{d}": [48 + d] for d in range(10)}
AGENTS = [
    ("Mozilla/5.0 (Web0S; Linux) AppleWebKit/537.36 Chrome/79 HbbTV/1.4.1 (+DRM; LGE)", "hbbtv"),
    ("Mozilla/5.0 (SMART-TV; LINUX; Tizen 4.0) AppleWebKit/538.1 Version/4.0 TV Safari", "tizen"),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/538.2 Large Screen Safari", "webos"),
    ("Mozilla/5.0 (Linux; Android 4.4.2; EC6108V9) AppleWebKit/537.36 Chrome/30.0.0.0", "ctc"),
    ("Mozilla/5.0 (X11; Linux mips) AppleWebKit/535.7 Chrome/16.0.912.77 ZTE B700", "ctc"),
    ("Mozilla/5.0 (Linux; Android 4.4.2; Box) AppleWebKit/537.36 Chrome/30.0.0.0", "android"),
    ("Mozilla/5.0 (Linux; Android) iPanel MicroMessenger AppleWebKit/534", "ipanel"),
    ("Mozilla/5.0 (Linux) iPanel 3.0 advance AppleWebKit/534", "advance"),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36", "desktop"),
]
SEND = """({type, code, key, repeat}) => {
  const e = new KeyboardEvent(type,
    {bubbles: true, cancelable: true, key: key || '', repeat: !!repeat});
  for (const name of ['keyCode', 'which']) Object.defineProperty(e, name, {value: code});
  document.body.dispatchEvent(e); return e.defaultPrevented; }"""


def send(page: Page, kind: str, code: int, *, repeat: bool = False) -> bool:
    return bool(page.evaluate(SEND, {"type": kind, "code": code, "repeat": repeat}))


def place(page: Page) -> tuple[int, int]:
    focus = page.evaluate("CT.state().focus")
    return focus["row"], focus["index"]


@pytest.mark.parametrize("profile", TABLE)
def test_profile_maps_every_code_of_its_remote(tv: Callable[[str], Page], profile: str) -> None:
    page = tv("")
    for function, codes in {**TABLE[profile], **DIGITS}.items():
        for code in codes:
            meant = page.evaluate("([p, c]) => CT.keys.decode(p, {keyCode: c})", [profile, code])
            assert function in meant, f"{profile}: {code} should be {function}, is {meant}"


def test_no_code_of_a_profile_means_two_unrelated_things(tv: Callable[[str], Page]) -> None:
    pairs = {("pageup", "chup"), ("pagedown", "chdown")}
    maps = tv("").evaluate(
        "Object.keys(CT.keymaps).map(p => [p, CT.compileKeys(CT.keymaps[p]).byCode])"
    )
    double = [(p, code, fns) for p, codes in maps for code, fns in codes.items() if len(fns) > 1]
    assert [entry for entry in double if tuple(entry[2]) not in pairs] == []


@pytest.mark.parametrize("profile", TABLE)
def test_arrows_and_back_work_by_real_events_of_the_remote(
    tv: Callable[[str], Page], profile: str
) -> None:
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


def test_android_colour_keys_come_by_name(tv: Callable[[str], Page]) -> None:
    page = tv("keys=android")
    page.evaluate(SEND, {"type": "keydown", "code": 0, "key": "ColorF3Blue"})
    assert page.evaluate("CT.state().elder") is True


@pytest.mark.parametrize(("agent", "profile"), AGENTS)
def test_profile_is_chosen_by_user_agent(
    tv: Callable[[str], Page], agent: str, profile: str
) -> None:
    assert tv("").evaluate("ua => CT.pickProfile(ua)", agent) == profile


@pytest.mark.parametrize(
    ("probe", "profile"),
    [("Authentication = {CUGetConfig: function () {}}", "ctc"), ("iPanel = {}", "ipanel"),
     ("tizen = {}", "tizen"), ("PalmSystem = {}", "webos"), ("oipfObjectFactory = {}", "hbbtv")],
)  # fmt: skip
def test_profile_is_chosen_by_what_exists(page: Page, tv: Callable[[str], Page], probe: str,
                                          profile: str) -> None:  # fmt: skip
    page.add_init_script(f"window.{probe}")
    assert tv("").evaluate("CT.state().profile") == profile


@pytest.mark.parametrize(
    ("agent", "tier"),
    [
        (AGENTS[4][0], "B"),
        ("AppleWebKit/533.3 ZTE B860A", "B"),
        (AGENTS[3][0], "A"),
        (AGENTS[2][0], "A"),
    ],
)
def test_tier_follows_the_engine(tv: Callable[[str], Page], agent: str, tier: str) -> None:
    assert tv("").evaluate("ua => CT.pickTier(ua)", agent) == tier


@pytest.mark.parametrize(
    "kinds", ["keydown keypress keydown keypress keyup", "keydown keyup keydown keyup"]
)
def test_double_events_are_one_press(tv: Callable[[str], Page], kinds: str) -> None:
    page = tv("keys=ctc")
    page.evaluate(f"kinds => kinds.forEach(type => ({SEND})({{type, code: 39}}))", kinds.split())
    page.wait_for_function("CT.state().focus.row === 1 && CT.state().focus.index === 1")
    page.wait_for_timeout(300)
    assert place(page) == (1, 1)


def test_a_box_that_only_fires_keypress_is_served(tv: Callable[[str], Page]) -> None:
    page = tv("keys=ipanel")
    for code in (4, 4, 2):
        assert send(page, "keypress", code)
        page.wait_for_timeout(250)
    assert place(page) == (2, 0)
    send(page, "keypress", 1)
    assert place(page) == (1, 2)


def test_two_quick_presses_are_two(tv: Callable[[str], Page]) -> None:
    page = tv("")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(70)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert place(page) == (1, 2)


def test_a_held_key_is_coalesced_and_stops_on_release(tv: Callable[[str], Page]) -> None:
    page = tv("")
    page.evaluate(f"""() => {{ const send = {SEND}; send({{type: 'keydown', code: 39}});
      let n = 0; window.flood = setInterval(() => {{ n += 1;
        send({{type: 'keydown', code: 39, repeat: true}});
        if (n === 60) {{ clearInterval(window.flood); send({{type: 'keyup', code: 39}});
          window.atRelease = CT.state().focus.index; }} }}, 10); }}""")
    page.wait_for_function("window.atRelease !== undefined")
    released = page.evaluate("window.atRelease")
    page.wait_for_timeout(400)
    assert 2 <= released <= 9, "about one step per 90 ms in 600 ms"
    assert place(page)[1] == released


def test_unknown_keys_are_left_to_the_box(tv: Callable[[str], Page]) -> None:
    page = tv("keys=hbbtv")
    assert send(page, "keydown", 9999) is False
    assert json.dumps(place(page)) == "[1, 0]"
