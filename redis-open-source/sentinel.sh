#!/usr/bin/env bash
# PID 1 of sentinel1, sentinel2 and sentinel3. The volume keeps what a Sentinel has learned (epochs, the
# primary, replicas, other Sentinels). The rest of its configuration is generated at each start.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=redis-open-source/common.sh
. "$here/common.sh"

need NODE
[ "$ACD_DATA" = sentinel ] || die "the tier $ACD_DATA (ACD_DATA) has no Sentinels"
own_address=${NODE^^}_ADDRESS
own=${!own_address}
conf=$data/sentinel.conf
umask 077

# first_primary: prints the address of the primary for a Sentinel without stored state: the one that another
# Sentinel reports; else the node whose role is primary; else, for a new installation, redis1.
first_primary() {
  local address answer
  for address in "${sentinels[@]}"; do
    [ "$address" != "$own" ] || continue
    answer=$(ask_sentinel "$address" SENTINEL GET-MASTER-ADDR-BY-NAME "$service" | head -n 1)
    if [[ $answer =~ ^[0-9.]+$ ]]; then
      echo "$answer"
      return
    fi
  done
  for address in "${nodes[@]}"; do
    if [ "$(ask "$address" 6379 INFO replication | line role)" = master ]; then
      echo "$address"
      return
    fi
  done
  echo "$REDIS1_ADDRESS"
}

known=$(grep -E "^sentinel (monitor|config-epoch|leader-epoch|known-replica|known-sentinel) $service |^sentinel (myid|current-epoch) " \
  "$conf" 2>/dev/null || true)
if [ -z "$(grep '^sentinel monitor' <<<"$known" || true)" ]; then
  known="sentinel monitor $service $(first_primary) 6379 2"
fi
{
  cat <<END
port 26379
bind 0.0.0.0
dir $data
requirepass $SENTINEL_PASSWORD
user probe on resetkeys resetchannels -@all +ping +sentinel|get-master-addr-by-name >$REDIS_PROBE_PASSWORD
sentinel announce-ip $own
sentinel announce-port 26379
END
  # Settings of a monitored primary must follow the line `sentinel monitor`.
  grep -E '^sentinel (myid|monitor)' <<<"$known"
  cat <<END
sentinel auth-pass $service $REDIS_PASSWORD
# A primary counts as down after this time without a reply. It is not shorter, because a needless failover is
# worse than a short pause.
sentinel down-after-milliseconds $service 3000
# The next failover is possible after twice this time, so a promoted node may fail soon after. A failover
# itself takes much less.
sentinel failover-timeout $service 3000
# Replicas switch to the new primary one at a time, so that one is in sync meanwhile.
sentinel parallel-syncs $service 1
END
  grep -vE '^sentinel (myid|monitor)' <<<"$known" || true
} >"$conf.new"
mv "$conf.new" "$conf"
exec acd-redis-server "$conf" --sentinel
