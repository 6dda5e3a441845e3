"""Print bench results as a table whose columns stand straight with Chinese text in them."""

from __future__ import annotations

import unicodedata
from typing import Any

HEADINGS = ("bench", "what", "result", "spread", "goal", "met", "note")


def text_width(text: str) -> int:
    """Count the columns of a terminal a text takes: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def show_number(value: object) -> str:
    """Write a figure with as many digits as a reader can use."""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "" if value is None else str(value)


def show_result(row: dict[str, Any]) -> str:
    """Write a row's ratio ("0.97 ×") or its value with the unit."""
    if "ratio" in row:
        return f"{show_number(row['ratio'])} ×"
    return f"{show_number(row.get('value'))} {row.get('unit', '')}".strip()


def show_spread(row: dict[str, Any]) -> str:
    """Write the least and the greatest of the runs, where a row has them."""
    if "min" not in row or "max" not in row:
        return ""
    return f"{show_number(row['min'])}–{show_number(row['max'])}"


def table_lines(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Turn one bench's result into lines of the table."""
    if "error" in result:
        return [(result["name"], "could not run", "", "", "", "ERROR", result["error"])]
    return [
        (
            result["name"],
            str(row["what"]),
            show_result(row),
            show_spread(row),
            str(row.get("goal", "")),
            {True: "yes", False: "MISSED"}.get(row.get("met"), "–"),
            str(row.get("note", "")),
        )
        for row in result["rows"]
    ]


def render_table(results: list[dict[str, Any]]) -> str:
    """Write all results as one table, a line a row."""
    lines = [HEADINGS, *(line for result in results for line in table_lines(result))]
    widths = [max(text_width(line[i]) for line in lines) for i in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - text_width(cell))
            for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def count_missed(results: list[dict[str, Any]]) -> int:
    """Count the rows whose goal was not met."""
    return sum(row.get("met") is False for result in results for row in result["rows"])
