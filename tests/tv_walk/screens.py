"""Every screen of the TV app: how it is opened from live, and when it is there."""

from __future__ import annotations

from playwright.sync_api import Page

#: A film that stands at its fourth second, with captions, its bar and what can be chosen of them.
FILM = """
  CT.players.usable = () => [{name: 'still', make: (host, emit) => ({
    open() { emit('playing'); }, pause() {}, resume() {}, seek() {}, stop() {}, area() {},
    position: () => 4, duration: () => 60, date: () => 0})}];
  CT.api.title = (id, done) => { done(null, {id: id, title: '怎样修剪苹果树', playback_url: '/x',
    captions: ['zh-CN', 'en'].map(code => ({language: code, label: code,
      url: 'data:text/vtt;charset=utf-8,WEBVTT%0A%0A00:01.000 --> 00:09.000%0A先看树势'}))});
    return {cancel() {}}; };
  CT.nav.open('player', {card: {id: 1, title: '怎样修剪苹果树'}});
  ['info', 'down'].forEach(key => setTimeout(() => CT.nav.key([key], 0), 1000));
"""
SCREENS = {
    "live menu": ("", "CT.nav.top().board || (CT.nav.top().back(), false)"),
    "channel list": ("CT.nav.top().key('ok', 0)", "CT.state().detail.list && CT.state().focus"),
    "guide": ("CT.nav.guide()", "CT.state().detail.title"),
    "home": ("CT.nav.open('home')", "CT.state().focus && CT.state().detail.rows > 0"),
    "search": ("CT.nav.open('search')", "CT.state().detail.found.length"),
    "browse": ("CT.nav.open('browse', {category: 'agri'})", "CT.state().focus"),
    "series": ("CT.nav.open('series', {id: 1})", "CT.state().focus"),
    "title": ("CT.nav.open('title', {card: {id: 1, title: '一课'}})", "CT.state().focus"),
    "film": (FILM, "CT.state().detail.captions.text && CT.state().focus"),
    "favourites": ("CT.nav.open('favourites')", "CT.state().screen"),
    "history": ("CT.nav.open('history')", "CT.state().screen"),
    "notices": ("CT.nav.open('notices')", "CT.state().focus"),
    "reader": ("CT.nav.open('reader', {notice: 1})", "CT.state().screen === 'reader'"),
    "messages": ("CT.nav.open('messages')", "CT.state().focus"),
    "ask": ("CT.nav.open('ask', {})", "CT.state().focus"),
    "settings": ("CT.nav.open('settings')", "CT.state().focus"),
    "about": ("CT.nav.open('about')", "CT.state().screen === 'about'"),
    "pairing": ("CT.nav.open('pairing')", "CT.state().screen === 'pairing'"),
    "tour": ("CT.nav.open('tour')", "CT.state().screen === 'tour'"),
}
#: Where arrows do what they are pressed for, not move a focus: read, tried, taught.
UNWALKED = {"reader", "tour", "about", "pairing", "film"}


def open_screen(page: Page, name: str) -> None:
    """Open a screen and wait until it shows what it has."""
    how, ready = SCREENS[name]
    page.evaluate(f"() => {{ {how} }}")
    page.wait_for_function(ready)
    page.wait_for_timeout(500)
