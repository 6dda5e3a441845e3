# shellcheck shell=bash
# Which Debian packages a job needs, and how they are installed. Sourced by setup.sh.

# Servers started by a package's installation would take ports of this machine (nginx: 80).
# While apt works, this policy keeps them down; the mark lets us know our own leftover.
policy=/usr/sbin/policy-rc.d
policy_mark="# placed by cuntai's scripts/packages.sh while apt works; may be removed"

# on_path COMMAND: also looks where a plain user's PATH does not (nginx).
on_path() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }

has_chinese_fonts() {
  [ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc ] ||
    { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ]; }
}

has_digits() { [ -e /usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf ]; }

# has_library PATH: a file below /usr/lib or /usr/lib/<architecture>.
has_library() { compgen -G "/usr/lib/$1" >/dev/null || compgen -G "/usr/lib/*/$1" >/dev/null; }

has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || on_path initdb; }

# need PACKAGE TEST...: notes PACKAGE in `missing` when the test fails.
need() {
  local package=$1
  shift
  "$@" || missing+=("$package")
}

# need_players: notes what other people's players need (tests/players).
need_players() {
  local gst=gstreamer-1.0/libgst
  need mpv on_path mpv
  need vlc-bin on_path cvlc
  need vlc-plugin-base has_library vlc/plugins/demux/libadaptive_plugin.so
  need gstreamer1.0-tools on_path gst-launch-1.0
  need gstreamer1.0-plugins-base has_library ${gst}playback.so
  need gstreamer1.0-plugins-good has_library ${gst}adaptivedemux2.so
  need gstreamer1.0-plugins-bad has_library ${gst}mpegtsdemux.so
  need gstreamer1.0-libav has_library ${gst}libav.so
  need kodi on_path kodi
  need kodi-pvr-iptvsimple test -d /usr/share/kodi/addons/pvr.iptvsimple
  need xvfb on_path Xvfb
}

# find_missing PROFILE: fills the array `missing`.
find_missing() {
  find_python
  if [ -z "$python" ]; then
    missing+=(python3 python3-venv)
  elif [ ! -x .venv/bin/python ] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=(python3-venv)
  fi
  case "$1" in
    run | test)
      need ffmpeg on_path ffmpeg
      need fonts-noto-cjk has_chinese_fonts
      ;;
  esac
  case "$1" in
    test)
      need chromium on_path chromium
      need nginx-light on_path nginx
      need postgresql has_postgresql
      need wrk on_path wrk
      need curl on_path curl
      need nodejs on_path node
      need libnginx-mod-rtmp has_library nginx/modules/ngx_rtmp_module.so
      need fonts-dejavu-core has_digits
      need python3-pyqt5.qtwebkit has_library python3/dist-packages/PyQt5/QtWebKitWidgets*.so
      need_players
      ;;
    lint)
      need nodejs on_path node
      need npm on_path npm
      ;;
  esac
}

hold_servers_down() {
  if [ -e "$policy" ] && ! grep -qF "$policy_mark" "$policy"; then
    return 0 # this machine already has a policy of its own
  fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" >"$policy"
  chmod 755 "$policy"
}

let_servers_go() {
  if grep -qsF "$policy_mark" "$policy"; then rm -f "$policy"; fi
}

install_packages() {
  local apt=(apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
  say "Installing by apt: $*"
  export DEBIAN_FRONTEND=noninteractive
  trap let_servers_go EXIT
  trap 'exit 130' INT TERM
  hold_servers_down
  "${apt[@]}" update </dev/null >&2 ||
    say "apt-get update had errors; trying with the package lists that are here"
  "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >&2 ||
    die "apt could not install: $*" "Its reason is above. Nothing else was changed; call make again."
  let_servers_go
  trap - EXIT INT TERM
  hash -r
  find_python
  [ -n "$python" ] || die "python3 is installed but too old: Cuntai needs Python 3.11 or newer."
}
