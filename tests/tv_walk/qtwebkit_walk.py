"""Walks the TV app in QtWebKit: `python3 qtwebkit_walk.py URL STEPS.json FOLDER`.

Debian's own Python has the engine. Prints what went wrong; a picture of every step goes to FOLDER.
"""

import json
import os
import sys
import time
from pathlib import Path

# What GStreamer prefers for HLS cannot work in this engine: hlsdemux2 wants playbin3, which came
# later, and its own HTTP source only runs in the main thread, which is not where hlsdemux asks.
os.environ.setdefault("GST_PLUGIN_FEATURE_RANK", "hlsdemux2:NONE,souphttpsrc:MAX")

from PyQt5.QtCore import Qt, QUrl
from PyQt5.QtTest import QTest
from PyQt5.QtWebKitWidgets import QWebView
from PyQt5.QtWidgets import QApplication

PATIENCE_S = 20
STEP_MS = 60
KEYS = {
    "Up": Qt.Key_Up, "Down": Qt.Key_Down, "Left": Qt.Key_Left, "Right": Qt.Key_Right,
    "Enter": Qt.Key_Return, "F4": Qt.Key_F4, "Escape": Qt.Key_Escape, "Home": Qt.Key_Home,
}  # fmt: skip
LOOK = "(function () { try { var S = CT.state(); return !!(%s); } catch (e) { return false; } }())"


def key_of(name):
    """Return Qt's key of a name or a single character."""
    return KEYS[name] if name in KEYS else getattr(Qt, "Key_" + name)


def walk(view, steps, folder):
    """Press every step's keys; return what went wrong, a sentence each."""
    frame, faults = view.page().mainFrame(), []
    for number, (keys, until) in enumerate(steps):
        for name in keys.split():
            QTest.keyClick(view, key_of(name))
            QTest.qWait(STEP_MS)
        deadline = time.monotonic() + PATIENCE_S
        while not frame.evaluateJavaScript(LOOK % until) and time.monotonic() < deadline:
            QTest.qWait(50)
        good = frame.evaluateJavaScript(LOOK % until)
        state = frame.evaluateJavaScript("window.CT && JSON.stringify(CT.state())")
        view.grab().save(f"{folder}/{number:02}.png")
        if not good:
            faults.append(f"{number}: {keys!r} until {until}: {state}")
            break
    error = frame.evaluateJavaScript("window.CT && CT.lastError || ''")
    return faults + (["error: " + error] if error else [])


def main():
    """Walk; the exit status is the number of faults."""
    url, steps, folder = sys.argv[1:]
    app = QApplication(sys.argv[:1])
    view = QWebView()
    view.resize(1280, 720)
    view.show()
    view.load(QUrl(url))
    faults = walk(view, json.loads(Path(steps).read_text(encoding="utf-8")), folder)
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    view.close()
    app.quit()
    return len(faults)


if __name__ == "__main__":
    sys.exit(main())
