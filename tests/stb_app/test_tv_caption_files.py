"""Files of captions: whatever comes is read as far as it is whole; a bad one stops no film."""

import pytest

from tests.stb_app.remote import SOLO, OpenTv, detail, play, press
from tests.stb_app.tv_captions import TALK, read
from tests.stb_app.tv_server import TvServer

HEAD = "WEBVTT\n\n"
FILES = {
    "plain": (HEAD + "00:00:01.000 --> 00:00:02.500\n你好\n", [[1, 2.5, "你好"]]),
    "hours are optional": (HEAD + "01:02.5 --> 01:03.25\na", [[62.5, 63.25, "a"]]),
    "long": (HEAD + "100:00:01.000 --> 100:00:02.000\na", [[360001, 360002, "a"]]),
    "byte order mark, CRLF": (
        "\ufeffWEBVTT a title\r\n\r\n1\r\n00:01.000 --> 00:02.000 line:0 align:start\r\na\r\nb\r\n",
        [[1, 2, "a\nb"]],
    ),
    "CR": ("WEBVTT\r\r00:01.000 --> 00:02.000\ra\r\r00:03.000 --> 00:04.000\rb",
           [[1, 2, "a"], [3, 4, "b"]]),
    "tags and entities": (
        HEAD + "00:01.000 --> 00:02.000\n"
        "<v 王>a &lt;b&gt; &amp;c</v>&#33; &eacute; <00:01.5>1 < 2\n",
        [[1, 2, "a <b> &c! é 1 < 2"]],
    ),
    "notes and styles": (
        "WEBVTT\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE 00:09.000\nnot said\n\n"
        "id\n00:01.000 --> 00:02.000\na\n",
        [[1, 2, "a"]],
    ),
    "no empty line between": (HEAD + "00:01.000 --> 00:02.000\na\n00:02.000 --> 00:03.000\nb",
                              [[1, 2, "a"], [2, 3, "b"]]),
    "out of order, overlapping": (
        HEAD + "00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:09.000\na\n",
        [[1, 9, "a"], [5, 6, "b"]],
    ),
    "broken timings, ends before it starts, says nothing": (
        HEAD + "00:01 --> 00:02\nx\n\n00:03.000 -> 00:04.000\ny\n\n00:05.000 --> 00:04.000\nz\n\n"
        "00:06.000 --> 00:07.000\n<i></i> \n\n00:08.000 --> 00:09.000\nok",
        [[8, 9, "ok"]],
    ),
    "cut in the middle": (HEAD + "00:01.000 --> 00:02.000\na\n\n00:03.000 --> 00:0", [[1, 2, "a"]]),
    "nothing said": ("WEBVTT", []),
    "a gateway's page": ("<html><body>Gateway</body></html>", None),
    "another word": ("WEBVTTX\n\n00:01.000 --> 00:02.000\na", None),
    "empty": ("", None),
}  # fmt: skip


def test_files_are_read_as_they_come(tv: OpenTv) -> None:
    page = tv("")
    assert {name: read(page, text) for name, (text, _) in FILES.items()} == {
        name: wanted for name, (_, wanted) in FILES.items()
    }


def test_words_stay_words(tv: OpenTv) -> None:
    """Nothing that a file says becomes part of the page."""
    page = tv("")
    evil = "<<b>img src=x onerror=\"window.evil=1\"//&lt;img src=x onerror='evil=1'&gt;&amp;"
    read(page, f"{HEAD}00:01.000 --> 00:02.000\n{evil}\n</textarea><img src=x onerror='evil=1'>&")
    page.wait_for_timeout(200)
    assert page.evaluate("window.evil") is None


def test_a_long_file_is_read_in_slices(tv: OpenTv) -> None:
    page = tv("")
    page.evaluate(
        "() => { window.slices = 0; const real = CT.later;"
        " CT.later = (work, ms) => { slices += 1; return real(work, ms); }; }"
    )
    cues = [
        f"00:{n // 60:02}:{n % 60:02}.000 --> 00:{n // 60:02}:{n % 60:02}.900" for n in range(3000)
    ]
    found = read(page, HEAD + "".join(f"{n}\n{cue}\n第 {n} 句\n\n" for n, cue in enumerate(cues)))
    assert found is not None
    assert [cue[0] for cue in found] == list(range(3000))
    assert page.evaluate("slices") >= 7, "keys are answered in between"


@pytest.mark.parametrize("fault", ["404", "html", "500", "shape"])
def test_captions_that_cannot_be_had_do_not_stop_the_film(
    tv: OpenTv, server: TvServer, fault: str
) -> None:
    server.county.captions[SOLO] = {"zh-CN": TALK}
    server.county.faults.append((r"\.vtt", f"{fault}!"))
    page = tv("")
    page.evaluate("CT.backoff = () => 50")
    play(page, at_s=20)
    page.wait_for_function("CT.state().detail.captions.count === null")
    assert page.evaluate("CT.state().error") is None
    press(page, "F3", "F3")
    page.wait_for_function("/字幕暂时取不到/.test(document.querySelector('.note').textContent)")
    assert detail(page)["state"] == "playing"
    server.county.faults.clear()
    press(page, "F3", "F3")
    page.wait_for_function("/^剪口/.test(CT.state().detail.captions.text)")


def test_half_a_file_shows_what_came(tv: OpenTv, server: TvServer) -> None:
    server.county.captions[SOLO] = {"zh-CN": TALK[: TALK.index("00:00:40.000") + 20]}
    page = tv("")
    play(page, at_s=20)
    page.wait_for_function("/^剪口/.test(CT.state().detail.captions.text)")
    assert detail(page)["captions"]["count"] == 3
