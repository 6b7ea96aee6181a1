#!/usr/bin/env bash
# Shows the state of the data tier, from inside its network. Exit code 1 if there is a problem. Which nodes
# have the primaries does not matter.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=redis-open-source/common.sh
. "$here/common.sh"
# shellcheck source=redis-open-source/shards.sh
. "$here/shards.sh"

ill=0
complain() {
  printf '  !! %s\n' "$*"
  ill=1
}

# show ADDRESS PORT: shows one server, and adds a primary to primaries.
show() {
  local info role name
  name="$(node_of "$1"):$2"
  info=$(ask "$1" "$2" INFO replication)
  role=$(line role <<<"$info")
  case $role in
    master)
      primaries+=("$1")
      printf '  %-12s primary    %s replicas%s\n' "$name" "$(line connected_slaves <<<"$info")" \
        "$(line slave0 <<<"$info" | sed 's/.*lag=\([0-9]*\).*/, lag \1/')$(line slave1 <<<"$info" | sed 's/.*lag=\([0-9]*\).*/ and \1/')"
      ;;
    slave)
      printf '  %-12s replica    of %s, link %s, last contact %s s ago\n' "$name" \
        "$(node_of "$(line master_host <<<"$info")")" "$(line master_link_status <<<"$info")" \
        "$(line master_last_io_seconds_ago <<<"$info")"
      [ "$(line master_link_status <<<"$info")" = up ] || complain "$name is not in sync"
      ;;
    *) complain "$name does not answer ${info:+($info)}" ;;
  esac
}

show_sentinels() {
  local index sentinel answer named
  for index in 0 1 2; do
    sentinel=${sentinels[index]}
    answer=$(ask_sentinel "$sentinel" SENTINEL MASTER "$service")
    named=$(pair ip <<<"$answer")
    if [ -z "$named" ]; then
      complain "sentinel$((index + 1)) does not answer"
      continue
    fi
    printf '  %-12s reports %s (%s), knows %s replicas and %s other Sentinels\n' "sentinel$((index + 1))" \
      "$(node_of "$named")" "$(pair flags <<<"$answer")" "$(pair num-slaves <<<"$answer")" \
      "$(pair num-other-sentinels <<<"$answer")"
    [ "$named $(pair flags <<<"$answer")" = "${primaries[0]:-none} master" ] || complain "sentinel$((index + 1)) does not report the primary, or not as healthy"
  done
}

primaries=()
case $ACD_DATA in
  single) show "$REDIS1_ADDRESS" 6379 ;;
  sentinel)
    for address in "${nodes[@]}"; do
      show "$address" 6379
    done
    [ ${#primaries[@]} -eq 1 ] || complain "there are ${#primaries[@]} primaries"
    show_sentinels
    ;;
  cluster)
    for address in "${nodes[@]}"; do
      for port in $(ports_of "$address"); do
        show "$address" "$port"
      done
    done
    [ ${#primaries[@]} -eq 3 ] || complain "there are ${#primaries[@]} primaries"
    [ "$(printf '%s\n' "${primaries[@]}" | sort -u | wc -l)" -eq 3 ] ||
      echo "  a node has more than one primary: scripts/failover.sh --home"
    for address in "${nodes[@]}"; do
      info=$(ask "$address" "$(ports_of "$address" | head -n 1)" CLUSTER INFO)
      printf '  %-12s cluster state %s, %s of 16384 slots served, %s servers known\n' "$(node_of "$address")" \
        "$(line cluster_state <<<"$info")" "$(line cluster_slots_ok <<<"$info")" "$(line cluster_known_nodes <<<"$info")"
      [ "$(line cluster_state <<<"$info") $(line cluster_slots_ok <<<"$info")" = "ok 16384" ] ||
        complain "$(node_of "$address") reports an incomplete cluster"
    done
    ;;
esac
exit $ill
