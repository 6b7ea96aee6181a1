# shellcheck shell=bash disable=SC2154 # what checks.sh and the other parts set
# How the cluster comes back: for checks.sh, which sources this.

kept_key='verify:{one}:kept'

# show_layout: the services with the primary of the lower and of the upper half of the slots.
show_layout() {
  local shards half node address
  api admin GET "$first" /v1/shards
  must_be_ok "reading the shards"
  shards=$body
  api admin GET "$first" /v1/nodes
  must_be_ok "reading the nodes"
  for half in lower:0 upper:16383; do
    node=$(jq --raw-output --argjson slot "${half#*:}" --argjson bdb "$uid" '
      [.[] | select((.bdb_uid | tonumber) == $bdb and .role == "master")
       | select(.assigned_slots | split(",") | any(split("-") | map(tonumber) as [$from, $to] | $from <= $slot and $slot <= ($to // $from)))
       | .node_uid | tonumber][0] // empty' <<<"$shards")
    address=$(field ".[] | select(.uid == ${node:-0}) | .addr")
    [ -n "$address" ] || die "no primary shard has slot ${half#*:}"
    printf '%s=%s\n' "${half%:*}" "$(service_of "$address")"
  done
}

keep_value() {
  local answer
  answer=$(answer_of "$first" SET "$kept_key" "$1" EX 3600)
  [ "$answer" = OK ] || die "the database does not take a value: $answer"
}

# wait_until_whole: until each node's endpoint is available; says how many seconds that took.
wait_until_whole() {
  local begun=$SECONDS address
  for address in "${nodes[@]}"; do
    while true; do
      api health GET "$address" "/v1/local/bdbs/$uid/endpoint/availability"
      [ "$status" != 200 ] || break
      # More of these would lock the user.
      [ "$status" != 401 ] || die "node $address answers 401 to the balancers' user"
      [ $((SECONDS - begun)) -lt 300 ] || die "node $address is not available within 300 s: $(reason)"
      sleep 1
    done
  done
  echo $((SECONDS - begun))
}

# check_return VALUE: after all nodes were killed and started.
check_return() {
  local begun=$SECONDS address seen='' late=false answer=
  for address in "${nodes[@]}"; do
    while api nobody GET "$address" /v1/bootstrap; do
      [ "$status" != 401 ] || break
      if [ $((SECONDS - begun)) -ge 300 ]; then
        late=true
        break
      fi
      sleep 1
    done
    seen+="${seen:+; }$status after $((SECONDS - begun)) s"
  done
  [ "$late" = false ] && answer=agrees || answer=differs
  row "$answer" "Every node killed and started: GET /v1/bootstrap" "401 within 300 s of each" "$seen"
  while true; do
    answer=$(answer_of "$first" GET "$kept_key")
    [ "$answer" != "$1" ] || break
    [ $((SECONDS - begun)) -lt 420 ] || break
    sleep 1
  done
  expect "Every node killed and started: data" "what was written three seconds before is there within 420 s" \
    "$([ "$answer" = "$1" ] && echo "there" || echo "not there (${answer:0:80})") after $((SECONDS - begun)) s" [ "$answer" = "$1" ]
}
