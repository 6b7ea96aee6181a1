#!/usr/bin/env bash
# Container health check: succeeds when every server of this container answers PING, and so has loaded its data.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=redis-open-source/common.sh
. "$here/common.sh"
# shellcheck source=redis-open-source/shards.sh
. "$here/shards.sh"

case ${NODE:?} in
  sentinel*)
    [ "$(ask_sentinel 127.0.0.1 PING)" = PONG ]
    exit
    ;;
esac
own_address=${NODE^^}_ADDRESS
ports=6379
[ "$ACD_DATA" != cluster ] || ports=$(ports_of "${!own_address}")
for port in $ports; do
  [ "$(ask 127.0.0.1 "$port" PING)" = PONG ] || die "no server answers at port $port"
done
