#!/usr/bin/env bash
# PID 1 of redis1, redis2 and redis3: starts the server of this node, two in a cluster, hands on
# SIGTERM, and ends when one of them does: the restart policy brings both back.
# shellcheck disable=SC2317 # traps call what seems to be unreachable
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=redis-open-source/common.sh
. "$here/common.sh"

servers=()
stop() {
  trap '' TERM INT
  [ ${#servers[@]} -eq 0 ] || kill -TERM "${servers[@]}" 2>/dev/null || true
  # A primary waits for its replicas before it ends.
  wait || true
  exit "${1:-0}"
}
trap stop TERM INT

need NODE
own_address=${NODE^^}_ADDRESS
own=${!own_address}

# A volume is one tier's and one implementation's: neither can read, or should, what the other left.
# An empty mark is one that a full disk has cut off.
impl=$(acd-redis-server --version | sed -n 's/^\([A-Z][a-z]*\).*/\1/p')
marker="$ACD_DATA ${impl,,}"
[ ! -s "$data/tier" ] || [ "$(cat "$data/tier")" = "$marker" ] ||
  die "this volume's data is of '$(cat "$data/tier")', not '$marker': scripts/stop.sh --volumes removes it"
[ -s "$data/tier" ] || printf '%s\n' "$marker" >"$data/tier"

umask 077
mkdir -p "$run"

# configuration PORT FOLDER: what all tiers have in common.
configuration() {
  cat <<END
bind 0.0.0.0
port $1
dir $2
requirepass $REDIS_PASSWORD
masterauth $REDIS_PASSWORD
# The balancers' own: it may look, and nothing else.
user probe on resetkeys resetchannels -@all +ping +info +role +cluster|info >$REDIS_PROBE_PASSWORD
# What was acknowledged is on the disk. A primary that is killed and back before anybody has missed it
# is the primary again: what it had not written would be taken from its replicas, too.
appendonly yes
appendfsync ${REDIS_FSYNC:-always}
save ""
# A queue loses nothing to make room.
maxmemory ${REDIS_MAXMEMORY:-400mb}
maxmemory-policy noeviction
tcp-keepalive 30
# A replica that was away for a while gets what it missed, not everything.
repl-backlog-size 32mb
repl-diskless-sync yes
# Until one that needs everything has it, its primary is short of a replica: it waits for no other.
repl-diskless-sync-delay 0
# A link that is dead is noticed within 15 seconds, not a minute.
repl-ping-replica-period 1
repl-timeout 15
replica-announce-ip $own
END
}

# start PORT FOLDER: with more of the configuration on standard input.
start() {
  mkdir -p "$2"
  {
    configuration "$1" "$2"
    cat
  } >"$run/$1.conf"
  acd-redis-server "$run/$1.conf" &
  servers+=($!)
}

# Until one ends, by itself or because it was told to.
watch_servers() {
  local status=0
  wait -n "${servers[@]}" || status=$?
  say "a server ended with $status"
  stop 1
}

case $ACD_DATA in
  single) start 6379 "$data/6379" </dev/null ;;
  sentinel)
    # shellcheck source=redis-open-source/replicated.sh
    . "$here/replicated.sh"
    start_replicated
    ;;
  cluster)
    # shellcheck source=redis-open-source/shards.sh
    . "$here/shards.sh"
    for port in $(ports_of "$own"); do
      start "$port" "$data/$port" < <(cluster_configuration "$own" "$data/$port")
    done
    ;;
esac
watch_servers
