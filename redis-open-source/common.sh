# shellcheck shell=bash
# Shared functions and names of the scripts in this directory. Sourced, not run.

say() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
  say "$*"
  exit 1
}

# need NAME…: fails unless each variable is set.
need() {
  local name
  for name; do
    [ -n "${!name:-}" ] || die "$name is not set: scripts/start.sh --prepare writes the settings to .env"
  done
}

need ACD_DATA REDIS1_ADDRESS REDIS2_ADDRESS REDIS3_ADDRESS SENTINEL1_ADDRESS SENTINEL2_ADDRESS \
  SENTINEL3_ADDRESS REDIS_PASSWORD SENTINEL_PASSWORD REDIS_PROBE_PASSWORD
case $ACD_DATA in
  sentinel | cluster | single) ;;
  *) die "ACD_DATA=$ACD_DATA: this image is for the tiers sentinel, cluster and single" ;;
esac

# shellcheck disable=SC2034 # these are for those who source this
data=/var/lib/acd-redis
# Configuration files with passwords, on a tmpfs.
# shellcheck disable=SC2034
run=/tmp/acd-redis
# The name under which the Sentinels monitor the primary.
# shellcheck disable=SC2034
service=acd
# shellcheck disable=SC2034
nodes=("$REDIS1_ADDRESS" "$REDIS2_ADDRESS" "$REDIS3_ADDRESS")
# shellcheck disable=SC2034
sentinels=("$SENTINEL1_ADDRESS" "$SENTINEL2_ADDRESS" "$SENTINEL3_ADDRESS")

# ask ADDRESS PORT COMMAND…: prints the reply of a server; nothing if there is none within two seconds.
ask() {
  local address=$1 port=$2
  shift 2
  REDISCLI_AUTH=$REDIS_PASSWORD timeout 2 acd-redis-cli -h "$address" -p "$port" "$@" 2>/dev/null |
    tr -d '\r' || true
}

# ask_sentinel ADDRESS COMMAND…: the same for a Sentinel.
ask_sentinel() {
  local address=$1
  shift
  REDISCLI_AUTH=$SENTINEL_PASSWORD timeout 2 acd-redis-cli -h "$address" -p 26379 "$@" 2>/dev/null |
    tr -d '\r' || true
}

# line NAME: prints the value of the line NAME:value; reads INFO or CLUSTER INFO from standard input.
line() {
  sed -n "s/^$1://p"
}

# pair NAME: prints the value of a field; reads alternate lines of names and values from standard input.
pair() {
  awk -v name="$1" 'found { print; exit } NR % 2 && $0 == name { found = 1 }'
}

# node_of ADDRESS: prints the node's name.
node_of() {
  case $1 in
    "$REDIS1_ADDRESS") echo redis1 ;;
    "$REDIS2_ADDRESS") echo redis2 ;;
    "$REDIS3_ADDRESS") echo redis3 ;;
    *) echo "${1:-no server}" ;;
  esac
}

# until_ok SECONDS WHAT COMMAND…: repeats the command until it succeeds. After SECONDS it fails with the
# last output of the command as the reason.
until_ok() {
  local end=$((SECONDS + $1)) what=$2 why
  shift 2
  until why=$("$@" 2>&1); do
    [ $SECONDS -lt $end ] || die "timed out waiting until $what${why:+: $why}"
    sleep 0.2
  done
}
