# shellcheck shell=bash disable=SC2154 # what set-up.sh and the other parts set or read
# The cluster and its nodes, for set-up.sh, which sources this.

refused() {
  die "node $1 is in a cluster that refuses $RE_ADMIN_USER: RE_ADMIN_PASSWORD in .env is not the one that" \
    "the cluster was built with (put that back), or the user is locked ($locked), or the node's volumes are an" \
    "earlier cluster's: only then $rebuild"
}

# wait_for_node ADDRESS: until it says where it is.
wait_for_node() {
  local address=$1 until=$((SECONDS + node_deadline)) refusals=0 up_since=
  while true; do
    bootstrap_state "$address"
    # Its REST service runs, and has no cluster to ask.
    if [ "$status" = 503 ]; then up_since=${up_since:-$SECONDS}; else up_since=; fi
    case $state in
      idle | member | failed) return ;;
      refused)
        # A node that is just coming back may not have read its users yet; five refusals would lock
        # the user.
        refusals=$((refusals + 1))
        [ "$refusals" -lt 2 ] || refused "$address"
        sleep 5
        ;;
    esac
    if [ "$SECONDS" -ge "$until" ]; then
      # One that has only just come up is starting, however late.
      [ -z "$up_since" ] || [ $((SECONDS - up_since)) -lt $((node_deadline / 2)) ] || wedged "$address" $((SECONDS - up_since))
      die "node $address did not start within $node_deadline s (last: $(reason)): look at its log," \
        "or give it longer with RE_NODE_DEADLINE"
    fi
    sleep 1
  done
}

# wedged ADDRESS SECONDS: what to do about a node that is up and answers 503 all the time.
wedged() {
  local service
  service=$(service_of "$1")
  die "node $1 ($service) is up and its cluster is not: its REST service has answered 503 for $2 s." \
    "Are two of the three nodes running? They are the least that serves." \
    "If they are, restart this one once: 'COMPOSE_PROFILES=redis docker compose restart $service' (or docker-compose), then run this again." \
    "If the cluster answers and its database does not: $recover." \
    "If neither helps, its configuration is lost: $rebuild"
}

# until_answered WHO ADDRESS PATH: a GET. A node that has just come back, or applies a setting, has no
# answer for a while.
until_answered() {
  local begun=$SECONDS
  while true; do
    api "$1" GET "$2" "$3"
    case $status in
      000 | 502 | 503 | 504) ;;
      *) break ;;
    esac
    [ $((SECONDS - begun)) -lt "$answer_deadline" ] || break
    sleep 1
  done
  [ "$status" != 503 ] || wedged "$2" $((SECONDS - begun))
}

# read_api WHO ADDRESS PATH WHAT: a GET that must succeed.
read_api() {
  until_answered "$@"
  must_be_ok "$4"
}

# bootstrap ADDRESS ACTION: create_cluster or join_cluster, and wait for its end.
bootstrap() {
  local address=$1 action=$2 request until=$((SECONDS + cluster_deadline)) tries=0 sent=0
  request=$(jq --null-input --compact-output --arg action "$action" --arg address "$address" --arg first "$first" '
    { action: $action,
      cluster: (if $action == "create_cluster" then { nodes: [], name: env.RE_CLUSTER_NAME } else { nodes: [$first] } end),
      node: { identity: { addr: $address } },
      credentials: { username: env.RE_ADMIN_USER, password: env.RE_ADMIN_PASSWORD } }')
  while [ "$SECONDS" -lt "$until" ]; do
    bootstrap_state "$address"
    case $state in
      member) return ;;
      failed)
        case $failure_code in
          access_denied)
            die "node $address may not join: the cluster of $first refuses $RE_ADMIN_USER and RE_ADMIN_PASSWORD" ;;
          time_not_sync) die "node $address may not join, its clock is wrong: set it ($failure)" ;;
          repair_required | path_error) die "node $address: $failure; $rebuild" ;;
        esac
        # connect_error: the first node may not be ready for others yet.
        tries=$((tries + 1))
        if [ "$sent" = 1 ]; then
          [ "$tries" -le 5 ] || die "node $address: $action failed: $failure_code: $failure"
          say "node $address: $action failed ($failure_code), trying again"
          sleep 3
        fi
        sent=0
        ;;
    esac
    if [ "$sent" = 0 ] && { [ "$state" = idle ] || [ "$state" = failed ]; }; then
      api nobody POST "$address" "/v1/bootstrap/$action" "$request"
      case $status in
        # 409: under way already, by an earlier run.
        2?? | 409 | 401) sent=1 ;;
        # Perhaps sent: the next look tells.
        503 | 000) ;;
        *) die "node $address: $action: $(reason)" ;;
      esac
    fi
    sleep 1
  done
  die "node $address: $action was not done within $cluster_deadline s (last: $(reason)): look at its log"
}

# look_at_members: that those which are in a cluster are in the same one, and it is ours.
look_at_members() {
  local address listed common='' of='' new=()
  for address in "${members[@]}"; do
    read_api admin "$address" /v1/cluster "node $address: reading the cluster"
    listed=$(field .name)
    [ "$listed" = "$RE_CLUSTER_NAME" ] \
      || die "node $address is in the cluster $listed, not in $RE_CLUSTER_NAME: set RE_CLUSTER_NAME to it, or $rebuild"
    read_api admin "$address" /v1/nodes "node $address: reading the nodes"
    listed=$(field '[.[].addr] | sort | join(" ")')
    [[ " $listed " == *" $address "* ]] \
      || die "node $address is in a cluster of other addresses ($listed): set RE1_ADDRESS … in .env to those, or $rebuild"
    [ "${common:-$listed}" = "$listed" ] \
      || die "nodes $of and $address are in different clusters ($common; $listed): $rebuild"
    common=$listed
    of=$address
  done
  for address in "${newcomers[@]}"; do
    if [[ " $common " != *" $address "* ]]; then
      new+=("$address")
    elif ! becomes_member "$address"; then
      die "node $address is in no cluster, but the cluster remembers it: its container was made anew, and a node's identity ends with its container. Now $rebuild"
    fi
  done
  newcomers=("${new[@]}")
}

# becomes_member ADDRESS: what an earlier run asked for may be under way.
becomes_member() {
  local until=$((SECONDS + 30))
  while [ "$SECONDS" -lt "$until" ]; do
    bootstrap_state "$1"
    [ "$state" != member ] || return 0
    sleep 1
  done
  return 1
}

build_cluster() {
  local address
  members=()
  newcomers=()
  for address in "${nodes[@]}"; do
    wait_for_node "$address"
    case $state in
      member)
        say "node $address is in a cluster"
        members+=("$address")
        ;;
      failed)
        [ "$failure_code" != path_error ] || die "node $address: $failure; $rebuild"
        say "node $address is in no cluster; its last attempt failed: $failure_code: $failure"
        newcomers+=("$address")
        ;;
      *)
        say "node $address is in no cluster yet"
        newcomers+=("$address")
        ;;
    esac
  done
  look_at_members
  for address in "${newcomers[@]}"; do
    if [ "$address" = "$first" ]; then
      [ "${#members[@]}" = 0 ] \
        || die "node $first is in no cluster, but ${members[*]} are: its container was made anew. Now $rebuild"
      say "creating cluster $RE_CLUSTER_NAME on $address"
      bootstrap "$address" create_cluster
    else
      say "joining $address to the cluster"
      bootstrap "$address" join_cluster
    fi
  done
  wait_for_active_nodes
}

wait_for_active_nodes() {
  local until=$((SECONDS + cluster_deadline)) active
  while true; do
    api admin GET "$first" /v1/nodes
    if [ "$status" = 200 ]; then
      active=$(field '[.[] | select(.status == "active")] | length')
      [ "$active" != "${#nodes[@]}" ] || break
      [ "$(field length)" -le "${#nodes[@]}" ] || die "the cluster has more than ${#nodes[@]} nodes: this is not our cluster"
    fi
    if [ "$SECONDS" -ge "$until" ]; then
      [ "$status" != 503 ] || wedged "$first" "$cluster_deadline"
      die "not all nodes became active within $cluster_deadline s (last: $(reason); active: ${active:-none})"
    fi
    sleep 1
  done
  say "three nodes are active"
}
