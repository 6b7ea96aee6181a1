#!/usr/bin/env bash
# Builds the Redis Enterprise cluster, its database and the balancer's user over the REST API:
#
#   set-up.sh           builds what is missing; run again it changes nothing, interrupted it goes on
#   set-up.sh through-balancer   waits until cluster and database answer at ACD_VIP
#
# Looks at the state before every step, waits with a deadline, and reads every status. A changed
# RE_DATABASE_PASSWORD is brought into the database.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() {
  printf '==> %s\n' "$*"
}

die() {
  printf 'set-up: %s\n' "$*" >&2
  exit 1
}

# shellcheck source=redis-enterprise/rest.sh
. "$here/rest.sh"
# shellcheck source=redis-enterprise/database.sh
. "$here/database.sh"
# shellcheck source=redis-enterprise/through-balancer.sh
. "$here/through-balancer.sh"

# As the first process of a container a shell ignores what it has no trap for.
trap 'exit 143' TERM
trap 'exit 130' INT

for name in RE1_ADDRESS RE2_ADDRESS RE3_ADDRESS RE_ADMIN_PASSWORD RE_DATABASE_PASSWORD RE_HEALTH_PASSWORD; do
  [ -n "${!name:-}" ] || die "$name is not set: set it in .env"
done
export RE_CLUSTER_NAME=${RE_CLUSTER_NAME:-acd.local}
export RE_ADMIN_USER=${RE_ADMIN_USER:-admin@acd.local}
export RE_HEALTH_USER=${RE_HEALTH_USER:-balancer@acd.local}
export RE_ADMIN_PASSWORD RE_DATABASE_PASSWORD RE_HEALTH_PASSWORD
[ "$RE_HEALTH_USER" != "$RE_ADMIN_USER" ] \
  || die "RE_HEALTH_USER and RE_ADMIN_USER are the same: the balancer needs a user of its own"
for name in RE_CLUSTER_NAME RE_ADMIN_USER RE_ADMIN_PASSWORD RE_DATABASE_PASSWORD RE_HEALTH_USER RE_HEALTH_PASSWORD; do
  [[ ${!name} != *[[:cntrl:]]* ]] || die "$name has a line feed or another control character"
done

nodes=("$RE1_ADDRESS" "$RE2_ADDRESS" "$RE3_ADDRESS")
first=$RE1_ADDRESS
# Seconds.
node_deadline=300
cluster_deadline=300
database_deadline=180

rebuild="containers and volumes of all three nodes have to be made anew (scripts/stop.sh --volumes, then start again; the data is lost)"

locked="Redis Enterprise does that for 30 minutes after five wrong passwords"

refused() {
  die "node $1 is in a cluster that refuses $RE_ADMIN_USER: RE_ADMIN_PASSWORD in .env is not the one that" \
    "the cluster was built with (put that back), or the user is locked ($locked), or the node's volumes are an" \
    "earlier cluster's: only then $rebuild"
}

# wait_for_node ADDRESS: until it says where it is.
wait_for_node() {
  local address=$1 until=$((SECONDS + node_deadline)) refusals=0
  while true; do
    bootstrap_state "$address"
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
    [ "$SECONDS" -lt "$until" ] \
      || die "node $address did not start within $node_deadline s (last: $(reason)): look at its log"
    sleep 1
  done
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
    api admin GET "$address" /v1/cluster
    must_be_ok "node $address: reading the cluster"
    listed=$(field .name)
    [ "$listed" = "$RE_CLUSTER_NAME" ] \
      || die "node $address is in the cluster $listed, not in $RE_CLUSTER_NAME: set RE_CLUSTER_NAME to it, or $rebuild"
    api admin GET "$address" /v1/nodes
    must_be_ok "node $address: reading the nodes"
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
    [ "$SECONDS" -lt "$until" ] || die "not all nodes became active within $cluster_deadline s (last: $(reason); active: ${active:-none})"
    sleep 1
  done
  say "three nodes are active"
}

configure_cluster() {
  local wanted='{"default_sharded_proxy_policy":"all-nodes","default_non_sharded_proxy_policy":"all-nodes","default_shards_placement":"sparse"}'
  api admin GET "$first" /v1/cluster
  must_be_ok "reading the cluster"
  if [ "$(field .handle_redirects)" != true ]; then
    api admin PUT "$first" /v1/cluster '{"handle_redirects":true}'
    must_be_ok "enabling handle_redirects"
    api admin GET "$first" /v1/cluster
    [ "$(field .handle_redirects)" = true ] \
      || die "handle_redirects is still off: run 'rladmin cluster config handle_redirects enabled' on a node, then this again"
    say "every node answers for the primary (handle_redirects is on now)"
  else
    say "every node answers for the primary (handle_redirects is on)"
  fi
  api admin GET "$first" /v1/cluster/policy
  must_be_ok "reading the cluster's policy"
  if [ "$(field "contains($wanted)")" != true ]; then
    api admin PUT "$first" /v1/cluster/policy "$wanted"
    must_be_ok "setting the cluster's policy"
    say "new databases: all-nodes, sparse"
  fi
}

check_license() {
  local expiry limit
  api admin GET "$first" /v1/license
  must_be_ok "reading the licence"
  if [ "$(field .expired)" = true ]; then
    expiry=$(field .expiration_date)
    find_database
    if [ -n "$uid" ]; then
      say "WARNING: the cluster's licence expired on $expiry: the database is served, nothing can be changed"
      return
    fi
    die "the cluster's licence expired on $expiry: install one (PUT /v1/license, or the console)," \
      "or build the cluster anew for another 30 days of trial: $rebuild"
  fi
  limit=$(field '.shards_limit // .ram_shards_limit')
  [ "${limit:-0}" -ge 4 ] || die "the licence allows ${limit:-0} shards, the database needs 4 (2 with a replica each)"
  say "licence: until $(field .expiration_date), $limit shards"
}

set_up() {
  build_cluster
  configure_cluster
  check_license
  make_database
  make_health_user
  check_endpoints
  say "done: the database is at port $port of each node"
}

case ${1:-set-up} in
  set-up) set_up ;;
  through-balancer) prove_through_balancer ;;
  *) die "usage: set-up.sh [through-balancer]" ;;
esac
