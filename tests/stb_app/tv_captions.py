"""Captions for the TV app's tests: a file, a film that stands where it is told, where boxes lie."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

Box = dict[str, float]

TALK = """WEBVTT

00:00:02.000 --> 00:00:08.000
冬天修剪苹果树，先看树势

00:00:20.000 --> 00:00:30.000
剪口离芽半个指头
不要太近

00:00:24.000 --> 00:00:28.000
（鸟叫）

00:00:40.000 --> 00:00:59.500
谢谢大家
"""
ENGLISH = TALK.replace("剪口离芽半个指头\n不要太近", "Half a finger above the bud")

_STILL = """([tracks, body]) => {
  const real = CT.request;
  CT.request = (method, url, options, done) => url !== 'test.vtt' ? real(method, url, options, done)
    : real(method, 'data:text/vtt;charset=utf-8,' + encodeURIComponent(body), options, done);
  window.film = { state: 'paused', started: true, at: 0, place: () => film.at,
    detail: { captions: tracks.map(l => ({ language: l, label: l, url: 'test.vtt' })) } };
  window.captions = CT.makeCaptions(document.getElementById('app'));
  captions.follow(film);
  captions.look();
}"""
_BOXES = """names => Object.fromEntries(names.map(name => [name,
  [...document.querySelectorAll('.player ' + name)].filter(n => n.getClientRects().length &&
    getComputedStyle(n).visibility === 'visible' && getComputedStyle(n).opacity !== '0')
  .map(n => { const r = n.getBoundingClientRect();
    return { left: r.left, top: r.top, right: r.right, bottom: r.bottom }; })[0] || null]))"""


def still_film(page: Page, body: str, *languages: str) -> None:
    """Put captions over a film that stands where `at` says; they come from `body`."""
    page.evaluate(_STILL, [list(languages or ("zh-CN",)), body])
    page.wait_for_function("captions.state().count !== null")


def said(page: Page, second: float) -> str:
    """Return what stands on the screen at a second of the still film."""
    page.evaluate("s => { film.at = s; captions.look(); }", second)
    words = page.locator(".caption").evaluate("node => node.textContent")
    hidden = page.locator(".captions").evaluate("n => getComputedStyle(n).visibility === 'hidden'")
    assert hidden == (not words)
    return str(words)


def read(page: Page, text: str) -> list[list[Any]] | None:
    """Return [[from, to, text]…] of a file as the app reads it; None where it is no WebVTT."""
    found: list[list[Any]] | None = page.evaluate(
        """text => CT.isVtt(text) ? new Promise(done => CT.readVtt(text, done))
          .then(cues => cues.map(c => [c.from, c.to, c.text])) : null""",
        text,
    )
    return found


def boxes(page: Page, *names: str) -> dict[str, Box | None]:
    """Return where the first visible element of each selector lies in the player."""
    found: dict[str, Box | None] = page.evaluate(_BOXES, list(names))
    return found


def apart(one: Box, other: Box) -> bool:
    """Say whether two boxes have no point in common."""
    return (
        one["bottom"] <= other["top"]
        or other["bottom"] <= one["top"]
        or one["right"] <= other["left"]
        or other["right"] <= one["left"]
    )
