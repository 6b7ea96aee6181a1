# shellcheck shell=bash disable=SC2154 # nodes is common.sh's
# What is where in the cluster tier. Shard s has its home on node s, and its replica on the next one,
# both at port 638s: a client that knows one of its ports knows the other. So each node has one
# primary, and another node's replica: redis1 = M1 + S3, redis2 = M2 + S1, redis3 = M3 + S2.

shards=(1 2 3)

home_of() {
  printf '%s' "${nodes[$1 - 1]}"
}

second_of() {
  printf '%s' "${nodes[$1 % 3]}"
}

# ports_of ADDRESS: of the two servers of a node.
ports_of() {
  local shard
  for shard in "${shards[@]}"; do
    if [ "$1" = "$(home_of "$shard")" ] || [ "$1" = "$(second_of "$shard")" ]; then
      echo "638$shard"
    fi
  done
}

cluster_configuration() {
  cat <<END
cluster-enabled yes
cluster-config-file nodes.conf
cluster-announce-ip $1
# Two seconds until a primary counts as lost, and about one more until its replica has been elected. Less
# would take a busy machine for a dead one; what is acknowledged waits for a replica either way.
cluster-node-timeout 2000
# A center lives in one shard: the others go on while one has no primary.
cluster-require-full-coverage no
# What is where stays where it is.
cluster-allow-replica-migration no
END
}
