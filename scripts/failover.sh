#!/usr/bin/env bash
# Moves the primary of the data to another node: a planned failover, in which no write is lost and no request
# fails.
#
#   scripts/failover.sh [NODE]   tier sentinel: redis1, redis2 or redis3 becomes the primary (default: one of
#                                the replicas)
#   scripts/failover.sh NODE     tier cluster: the primaries of this node move to the nodes with their replicas,
#                                for example before the node is stopped
#   scripts/failover.sh --home   tier cluster: every primary moves back to its own node, one on each
set -euo pipefail
# shellcheck source=scripts/stack.sh
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"

arguments=(switch)
for argument; do
  case $argument in
    -h | --help)
      sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"
      exit
      ;;
    --home) arguments=(home) ;;
    redis[123]) arguments=(switch "$argument") ;;
    *) die "unknown argument $argument: scripts/failover.sh --help" ;;
  esac
done
[ $# -le 1 ] || die "only one node can be given: scripts/failover.sh --help"

need_docker
[ -f "$settings" ] || die "there is no .env: the stack has not been started with scripts/start.sh"
case $(setting ACD_DATA enterprise):${arguments[*]} in
  sentinel:home) die "--home is for the tier cluster; on the tier sentinel any node may be the primary" ;;
  cluster:switch) die "a node is required, whose primaries move: scripts/failover.sh redis1" ;;
  sentinel:* | cluster:*) ;;
  *) die "scripts/failover.sh is for the tiers sentinel and cluster, not for $(setting ACD_DATA enterprise)" ;;
esac
lock_stack
compose run --rm -T redis-setup "${arguments[@]}"
