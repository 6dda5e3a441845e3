import json

from bench import __main__ as bench_main
from bench.table import count_missed, render_table, text_width

ROWS = [
    {
        "what": "nginx 1 MB",
        "ratio": 0.9712,
        "unit": "×",
        "goal": "≥ 0.95 ×",
        "met": True,
        "min": 0.9,
        "max": 1.0,
    },
    {"what": "首页", "value": 1234.5, "unit": "req/s", "goal": "", "met": None},
    {
        "what": "copy",
        "ratio": 12.0,
        "unit": "×",
        "goal": "≥ 60 ×",
        "met": False,
        "note": "slow disk",
    },
]


def test_columns_stand_straight_with_chinese_in_them():
    lines = render_table([{"name": "b", "rows": ROWS}]).splitlines()
    column = text_width(lines[0][: lines[0].index("result")])
    assert [
        text_width(line[: line.index(figure)])
        for line, figure in zip(lines[1:], ("0.971", "1,23", "12"), strict=True)
    ] == [column] * 3


def test_a_missed_goal_is_said_and_counted():
    text = render_table([{"name": "b", "rows": ROWS}])
    assert "MISSED" in text.splitlines()[3]
    assert "0.9–1" in text.splitlines()[1]
    assert count_missed([{"name": "b", "rows": ROWS}]) == 1


def test_a_missed_goal_is_no_failure_and_all_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench_main, "find_bench", lambda name: lambda: {"name": name, "rows": ROWS})
    report = tmp_path / "deep" / "bench.json"
    assert bench_main.main(["--only", "api", "--report", str(report)]) == 0
    written = json.loads(report.read_text(encoding="utf-8"))
    assert written["benches"][0]["rows"] == ROWS
    assert written["machine"]["processors"] >= 1
    assert "1 goal(s) missed" in capsys.readouterr().out


def test_a_missing_bench_is_an_error_and_the_others_still_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench_main, "BENCHES", ("no_such_bench", "fine"))
    real = bench_main.find_bench
    fine = {"name": "fine", "rows": ROWS[:1]}
    monkeypatch.setattr(
        bench_main, "find_bench", lambda n: (lambda: fine) if n == "fine" else real(n)
    )
    assert bench_main.main(["--report", str(tmp_path / "bench.json")]) == 1
    said = capsys.readouterr()
    assert "no_such_bench" in said.err
    assert "0.971 ×" in said.out
