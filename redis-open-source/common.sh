# shellcheck shell=bash
# Functions that the scripts beside this one share, and the names of things. Sourced, not run.

say() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
  say "$*"
  exit 1
}

# need NAME…: each is set.
need() {
  local name
  for name; do
    [ -n "${!name:-}" ] || die "$name is not set: run scripts/start.sh, which makes the settings"
  done
}

need ACD_DATA REDIS1_ADDRESS REDIS2_ADDRESS REDIS3_ADDRESS SENTINEL1_ADDRESS SENTINEL2_ADDRESS \
  SENTINEL3_ADDRESS REDIS_PASSWORD SENTINEL_PASSWORD REDIS_PROBE_PASSWORD
case $ACD_DATA in
  sentinel | cluster | single) ;;
  *) die "ACD_DATA=$ACD_DATA has no Redis of ours: sentinel, cluster or single" ;;
esac

# shellcheck disable=SC2034 # these are for those who source this
data=/var/lib/acd-redis
# The files with passwords: on a tmpfs.
# shellcheck disable=SC2034
run=/tmp/acd-redis
# What the Sentinels call the data.
# shellcheck disable=SC2034
service=acd
# shellcheck disable=SC2034
nodes=("$REDIS1_ADDRESS" "$REDIS2_ADDRESS" "$REDIS3_ADDRESS")
# shellcheck disable=SC2034
sentinels=("$SENTINEL1_ADDRESS" "$SENTINEL2_ADDRESS" "$SENTINEL3_ADDRESS")

# ask ADDRESS PORT COMMAND…: what a Redis answers; nothing when it does not within two seconds.
ask() {
  local address=$1 port=$2
  shift 2
  REDISCLI_AUTH=$REDIS_PASSWORD timeout 2 acd-redis-cli -h "$address" -p "$port" "$@" 2>/dev/null |
    tr -d '\r' || true
}

# ask_sentinel ADDRESS COMMAND…
ask_sentinel() {
  local address=$1
  shift
  REDISCLI_AUTH=$SENTINEL_PASSWORD timeout 2 acd-redis-cli -h "$address" -p 26379 "$@" 2>/dev/null |
    tr -d '\r' || true
}

# line NAME: the value of a line name:value of INFO or CLUSTER INFO, which comes on standard input.
line() {
  sed -n "s/^$1://p"
}

# pair NAME: the value of a field, where names and values take turns, a line each.
pair() {
  awk -v name="$1" 'found { print; exit } NR % 2 && $0 == name { found = 1 }'
}

# node_of ADDRESS: its name.
node_of() {
  case $1 in
    "$REDIS1_ADDRESS") echo redis1 ;;
    "$REDIS2_ADDRESS") echo redis2 ;;
    "$REDIS3_ADDRESS") echo redis3 ;;
    *) echo "${1:-nobody}" ;;
  esac
}

# until_ok SECONDS WHAT COMMAND…: until the command succeeds; what it said last is the reason why not.
until_ok() {
  local end=$((SECONDS + $1)) what=$2 why
  shift 2
  until why=$("$@" 2>&1); do
    [ $SECONDS -lt $end ] || die "$what: not in time${why:+: $why}"
    sleep 0.2
  done
}
