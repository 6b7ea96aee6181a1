#!/usr/bin/env bash
# How the stack is, on one screen: containers, who holds the virtual IP, every backend's servers as
# the balancer that holds it sees them, the data tier. Exit code 1 when something is not as it should be.
set -euo pipefail
# shellcheck source=scripts/stack.sh
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"

case ${1:-} in
  '') ;;
  -h | --help)
    sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"
    exit
    ;;
  *) die "unknown argument $1: scripts/status.sh --help" ;;
esac
need_docker
[ -f "$settings" ] || die "there is no .env, so scripts/start.sh started nothing here"

data=$(setting ACD_DATA enterprise)
all=("${nodes[@]}" "${redis_nodes[@]}" "${sentinels[@]}" "${balancers[@]}" api dispatcher)
[ -n "$(containers "${all[@]}")" ] || die "nothing is there: scripts/start.sh"
ill=false

complain() {
  printf '  !! %s\n' "$*"
  ill=true
}

show_containers() {
  local id name state health started code
  echo "containers"
  for id in $(containers "${all[@]}" prometheus grafana); do
    IFS='|' read -r name state health started < <(docker inspect --format \
      '{{.Name}}|{{.State.Status}}|{{if .State.Health}}{{.State.Health.Status}}{{end}}|{{.State.StartedAt}}' "$id")
    # Of a container that is stopped it is the last word, said while it was stopping.
    [ "$state" = running ] || health=
    printf '  %-24s %-9s %-10s since %s\n' "${name#/}" "$state" "$health" "${started%%.*}"
    [ "$state" = running ] && [ "$health" != unhealthy ] || ill=true
  done
  # What plain Compose has started; it ends when it is done.
  for id in $(containers "${set_ups[@]}"); do
    IFS='|' read -r name state code started < <(docker inspect --format \
      '{{.Name}}|{{.State.Status}}|{{.State.ExitCode}}|{{.State.StartedAt}}' "$id")
    [ "$state" = exited ] || code=
    printf '  %-24s %-9s %-10s since %s\n' "${name#/}" "$state" "$code" "${started%%.*}"
    [ "$state $code" = "exited 0" ] || complain "${name#/} has not done its work: scripts/logs.sh tells more"
  done
}

# holder: the balancer that has the virtual IP; nothing when none has. Both do for a moment when one
# comes back from a pause.
holders() {
  local lb
  for lb in "${balancers[@]}"; do
    ! holds_vip "$lb" || echo "$lb"
  done
}

# The columns are named in the first line; a server without an address is a place kept free. api_once
# has the servers of api, with other rules for repeating; role_… and vote_… are questions that the backend
# redis asks, of whose servers only a primary is in use. The servers of …_state are what the nodes of Redis
# Enterprise report of themselves: worth a line when they can't serve (the backend shows them as NOLB).
show_backends() {
  compose exec -T "$1" ask show stat | tr -d '\r' | awk -F, '
    NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["svname"] == "FRONTEND" || $column["pxname"] ~ /^(api_once$|role_|vote_)/ || NF < 10 { next }
    $column["pxname"] ~ /_state$/ {
      if ($column["status"] !~ /^DOWN/) next
      sub(/_state$/, "", $column["pxname"])
      if ($column["svname"] == "BACKEND") what = "no node can serve: each that answers gets new connections"
      else what = sprintf("%-12s reports that it can not serve: %s %s, for %d s", $column["svname"],
        $column["check_status"], $column["check_code"], $column["lastchg"])
      printf "  !! %-11s %s\n", $column["pxname"], what
      next
    }
    $column["svname"] == "BACKEND" {
      if ($column["status"] == "DOWN") printf "  !! %-11s no server is up\n", $column["pxname"]
      next
    }
    $column["status"] ~ /^MAINT/ { next }
    $column["pxname"] == "redis" && $column["status"] ~ /^DOWN/ { $column["status"] = "not in use" }
    {
      printf "  %-11s %-12s %-21s %-10s %s %s, for %d s, %d sessions\n", $column["pxname"], $column["svname"],
        $column["addr"], $column["status"], $column["check_status"], $column["check_code"],
        $column["lastchg"], $column["scur"]
    }'
}

show_cluster() {
  local node
  for node in "${nodes[@]}"; do
    if running "$node"; then
      compose exec -T "$node" rladmin status | sed 's/^/  /'
      return
    fi
  done
  complain "no node runs"
}

# show_redis: the open-source tiers, told by one of their own containers.
show_redis() {
  local node
  for node in "${redis_nodes[@]}" "${sentinels[@]}"; do
    if running "$node"; then
      compose exec -T "$node" /opt/acd/redis/status.sh || ill=true
      return
    fi
  done
  complain "no node runs"
}

show_containers

read -r -a holding <<<"$(holders | tr '\n' ' ')"
printf '\nvirtual IP %s: %s\n' "$(setting ACD_VIP)" "${holding[*]:-nobody}"
[ ${#holding[@]} -eq 1 ] || complain "it should be one of ${balancers[*]}"

if [ ${#holding[@]} -gt 0 ]; then
  printf '\nbackends, as %s sees them\n' "${holding[0]}"
  backends=$(show_backends "${holding[0]}")
  printf '%s\n' "$backends"
  ! grep -qE ' DOWN |!!' <<<"$backends" || ill=true
fi

if [ "$data" != enterprise ]; then
  printf '\ndata: %s, tier %s\n' "$(setting ACD_REDIS_IMPL redis)" "$data"
  [ -z "$(containers redis1)" ] || show_redis
elif [ -n "$(containers re1)" ]; then
  printf '\ncluster and database%s\n' \
    "$([ "$(setting REDIS_ENTERPRISE_IMAGE)" != "$emulator" ] || echo ' (of the EMULATOR)')"
  show_cluster || complain "rladmin does not answer"
fi

if $ill; then
  printf '\nnot everything is as it should be\n'
  exit 1
fi
