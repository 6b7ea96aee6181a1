# shellcheck shell=bash disable=SC2154 # nodes is common.sh's
# Placement of the servers in the tier cluster. The preferred node of shard s is node s, its replica is on
# the next node, and both use port 638s. So each node has one primary and the replica of another shard:
# redis1 = M1 + S3, redis2 = M2 + S1, redis3 = M3 + S2.

shards=(1 2 3)

home_of() {
  printf '%s' "${nodes[$1 - 1]}"
}

second_of() {
  printf '%s' "${nodes[$1 % 3]}"
}

# ports_of ADDRESS: prints the ports of the two servers of a node.
ports_of() {
  local shard
  for shard in "${shards[@]}"; do
    if [ "$1" = "$(home_of "$shard")" ] || [ "$1" = "$(second_of "$shard")" ]; then
      echo "638$shard"
    fi
  done
}

# is_member FOLDER: whether the server with this data directory belongs to a cluster. A server that lost its
# data but not its nodes.conf would come back as an empty primary, so its nodes.conf is deleted.
is_member() {
  if [ -z "$(ls -A "$1/appendonlydir" 2>/dev/null)" ]; then
    rm -f "$1/nodes.conf"
  fi
  [[ $(grep -cs @ "$1/nodes.conf") -gt 1 ]]
}

# cluster_configuration ADDRESS FOLDER
cluster_configuration() {
  is_member "$2" || cat <<END
# A server that lost its disk has the address from which its former replica replicates: the replica would
# delete its data and be empty, too. So no server may synchronise from this one until attach of
# set-up-cluster.sh has assigned its role.
user default on ~* &* +@all -psync -sync >$REDIS_PASSWORD
END
  cat <<END
cluster-enabled yes
cluster-config-file nodes.conf
cluster-announce-ip $1
# A primary counts as failed after two seconds, and its replica is elected about one second later. A shorter
# time would treat a busy machine as a dead one. Acknowledged writes are on a replica either way.
cluster-node-timeout 2000
# A center is in one shard, so the other shards keep serving while one has no primary.
cluster-require-full-coverage no
# Replicas stay with their primaries.
cluster-allow-replica-migration no
END
}
