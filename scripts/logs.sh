#!/usr/bin/env bash
# Shows the logs of the containers, with timestamps.
#
#   scripts/logs.sh [--follow] [SERVICE…]
set -euo pipefail
# shellcheck source=scripts/stack.sh
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"

follow=()
case ${1:-} in
  -f | --follow)
    follow=(--follow)
    shift
    ;;
  -h | --help)
    sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"
    exit
    ;;
  -*) die "unknown argument $1: scripts/logs.sh --help" ;;
esac
need_docker
compose logs --timestamps --tail 200 ${follow[@]+"${follow[@]}"} "$@"
