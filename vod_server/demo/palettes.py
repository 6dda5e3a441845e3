"""The palettes of the demo's titles: the four seasons and a night."""

from __future__ import annotations

from vod_server.demo.paint import Palette

SPRING = Palette(
    sky=("#9fd0d3", "#fbe9d0"),
    ridges=("#a9ccc4", "#82b3a6", "#5f9a85"),
    field=("#86b86b", "#3f8457"),
    near="#1f5740",
    sun="#f4a95f",
    ink="#173c35",
    paper="#fbf4e4",
    accent="#ee8f86",
)
SUMMER = Palette(
    sky=("#5fb4d8", "#eaf4d8"),
    ridges=("#8fc6c9", "#5aa49b", "#3a8670"),
    field=("#6cb455", "#22744a"),
    near="#114634",
    sun="#ffd36b",
    ink="#0f3a3a",
    paper="#f8f6e6",
    accent="#f08ba4",
)
AUTUMN = Palette(
    sky=("#f0b878", "#fdeecb"),
    ridges=("#e0a878", "#c98458", "#a7623f"),
    field=("#eebb4d", "#c0802b"),
    near="#5e3417",
    sun="#f2703f",
    ink="#4a2410",
    paper="#fdf3dc",
    accent="#d9482b",
)
WINTER = Palette(
    sky=("#8fa9c4", "#eef0ee"),
    ridges=("#b4c4d3", "#8ea4ba", "#6a829c"),
    field=("#c9d6dc", "#7f98a8"),
    near="#2c4258",
    sun="#f3c07c",
    ink="#1d3147",
    paper="#f6f4ee",
    accent="#c8452f",
)
NIGHT = Palette(
    sky=("#0c1a36", "#3c567e"),
    ridges=("#2b4468", "#20375a", "#172b4a"),
    field=("#20405a", "#0f2740"),
    near="#071528",
    sun="#f3e3bd",
    ink="#0c1a36",
    paper="#f7ecd2",
    accent="#ffbe5c",
    night=True,
)
