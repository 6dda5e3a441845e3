# shellcheck shell=bash
# The .venv and the npm tools, each with a stamp of what it was made from. Sourced by setup.sh.

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# find_python: sets `python` to a Python of at least 3.11, or to nothing when there is no
# python3 at all. One that is only too old is an error: replacing it is not ours to do.
# A Python named by PYTHON= is the only one looked at.
find_python() {
  local candidate found='' candidates=(python3 /usr/bin/python3 python3.11 python3.12 python3.13)
  if [ -n "${PYTHON:-}" ]; then
    candidates=("$PYTHON")
    command -v "$PYTHON" >/dev/null || die "There is no $PYTHON (named by PYTHON=)."
  fi
  python=
  for candidate in "${candidates[@]}"; do
    command -v "$candidate" >/dev/null || continue
    if is_new_enough "$candidate"; then
      python=$candidate
      return 0
    fi
    found=${found:-$candidate}
  done
  if [ -n "$found" ]; then
    die "Cuntai needs Python 3.11 or newer; $(command -v "$found") is $("$found" -V 2>&1)." \
      "Name a newer one with: make PYTHON=/path/to/python3.11 …"
  fi
}

# stamp_of FILES...: one word that changes with their bytes, the Python and this folder
# (a .venv knows its folder and cannot be moved).
stamp_of() { { cat "$@" && "$python" -V && pwd; } | sha256sum | cut -d' ' -f1; }

is_stamped() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# is_sound_venv: .venv runs, has pip, is new enough and was made for this very folder.
is_sound_venv() {
  [ -x .venv/bin/python ] && is_new_enough .venv/bin/python &&
    .venv/bin/python -c 'import pip, sys, pathlib as p
sys.exit(p.Path(sys.prefix).resolve() != p.Path(".venv").resolve())' 2>/dev/null
}

pip_install() {
  .venv/bin/python -m pip install --disable-pip-version-check --no-input -q "$@" </dev/null >&2
}

# make_venv run|dev: dev holds all of run, so a stamped dev serves both.
make_venv() {
  local kind=$1 base=(requirements/build.txt requirements/runtime.txt setup.cfg pyproject.toml)
  local run_stamp dev_stamp
  run_stamp=$(stamp_of "${base[@]}")
  dev_stamp=$(stamp_of "${base[@]}" requirements/s3.txt requirements/dev.txt)
  if ! is_sound_venv; then
    say "Making .venv with $("$python" -V)"
    "$python" -m venv --clear .venv >&2 || die "python -m venv failed; its reason is above."
  fi
  if ! is_stamped .venv/.stamp-run "$run_stamp"; then
    say "Installing the pinned runtime into .venv"
    pip_install -r requirements/build.txt -r requirements/runtime.txt
    pip_install --no-build-isolation --no-deps -e .
    echo "$run_stamp" >.venv/.stamp-run
  fi
  if [ "$kind" = dev ] && ! is_stamped .venv/.stamp-dev "$dev_stamp"; then
    say "Installing what tests and lint need into .venv"
    pip_install -r requirements/dev.txt
    echo "$dev_stamp" >.venv/.stamp-dev
  fi
}

make_node_modules() {
  local stamp
  stamp=$(cat package.json package-lock.json | sha256sum | cut -d' ' -f1)
  if ! is_stamped node_modules/.stamp "$stamp"; then
    say "Installing the lint tools by npm ci"
    npm ci --no-audit --no-fund --loglevel=error </dev/null >&2 || die "npm ci failed; its reason is above."
    echo "$stamp" >node_modules/.stamp
  fi
}
