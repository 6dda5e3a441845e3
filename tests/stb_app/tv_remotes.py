"""STB.md's remotes and browsers, written down a second time, and their keys sent to a page."""

from playwright.sync_api import Page

# STB.md's table of remotes, written down a second time by hand: profile -> function -> codes.
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
              "playpause": [10252], "menu": [10133], "last": [10190]},
    "webos": {**ARROWS, **COLOURS, **MEDIA, **INFO, "back": [461], "pageup": [33],
              "pagedown": [34], "chup": [33], "chdown": [34]},
    "android": {**ARROWS, "back": [166], "pageup": [33], "pagedown": [34], "chup": [33],
                "chdown": [34], "volup": [175], "voldown": [174], "mute": [173],
                "playpause": [179], "ff": [228], "rew": [227], "stop": [178]},
    "ctc": {**ARROWS, "back": [8, 640, 24, 399], "exit": [27, 514], "red": [275], "green": [276],
            "yellow": [277], "blue": [278], "pageup": [33], "pagedown": [34], "chup": [257],
            "chdown": [258], "volup": [259], "voldown": [260], "mute": [261], "playpause": [263],
            "ff": [264], "rew": [265], "stop": [270], "info": [268], "live": [1108], "vod": [1109],
            "catchup": [1110], "home": [272], "event": [768]},
    "ipanel": {**IPANEL, "up": [1], "down": [2], "left": [3], "right": [4], "back": [340],
               "exit": [339], "red": [832], "green": [833], "yellow": [834], "blue": [835],
               "event": [5202, 5203, 5205, 5206, 5210]},
    "advance": {**IPANEL, **ARROWS, "back": [8], "exit": [27], "red": [2305], "green": [2306],
                "yellow": [2307], "blue": [2308], "event": [5202, 5203, 5205, 5206, 5210]},
    "desktop": {**ARROWS, "back": [27, 8], "exit": [35], "red": [112], "green": [113],
                "yellow": [114], "blue": [115], "pageup": [33], "pagedown": [34], "chup": [33],
                "chdown": [34], "volup": [107, 187], "voldown": [109, 189], "mute": [77],
                "playpause": [32], "ff": [221], "rew": [219], "stop": [83], "info": [73],
                "guide": [71], "home": [36]},
}  # fmt: skip
NUMPAD = {f"digit{d}": [48 + d, 96 + d] for d in range(10)}  # a keyboard's
DIGITS = {f"digit{d}": [48 + d] for d in range(10)}
# The browsers in the field that STB.md names.
AGENTS = [
    ("Mozilla/5.0 (X11; Linux mips) AppleWebKit/535.7 (KHTML, like Gecko) Chrome/16.0.912.77 "
     "Safari/535.7 ZTE B700", "ctc", "B"),
    ("Mozilla/5.0 (Linux; Android 4.4.2; EC6108V9 Build/KOT49H) AppleWebKit/537.36 Version/4.0 "
     "Chrome/30.0.0.0 Safari/537.36", "ctc", "A"),
    ("Mozilla/5.0 (Linux; U; Android 4.4.2; zh-cn; EC6108V9U_pub Build/KOT49H) AppleWebKit/533.1 "
     "Version/4.0 Safari/533.1", "ctc", "B"),
    ("Mozilla/5.0 (Linux; U; Android 4.4.2; zh-cn; B860A Build/KOT49H) AppleWebKit/533.1 Safari",
     "ctc", "B"),
    ("Mozilla/5.0 (Linux; Android 4.4.4; Box) AppleWebKit/537.36 Chrome/30.0.0.0 Safari",
     "android", "A"),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.41 (KHTML, like Gecko) Large Screen "
     "WebAppManager Safari/537.41", "webos", "A"),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/538.2 Large Screen Safari", "webos", "A"),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/38.0.2125.122 Safari",
     "webos", "A"),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/68.0.3440.106 Safari",
     "webos", "A"),
    ("Mozilla/5.0 (SMART-TV; Linux; Tizen 3.0) AppleWebKit/538.1 Version/3.0 TV Safari/538.1",
     "tizen", "A"),
    ("Mozilla/5.0 (SMART-TV; LINUX; Tizen 5.0) AppleWebKit/537.36 Version/5.0 TV Safari/537.36",
     "tizen", "A"),
    ("Mozilla/5.0 (Web0S; Linux) AppleWebKit/537.36 Chrome/79 HbbTV/1.4.1 (+DRM; LGE)",
     "hbbtv", "A"),
    ("Mozilla/5.0 (Linux; Android) iPanel MicroMessenger AppleWebKit/534", "ipanel", "B"),
    ("Mozilla/5.0 (Linux) iPanel 3.0 advance AppleWebKit/534", "advance", "B"),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36",
     "desktop", "A"),
]  # fmt: skip
SEND = """({type, code, key, repeat}) => {
  const e = new KeyboardEvent(type,
    {bubbles: true, cancelable: true, key: key || '', repeat: !!repeat});
  for (const name of ['keyCode', 'which']) Object.defineProperty(e, name, {value: code});
  document.body.dispatchEvent(e); return e.defaultPrevented; }"""


def send(page: Page, kind: str, code: int, *, repeat: bool = False) -> bool:
    return bool(page.evaluate(SEND, {"type": kind, "code": code, "repeat": repeat}))
