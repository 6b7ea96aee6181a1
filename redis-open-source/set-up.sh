#!/usr/bin/env bash
# Sees that the data tier is as it should be, and then ends:
#
#   set-up.sh                    builds the cluster where there is none, and waits until every node is in
#                                its place and in sync; run again it changes nothing, interrupted it goes on
#   set-up.sh through-balancer   waits until the data answers at ACD_VIP
#   set-up.sh switch [NODE]      makes NODE the primary (sentinel), or takes NODE's primaries away (cluster)
#   set-up.sh leave NODE         the same for a node that is about to be stopped: nothing where it is no primary
#   set-up.sh home               each primary of the cluster back to its own node
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=redis-open-source/common.sh
. "$here/common.sh"

# As the first process of a container a shell ignores what it has no trap for.
end_when_told() {
  trap 'exit 143' TERM
  trap 'exit 130' INT
}
end_when_told

case $ACD_DATA in
  sentinel)
    # shellcheck source=redis-open-source/set-up-sentinel.sh
    . "$here/set-up-sentinel.sh"
    ;;
  cluster)
    # shellcheck source=redis-open-source/shards.sh
    . "$here/shards.sh"
    # shellcheck source=redis-open-source/set-up-cluster.sh
    . "$here/set-up-cluster.sh"
    ;;
  single)
    set_up() {
      until_ok 120 "redis1 answers" answers "$REDIS1_ADDRESS" 6379
      say "redis1 answers"
    }
    switch() { die "a single Redis has nobody to switch to"; }
    home() { switch; }
    leave() { :; }
    ;;
esac

# answers ADDRESS PORT
answers() {
  local answer
  answer=$(ask "$1" "$2" PING)
  [ "$answer" = PONG ] || {
    echo "$(node_of "$1"):$2 says ${answer:-nothing}"
    return 1
  }
}

primary_answers() {
  [ "$(ask "$ACD_VIP" "$1" INFO replication | line role)" = master ]
}

through_balancer() {
  local port=6379
  need ACD_VIP
  [ "$ACD_DATA" != cluster ] || port=7010
  until_ok 60 "a primary answers at $ACD_VIP:$port" primary_answers "$port"
  say "a primary answers at $ACD_VIP:$port"
}

case ${1:-set-up} in
  set-up) set_up ;;
  through-balancer) through_balancer ;;
  switch) switch "${2:-}" ;;
  leave) leave "${2:?}" ;;
  home) home ;;
  *) die "unknown: $1" ;;
esac
