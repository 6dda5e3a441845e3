#!/usr/bin/env bash
# Every gate of the code, in the order of their speed; the first that fails ends it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  printf '[lint] %s\n' "$1"
  shift
  "$@"
}

step "ruff check" .venv/bin/python -m ruff check .
step "ruff format" .venv/bin/python -m ruff format --check .
step "mypy" .venv/bin/python -m mypy
step "floors" .venv/bin/lint-imports
rm -rf build/stb build/lint
step "TV bundle" .venv/bin/python -m stb_app.flashing
# The app's script stands inside the page; vendored players keep their own language.
step "TV page" .venv/bin/python scripts/inline_scripts.py build/stb/index.html build/lint
step "ES5 of the source" npx --no-install es-check es5 'stb_app/src/**/*.js'
step "ES5 of the bundle" npx --no-install es-check es5 'build/lint/*.js' 'build/stb/{more,rare,box}-*.js' 'build/stb/flash/*.js'
step "browsers of the boxes" npx --no-install eslint --max-warnings 0 stb_app/src
