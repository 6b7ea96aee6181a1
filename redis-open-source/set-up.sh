#!/usr/bin/env bash
# Sets up the data tier, then exits:
#
#   set-up.sh                    creates the cluster if there is none, and waits until every replica is in
#                                sync; idempotent, also after an interrupted run
#   set-up.sh through-balancer   waits until a primary answers at ACD_VIP
#   set-up.sh switch [NODE]      makes NODE the primary (sentinel), or moves NODE's primaries away (cluster)
#   set-up.sh leave NODE         prepares NODE for a stop: moves its primaries away, if it has any
#   set-up.sh home               moves each primary of the cluster back to its own node
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=redis-open-source/common.sh
. "$here/common.sh"

# As PID 1 of a container, a shell ignores signals that it has no trap for.
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
    switch() { die "the tier single has one server: there is none to switch to"; }
    home() { switch; }
    leave() { :; }
    ;;
esac

# answers ADDRESS PORT
answers() {
  local answer
  answer=$(ask "$1" "$2" PING)
  [ "$answer" = PONG ] || {
    echo "$(node_of "$1"):$2 answered PING with ${answer:-nothing}"
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
  *) die "unknown command: $1" ;;
esac
