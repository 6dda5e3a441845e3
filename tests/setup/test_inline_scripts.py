import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "inline_scripts.py"


def take_out(page, out):
    command = [sys.executable, str(SCRIPT), str(page), str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_scripts_inside_a_page_come_out_as_they_are(tmp_path):
    page = tmp_path / "index.html"
    page.write_text(
        '<script>if (a < b && c) { d("</p>"); }</script><p>x</p>'
        '<script src="v.js"></script><script type="application/json">{}</script>'
        "<script>var 二 = 2;</script>",
        encoding="utf-8",
    )
    assert take_out(page, tmp_path / "out").returncode == 0
    texts = [path.read_text(encoding="utf-8") for path in sorted((tmp_path / "out").iterdir())]
    assert texts == ['if (a < b && c) { d("</p>"); }', "var 二 = 2;"]


def test_a_page_without_a_script_is_an_error(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("<p>nothing</p>", encoding="utf-8")
    done = take_out(page, tmp_path / "out")
    assert done.returncode == 1
    assert "no script" in done.stderr
