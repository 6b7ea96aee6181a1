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

# is_member FOLDER: the server that has its data there belongs to a cluster. One whose data is gone, but not
# what it knew of the others, would come back as the primary that it was, with nothing: it forgets them.
is_member() {
  if [ -z "$(ls -A "$1/appendonlydir" 2>/dev/null)" ]; then
    rm -f "$1/nodes.conf"
  fi
  [[ $(grep -cs @ "$1/nodes.conf") -gt 1 ]]
}

# cluster_configuration ADDRESS FOLDER
cluster_configuration() {
  is_member "$2" || cat <<END
# One whose disk was lost has the address that its replica knows, which would throw away what it has to be
# as empty. Nobody copies this one until it has its place: attach of set-up-cluster.sh gives it that.
user default on ~* &* +@all -psync -sync >$REDIS_PASSWORD
END
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
