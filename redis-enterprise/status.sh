# shellcheck shell=bash disable=SC2034,SC2154 # what set-up.sh and the other parts set or read
# set-up.sh status, for set-up.sh, which sources this.

# An answer that is enough to know the cluster: from the first node that gives one.
ask_anyone() {
  local address
  for address in "${nodes[@]}"; do
    api admin GET "$address" "$1"
    [ "$status" != 200 ] || return 0
  done
  return 1
}

show_status() {
  local address row shards database good=0 endpoint
  shards='[]'
  ask_anyone /v1/shards && shards=$body
  database=
  if ask_anyone '/v1/bdbs'; then
    uid=$(field ".[] | select(.name == \"$bdb_name\") | .uid")
    database=$(field ".[] | select(.name == \"$bdb_name\") | \"\(.status), \(.shards_count) shards\(if .replication then \" with replicas\" else \"\" end), \(.proxy_policy), port \(.port)\"")
    [[ $database == active* ]] || good=1
  fi
  local listed='[]'
  ask_anyone /v1/nodes && listed=$body
  printf '%-16s %-14s %-12s %s\n' NODE STATUS ENDPOINT SHARDS
  for address in "${nodes[@]}"; do
    row=$(jq --raw-output --arg address "$address" --argjson shards "$shards" '
      (map(select(.addr == $address))[0] // {}) as $node
      | ($shards | map(select(($node.uid // 0 | tostring) == (.node_uid | tostring)))
          | map("redis:\(.uid) \(.role) \(.assigned_slots)") | join(", ")) as $there
      | "\($node.status // "")|\($there)"' <<<"$listed" 2>/dev/null || printf '|')
    endpoint=none
    if [ -n "$uid" ]; then
      api health GET "$address" "/v1/local/bdbs/$uid/endpoint/availability"
      endpoint=available
      [ "$status" = 200 ] || endpoint=$status
    fi
    if [ -z "${row%%|*}" ]; then
      bootstrap_state "$address"
      [ "$status" != 000 ] || state=unreachable
      row="$state|"
    fi
    [ "${row%%|*}" = active ] && [ "$endpoint" = available ] || good=1
    printf '%-16s %-14s %-12s %s\n' "$address" "${row%%|*}" "$endpoint" "${row#*|}"
  done
  printf 'database %s: %s\n' "$bdb_name" "${database:-not there}"
  [ -n "$database" ] || good=1
  if ask_anyone /v1/license; then
    printf 'licence: %s until %s, %s shards\n' "$(field 'if .expired then "EXPIRED" else "valid" end')" \
      "$(field .expiration_date)" "$(field '.shards_limit // .ram_shards_limit')"
    [ "$(field .expired)" != true ] || good=1
  fi
  if ask_anyone /v1/cluster; then
    printf 'cluster %s: handle_redirects %s\n' "$(field .name)" "$(field '.handle_redirects | tostring')"
    [ "$(field .handle_redirects)" = true ] || good=1
  else
    printf 'cluster: %s\n' "$(reason)"
    good=1
  fi
  return "$good"
}
