#!/usr/bin/env bash
# Holds a running stack's Redis Enterprise against what this project relies on, and writes a report
# without secrets: run it once after scripts/start.sh where the real image is, and add the report to a
# bug report.
#
#   redis-enterprise/verify.sh [--kill] [--restart-all] [--report FILE]
#
#   --kill         also kills the node of a primary shard, then that of the cluster's primary, under load
#   --restart-all  also kills all three nodes at once, and starts them again
#   --report FILE  where the report goes, artifacts/redis-enterprise.md unless it is given
#
# Without the first two it disturbs nothing: it makes a role and a user, and removes them again. Exit
# code 0 when all agrees, 1 when something differs or can't be asked, 2 on wrong usage.
set -euo pipefail
# shellcheck source=scripts/stack.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/stack.sh"
# shellcheck source=redis-enterprise/verify/faults.sh
. "$root/redis-enterprise/verify/faults.sh"

usage() {
  printf 'verify.sh: %s\n' "$*" >&2
  sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

kill=false restart=false report=$root/artifacts/redis-enterprise.md
while [ $# -gt 0 ]; do
  case $1 in
    --kill) kill=true ;;
    --restart-all) restart=true ;;
    --report)
      [ $# -gt 1 ] || usage "--report needs a file"
      report=$2
      shift
      ;;
    --report=*) report=${1#*=} ;;
    -h | --help)
      sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"
      exit
      ;;
    *) usage "unknown argument $1" ;;
  esac
  shift
done
[ -n "$report" ] || usage "--report needs a file"

need_docker
[ -f "$settings" ] || die "there is no .env: scripts/start.sh first"
[ "$(setting ACD_DATA enterprise)" = enterprise ] || die "this stack's data is not on Redis Enterprise"
for node in "${nodes[@]}"; do
  running "$node" || die "$node does not run: scripts/start.sh first"
done
lock_stack

# asks ARGUMENT…: verify/checks.sh in a container of the set-up's image.
asks() {
  compose run --rm -T --entrypoint /opt/acd/redis-enterprise/verify/checks.sh cluster-setup "$@" 2>"$messages"
}

work=$(mktemp -d)
# Containers that were killed and are not started again yet.
killed=()
finish() {
  rm -rf "$work"
  [ ${#killed[@]} = 0 ] || docker start "${killed[@]}" >/dev/null
}
trap finish EXIT
messages=$work/messages rows=$work/rows text=$work/report
: >"$rows"

id=$(containers re1 | head -n 1)
image=$(docker inspect --format '{{.Config.Image}}' "$id")
digest=$(docker inspect --format '{{.Image}}' "$id")
status=$(docker exec "$id" rladmin status 2>&1 || true)
emulated=false
if [ "$image" = "$emulator" ] || [[ $status == *EMULATOR* ]]; then
  emulated=true
fi

say "asking the cluster"
asks cluster "$image" "$emulated" >>"$rows" ||
  die "not everything could be asked: $(tail -n 5 "$messages") (is the set-up's image of this version? scripts/start.sh builds it)"
! $kill || check_kills
! $restart || check_restart

# count VERDICT
count() {
  grep -c "^$1"$'\t' "$rows" || true
}

# block TITLE TEXT: as it is.
block() {
  printf '\n## %s\n\n~~~\n%s\n~~~\n' "$1" "$2"
}

{
  echo "# Redis Enterprise: what this project relies on, and what was seen"
  echo
  if $emulated; then
    echo "Image: \`$image\`, the **EMULATOR**: this tells nothing about Redis Enterprise."
  else
    echo "Image: \`$image\`"
  fi
  echo "(\`$digest\`), $(date -u +%Y-%m-%dT%H:%M:%SZ)."
  echo "Docker $(docker version --format '{{.Server.Version}}'), $(docker info --format '{{.NCPU}} cores, {{.MemTotal}} bytes of memory, {{.OperatingSystem}}')."
  echo
  echo "$(count agrees) checks agree, $(count differs) differ, $(count open) decide nothing."
  $kill || echo "Not run: the loss of nodes (\`--kill\`)."
  $restart || echo "Not run: the restart of all nodes (\`--restart-all\`)."
  echo
  echo "| | Check | Expected | Seen |"
  echo "|---|---|---|---|"
  awk -F '\t' '{ printf "| %s | %s | %s | %s |\n", ($1 == "differs" ? "**differs**" : $1), $2, $3, $4 }' "$rows"
  block "rladmin status" "$status"
  [ ! -s "$work/balancers" ] || block "What HAProxy logged while nodes were lost" "$(<"$work/balancers")"
  # Whoever reads it needs no address of anybody.
} | sed -E 's/[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/(an e-mail address)/g' >"$text"

# No secret may leave: every value of .env and of the environment that is one.
while IFS='=' read -r name value; do
  unquoted=${value#[\"\']}
  for value in "$value" "${unquoted%[\"\']}" "${!name:-}"; do
    [ -z "$value" ] || ! grep -qF -e "$value" "$text" ||
      die "the report would contain the value of $name: it was not written (a value that is an ordinary word is in any text)"
  done
done < <(grep -E '^[A-Z0-9_]*(PASSWORD|SECRET|TOKEN|KEY)=' "$settings")

mkdir -p "$(dirname "$report")"
cp "$text" "$report"
cat "$text"
say "the report is in $report: $(count differs) of $(grep -c . "$rows") checks differ"
[ "$(count differs)" = 0 ]
