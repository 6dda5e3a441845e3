#!/usr/bin/env bash
# Makes this checkout ready for a job: scripts/setup.sh run|test|lint|lint-python
#
# First asks what is missing, and without root says so before anything is changed; then
# installs Debian packages, the .venv and (for lint) the npm tools. A stamp keyed by a hash
# of the requirement files makes the second call a matter of milliseconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/packages.sh
. scripts/venv.sh

say() { printf '[cuntai] %s\n' "$*" >&2; }
die() { printf '[cuntai] %s\n' "$@" >&2; exit 1; }

profile=${1:-}
case "$profile" in
  run | test | lint | lint-python) ;;
  *) die "usage: scripts/setup.sh run|test|lint|lint-python" ;;
esac

missing=()
find_missing "$profile"
if ((${#missing[@]})); then
  if [ "$(id -u)" != 0 ]; then
    die "These Debian packages are missing: ${missing[*]}" \
      "You are not root, so nothing was changed. Install them once with:" \
      "    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" \
      "and call make again; everything else is done without root."
  fi
  command -v apt-get >/dev/null ||
    die "No apt-get here. Install the counterparts of these Debian packages: ${missing[*]}"
  install_packages "${missing[@]}"
fi

case "$profile" in
  run) make_venv run ;;
  test | lint-python) make_venv dev ;;
  lint) make_venv dev && make_node_modules ;;
esac
