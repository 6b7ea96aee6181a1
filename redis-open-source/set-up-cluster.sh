# shellcheck shell=bash disable=SC2154 # the arrays are common.sh's and shards.sh's
# The cluster tier, for set-up.sh, which sources this.

# instances: prints address and port of all six servers, the preferred primaries first.
instances() {
  local shard
  for shard in "${shards[@]}"; do
    echo "$(home_of "$shard") 638$shard"
  done
  for shard in "${shards[@]}"; do
    echo "$(second_of "$shard") 638$shard"
  done
}

# role_of ADDRESS PORT: prints master, slave, or nothing if the server does not answer.
role_of() {
  ask "$1" "$2" INFO replication | line role
}

is_primary() {
  [ "$(role_of "$1" "$2")" = master ]
}

# slots_of ADDRESS PORT: prints the slot ranges that the server serves itself.
slots_of() {
  ask "$1" "$2" CLUSTER NODES | awk '$3 ~ /myself/ { for (i = 9; i <= NF; i++) print $i }'
}

all_answer() {
  local address port
  while read -r address port; do
    answers "$address" "$port" || return 1
  done < <(instances)
}

# built: every slot is assigned, by the report of any server. (A server that lost its disk has no
# knowledge of the cluster.)
built() {
  local address port info
  while read -r address port; do
    info=$(ask "$address" "$port" CLUSTER INFO)
    if [ "$(line cluster_slots_assigned <<<"$info")" = 16384 ] &&
      [ "$(line cluster_known_nodes <<<"$info")" -ge 3 ]; then
      return 0
    fi
  done < <(instances)
  return 1
}

# Resets what an interrupted attempt left behind, which --cluster create would refuse. Fails if any server
# has keys.
clear_attempt() {
  local address port answer
  while read -r address port; do
    answer=$(ask "$address" "$port" DBSIZE)
    [ "$answer" = 0 ] || die "$(node_of "$address"):$port has $answer keys, but the cluster is incomplete: see scripts/status.sh"
  done < <(instances)
  while read -r address port; do
    ask "$address" "$port" CLUSTER RESET HARD >/dev/null
  done < <(instances)
}

# Creates a cluster with one primary on each node. attach adds the replicas: --cluster create would choose
# their nodes itself.
build() {
  local shard primaries=()
  for _ in {1..10}; do
    ! built || return 0
    sleep 0.3
  done
  clear_attempt
  for shard in "${shards[@]}"; do
    primaries+=("$(home_of "$shard"):638$shard")
  done
  say "creating the cluster of ${primaries[*]}"
  REDISCLI_AUTH=$REDIS_PASSWORD acd-redis-cli --cluster create "${primaries[@]}" --cluster-yes >"/tmp/create" 2>&1 </dev/null || {
    tail -n 3 /tmp/create >&2
    die "the cluster could not be created"
  }
  until_ok 30 "every slot is served" built
}

# attach SHARD: makes the server of the shard that serves no slots the replica of the other one. Fails with a
# reason until that is done.
attach() {
  local shard=$1 port=638$1 primary replica address id
  primary=$(home_of "$shard") replica=$(second_of "$shard")
  if [ -z "$(slots_of "$primary" "$port")" ]; then
    primary=$(second_of "$shard") replica=$(home_of "$shard")
    [ -n "$(slots_of "$primary" "$port")" ] || {
      echo "no server at port $port serves any slots: see docs/how-to/recover-a-lost-disk.md"
      return 1
    }
  fi
  # From now on replicas may synchronise from them: see cluster_configuration.
  for address in "$primary" "$replica"; do
    [ "$(ask "$address" "$port" ACL SETUSER default +psync +sync)" = OK ] || {
      echo "$(node_of "$address"):$port does not answer"
      return 1
    }
  done
  id=$(ask "$primary" "$port" CLUSTER MYID)
  if ! ask "$replica" "$port" CLUSTER NODES | grep -q "^$id "; then
    ask "$replica" "$port" CLUSTER MEET "$primary" "$port" >/dev/null
    echo "$(node_of "$replica"):$port is joining the cluster"
    return 1
  fi
  [ "$(ask "$replica" "$port" CLUSTER NODES | awk '$3 ~ /myself/ { print $4 }')" != "$id" ] || return 0
  ask "$replica" "$port" CLUSTER REPLICATE "$id"
  return 1
}

# forget_lost: removes the ids of servers that no longer exist. A server that lost its data has a new id,
# and the other servers would keep trying to reach the old one.
forget_lost() {
  local address port id ids=()
  while read -r address port; do
    id=$(ask "$address" "$port" CLUSTER MYID)
    # If a server does not answer, its id is unknown, so nothing is removed.
    [[ $id =~ ^[0-9a-f]{40}$ ]] || return 0
    ids+=("$id")
  done < <(instances)
  while read -r address port; do
    while read -r id _; do
      [[ -z $id || " ${ids[*]} " == *" $id "* ]] || ask "$address" "$port" CLUSTER FORGET "$id" >/dev/null
    done < <(ask "$address" "$port" CLUSTER NODES | awk '$3 !~ /handshake/ { print $1 }')
  done < <(instances)
}

# whole: all six servers know each other, all slots are served, and each shard has a replica in sync.
whole() {
  local address port info
  while read -r address port; do
    info=$(ask "$address" "$port" CLUSTER INFO)
    [ "$(line cluster_state <<<"$info") $(line cluster_known_nodes <<<"$info") $(line cluster_slots_ok <<<"$info") $(line cluster_size <<<"$info")" = "ok 6 16384 3" ] || {
      echo "$(node_of "$address"):$port: state $(line cluster_state <<<"$info"), $(line cluster_known_nodes <<<"$info") nodes, $(line cluster_slots_ok <<<"$info") slots"
      return 1
    }
    info=$(ask "$address" "$port" INFO replication)
    [ "$(line role <<<"$info")" = master ] && [ "$(line connected_slaves <<<"$info")" = 1 ] ||
      [ "$(line master_link_status <<<"$info")" = up ] || {
      echo "$(node_of "$address"):$port is not in sync"
      return 1
    }
  done < <(instances)
}

set_up() {
  local shard
  until_ok 120 "all six servers answer" all_answer
  build
  for shard in "${shards[@]}"; do
    until_ok 60 "shard $shard has its replica" attach "$shard"
  done
  forget_lost
  until_ok 60 "the cluster is complete" whole
  say "three primaries with a replica each, every slot is served"
}

# promote ADDRESS PORT: makes a replica the primary. Its primary pauses writes until the replica has caught
# up, so no write is lost.
promote() {
  local answer
  answer=$(ask "$1" "$2" CLUSTER FAILOVER)
  [ "$answer" = OK ] || die "$(node_of "$1"):$2 refused CLUSTER FAILOVER: ${answer:-no answer}"
  until_ok 10 "$(node_of "$1"):$2 is a primary" is_primary "$1" "$2"
  say "$(node_of "$1"):$2 is the primary of its shard"
}

# switch NODE: moves every primary on NODE to the node with its replica.
switch() {
  local node=$1 address=${1:+${1^^}_ADDRESS} shard home second why
  [ -n "$node" ] || die "a node is required, whose primaries move: scripts/failover.sh redis1"
  address=${!address}
  why=$(whole) || die "a switch is not possible now: $why"
  for shard in "${shards[@]}"; do
    home=$(home_of "$shard") second=$(second_of "$shard")
    if [ "$address" = "$home" ] && [ "$(role_of "$home" "638$shard")" = master ]; then
      promote "$second" "638$shard"
    elif [ "$address" = "$second" ] && [ "$(role_of "$second" "638$shard")" = master ]; then
      promote "$home" "638$shard"
    fi
  done
  until_ok 60 "the cluster is complete" whole
  say "$node has no primary"
}

leave() {
  switch "$1"
}

home() {
  local shard why
  why=$(whole) || die "a switch is not possible now: $why"
  for shard in "${shards[@]}"; do
    [ "$(role_of "$(home_of "$shard")" "638$shard")" = master ] || promote "$(home_of "$shard")" "638$shard"
  done
  until_ok 60 "the cluster is complete" whole
  say "each node has the primary of its own shard"
}
