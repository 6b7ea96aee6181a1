#!/usr/bin/env bash
# Stops the stack in order: the services that take requests first, the data tier last. scripts/start.sh starts it
# again with its data.
#
#   scripts/stop.sh [--volumes]
#
#   --volumes   also removes the containers, the network and the data
set -euo pipefail
# shellcheck source=scripts/stack.sh
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"

volumes=false
for argument; do
  case $argument in
    --volumes) volumes=true ;;
    -h | --help)
      sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"
      exit
      ;;
    *) die "unknown argument $argument: scripts/stop.sh --help" ;;
  esac
done

need_docker
[ -f "$settings" ] || die "there is no .env: the stack has not been started with scripts/start.sh"
lock_stack

say "stopping"
for services in "simulator prometheus grafana ${set_ups[*]}" "api dispatcher" "${balancers[*]}" \
  "${sentinels[*]}" "${nodes[*]} ${redis_nodes[*]}"; do
  # The Sentinels stop before the data, because they would start a failover when the primary stops.
  # Unquoted, to split the lists into words.
  # shellcheck disable=SC2086
  [ -z "$(containers $services)" ] || compose stop $services >&2
done
if $volumes; then
  say "removing containers, network and data"
  compose down --volumes --remove-orphans >&2
  # The next start may choose another tier.
  forget ACD_DATA ACD_REDIS_IMPL ACD_REDIS_BASE ACD_STACK_DURABILITY RE_DATABASE_FILE
  if [ "$(setting REDIS_ENTERPRISE_IMAGE)" = "$emulator" ]; then
    forget REDIS_ENTERPRISE_IMAGE RE_CAP RE_NOFILE RE_MEMORY
  fi
fi
say "stopped"
