#!/usr/bin/env bash
# Makes another node the primary of the data, in good order: no write is lost, and no request fails.
#
#   scripts/failover.sh [NODE]   tier sentinel: redis1, redis2 or redis3 becomes the primary (the default:
#                                one that is not)
#   scripts/failover.sh NODE     tier cluster: the primaries of this node go to the node with their replica,
#                                before it is stopped, say
#   scripts/failover.sh --home   tier cluster: every primary back to its own node, one on each
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
[ $# -le 1 ] || die "one node at a time: scripts/failover.sh --help"

need_docker
[ -f "$settings" ] || die "there is no .env, so scripts/start.sh started nothing here"
case $(setting ACD_DATA enterprise):${arguments[*]} in
  sentinel:home) die "--home is for the tier cluster; here any node may be the primary" ;;
  cluster:switch) die "name the node whose primaries are to go: scripts/failover.sh redis1" ;;
  sentinel:* | cluster:*) ;;
  *) die "the tier $(setting ACD_DATA enterprise) has nobody to switch to by hand" ;;
esac
lock_stack
compose run --rm -T redis-setup "${arguments[@]}"
