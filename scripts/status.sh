#!/usr/bin/env bash
# Shows the state of the stack: containers, the holder of the virtual IP, the servers of every backend as that
# balancer sees them, and the data tier. Exit code 1 if there is a problem, which is marked with !!.
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
[ -f "$settings" ] || die "there is no .env: the stack has not been started with scripts/start.sh"

data=$(setting ACD_DATA enterprise)
all=("${nodes[@]}" "${redis_nodes[@]}" "${sentinels[@]}" "${balancers[@]}" api dispatcher)
[ -n "$(containers "${all[@]}")" ] || die "the stack has no containers: start it with scripts/start.sh"
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
    # The health of a stopped container is outdated.
    [ "$state" = running ] || health=
    printf '  %-24s %-9s %-10s since %s\n' "${name#/}" "$state" "$health" "${started%%.*}"
    [ "$state" = running ] && [ "$health" != unhealthy ] || ill=true
  done
  # The set-up containers of plain Compose, which exit when they are done.
  for id in $(containers "${set_ups[@]}"); do
    IFS='|' read -r name state code started < <(docker inspect --format \
      '{{.Name}}|{{.State.Status}}|{{.State.ExitCode}}|{{.State.StartedAt}}' "$id")
    [ "$state" = exited ] || code=
    printf '  %-24s %-9s %-10s since %s\n' "${name#/}" "$state" "$code" "${started%%.*}"
    [ "$state $code" = "exited 0" ] || complain "${name#/} has not completed: see scripts/logs.sh"
  done
}

# holders: prints the balancers that have the virtual IP. Normally that is one; both have it for a moment after
# one has been paused.
holders() {
  local lb
  for lb in "${balancers[@]}"; do
    ! holds_vip "$lb" || echo "$lb"
  done
}

# Reads HAProxy's statistics; the first line names the columns. Left out are: servers without an address, which
# are free slots of a server template (MAINT); api_once, which has the servers of api with other retry rules;
# role_… and vote_…, which are health checks of the backend redis, where only a primary is in use. The servers
# of …_state show what the nodes of Redis Enterprise report about themselves. They are shown only when a node
# reports that it can't serve (its backend shows it as NOLB).
show_backends() {
  compose exec -T "$1" ask show stat | tr -d '\r' | awk -F, '
    NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["svname"] == "FRONTEND" || $column["pxname"] ~ /^(api_once$|role_|vote_)/ || NF < 10 { next }
    $column["pxname"] ~ /_state$/ {
      if ($column["status"] !~ /^DOWN/) next
      sub(/_state$/, "", $column["pxname"])
      if ($column["svname"] == "BACKEND") what = "no node reports that it can serve: all that answer get connections"
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
  complain "no node is running"
}

# show_redis: shows an open-source tier, by the report of one of its containers.
show_redis() {
  local node
  for node in "${redis_nodes[@]}" "${sentinels[@]}"; do
    if running "$node"; then
      compose exec -T "$node" /opt/acd/redis/status.sh || ill=true
      return
    fi
  done
  complain "no node is running"
}

show_containers

read -r -a holding <<<"$(holders | tr '\n' ' ')"
printf '\nvirtual IP %s: %s\n' "$(setting ACD_VIP)" "${holding[*]:-no balancer}"
[ ${#holding[@]} -eq 1 ] || complain "exactly one of ${balancers[*]} should have it"

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
  printf '\nthere are problems, see above\n'
  exit 1
fi
