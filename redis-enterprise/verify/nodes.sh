# shellcheck shell=bash disable=SC2154 # what checks.sh and the other parts set
# Nodes, versions, memory, licence: for checks.sh, which sources this.

check_nodes() {
  local address seen='' wanted
  for address in "${nodes[@]}"; do
    api nobody GET "$address" /v1/bootstrap
    seen+="${seen:+, }$status"
  done
  expect "GET /v1/bootstrap without credentials" "401 from each node of a cluster" "$seen" [ "$seen" = "401, 401, 401" ]

  api admin GET "$first" /v1/nodes
  seen=$(field '[.[].status] | join(", ")')
  expect "Nodes" "three, active" "${seen:-$(reason)}" [ "$seen" = "active, active, active" ]
  check_memory

  seen=$(field '[.[].software_version] | unique | join(", ")')
  wanted=$(sed -n 's/.*:\([0-9.]*-[0-9]*\).*/\1/p' <<<"$image")
  if [ -n "$wanted" ]; then
    expect "Version of the software" "$wanted, as the image's tag says" "${seen:-none}" [ "$seen" = "$wanted" ]
  else
    row open "Version of the software" "told by no tag of the image" "${seen:-none}"
  fi

  api admin GET "$first" /v1/license
  seen=$(field '"expired \(.expired), shards_limit \(.shards_limit), ram_shards_limit \(.ram_shards_limit)"')
  expect "GET /v1/license" "not expired, a limit of 4 shards or more" "${seen:-$(reason)}" \
    [ "$(field '.expired == false and (.shards_limit // .ram_shards_limit // 0) >= 4')" = true ]
}

# check_memory: after GET /v1/nodes.
check_memory() {
  local seen limit
  seen=$(field '[.[] | to_entries | map(select(.key | test("memory|ram"))) | map("\(.key) \(.value)") | join(" ")] | join("; ")')
  limit=$(container_limit)
  if [ -n "$limit" ]; then
    expect "Memory of the nodes" "total_memory within RE_MEMORY=$RE_MEMORY ($limit bytes), not the host's" "${seen:-none}" \
      [ "$(field "[.[].total_memory] | all(. != null and . <= $limit * 1.02)")" = true ]
  else
    row open "Memory of the nodes" "RE_MEMORY is not known" "${seen:-none}"
  fi
}

# container_limit: RE_MEMORY in bytes, nothing when it is none.
container_limit() {
  local unit
  [[ ${RE_MEMORY:-} =~ ^([0-9]{1,9})([kKmMgG]?)[bB]?$ ]] || return 0
  case ${BASH_REMATCH[2]} in
    [kK]) unit=1024 ;;
    [mM]) unit=1048576 ;;
    [gG]) unit=1073741824 ;;
    *) unit=1 ;;
  esac
  echo $((BASH_REMATCH[1] * unit))
}
