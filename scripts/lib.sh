# shellcheck shell=bash
# Shared functions of the scripts in this directory. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# The output directory of cargo.
# shellcheck disable=SC2034 # for those who source this
target=${CARGO_TARGET_DIR:-$root/target}

say() {
  printf '\n== %s\n' "$*" >&2
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "root is needed for: $*"
  fi
}

# install WHAT APT DNF APK PACMAN BREW: installs packages. WHAT describes them; each further argument is the
# list of their names, separated by spaces, in one package manager.
install() {
  local what=$1 apt=$2 dnf=$3 apk=$4 pacman=$5 brew=$6
  say "installing $what"
  # Unquoted, to split the lists into words.
  # shellcheck disable=SC2086
  if have apt-get; then
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $apt
  elif have dnf; then
    as_root dnf install -y $dnf
  elif have apk; then
    as_root apk add $apk
  elif have pacman; then
    as_root pacman -Sy --noconfirm --needed $pacman
  elif have brew; then
    brew install $brew
  else
    die "$what is missing, and no supported package manager is installed (apt, dnf, apk, pacman, brew): install it"
  fi
}

# Prints the path of a Redis or Valkey server of version 7 or later; fails if there is none.
redis_program() {
  local name major
  for name in ${ACD_REDIS_SERVER:+"$ACD_REDIS_SERVER"} redis-server valkey-server; do
    have "$name" || continue
    major=$("$name" --version | sed -n 's/.* v=\([0-9]*\)\..*/\1/p')
    if [ "${major:-0}" -ge 7 ]; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# Distributions start the Redis that they install. It is stopped, because the scripts start their own servers.
stop_installed_redis() {
  local service
  for service in redis-server redis valkey-server valkey; do
    if [ -d /run/systemd/system ]; then
      as_root systemctl disable --now "$service" || true
    elif [ -x "/etc/init.d/$service" ]; then
      as_root "/etc/init.d/$service" stop || true
    fi
  done >/dev/null 2>&1
}

need_redis() {
  redis_program >/dev/null && return
  install "a Redis server" redis-server valkey redis valkey redis
  stop_installed_redis
  redis_program >/dev/null || die "the Redis in this machine's packages is older than 7.0:" \
    "install Redis 7 or later or Valkey, and set ACD_REDIS_SERVER to its server program"
}

need_cargo() {
  if ! have cargo && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  fi
  have cargo || die "cargo is not installed: install Rust 1.90 or later" \
    "(https://www.rust-lang.org/tools/install), then run this again"
  # Rust needs it as the linker, and the TLS library contains C.
  have cc || install "a C compiler" "gcc libc6-dev" gcc "gcc musl-dev" gcc gcc
}

need_docker() {
  have docker || die "docker is not installed: install Docker Engine (https://docs.docker.com/engine/install/)," \
    "or use scripts/standalone.sh, which does not need it"
  docker info >/dev/null 2>&1 ||
    die "the Docker daemon does not answer: start it, or add your user to the group docker"
}

# need_venv DIRECTORY REQUIREMENTS: creates a Python virtual environment with the packages in the file
# REQUIREMENTS, and recreates it when the file changes. Sets venv to the directory.
need_venv() {
  venv=$1
  cmp -s "$2" "$venv/made-from" && return
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    install "Python with venv" "python3 python3-venv" python3 python3 python python
  fi
  say "installing $2 into $venv"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$2"
  cp "$2" "$venv/made-from"
}

# start_acd BINARY WORK: starts `acd standalone` on a free port, with its data and output in the directory
# WORK. Sets acd_pid, and base to the URL of the API. stop_acd stops it.
start_acd() {
  # Created here, because the loop may read it before the process has started.
  : >"$2/out"
  "$1" standalone --listen 127.0.0.1:0 --data-dir "$2/data" --log warn >"$2/out" 2>"$2/log" &
  acd_pid=$!
  base=
  # acd prints its address when it is ready.
  for _ in $(seq 300); do
    base=$(sed -n 's|^ *API *\(http://[^/]*\)/.*|\1|p' "$2/out")
    [ -z "$base" ] || return 0
    kill -0 "$acd_pid" 2>/dev/null || die "acd exited before it was ready: $(tail -n 5 "$2/log")"
    sleep 0.1
  done
  die "acd was not ready within 30 seconds"
}

stop_acd() {
  if [ -n "${acd_pid:-}" ] && kill "$acd_pid" 2>/dev/null; then
    wait "$acd_pid" || true
  fi
}
