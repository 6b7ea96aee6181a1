# shellcheck shell=bash disable=SC2154 # what set-up.sh and the other parts set or read
# The cluster's settings and its licence, for set-up.sh, which sources this.

configure_cluster() {
  local wanted='{"default_sharded_proxy_policy":"all-nodes","default_non_sharded_proxy_policy":"all-nodes","default_shards_placement":"sparse"}'
  read_api admin "$first" /v1/cluster "reading the cluster"
  if [ "$(field .handle_redirects)" != true ]; then
    api admin PUT "$first" /v1/cluster '{"handle_redirects":true}'
    must_be_ok "enabling handle_redirects"
    read_api admin "$first" /v1/cluster "reading the cluster"
    [ "$(field .handle_redirects)" = true ] \
      || die "handle_redirects is still off: run 'rladmin cluster config handle_redirects enabled' on a node, then this again"
    say "every node answers for the primary (handle_redirects is on now)"
  else
    say "every node answers for the primary (handle_redirects is on)"
  fi
  mask_credentials
  read_api admin "$first" /v1/cluster/policy "reading the cluster's policy"
  if [ "$(field "contains($wanted)")" != true ]; then
    api admin PUT "$first" /v1/cluster/policy "$wanted"
    must_be_ok "setting the cluster's policy"
    say "new databases: all-nodes, sparse"
  fi
}

# mask_credentials: without it whoever may view a database reads its password (asked for as the
# balancers' user later). A version that can't is no reason to end.
mask_credentials() {
  [ "$(field .mask_bdb_credentials)" != true ] || return 0
  api admin PUT "$first" /v1/cluster '{"mask_bdb_credentials":true}'
  if [ "$status" != 200 ]; then
    warn "the cluster does not take mask_bdb_credentials ($(reason))"
    return
  fi
  read_api admin "$first" /v1/cluster "reading the cluster"
  if [ "$(field .mask_bdb_credentials)" = true ]; then
    say "databases' passwords are masked in the REST API (mask_bdb_credentials is on now)"
  else
    warn "mask_bdb_credentials is still off, although the cluster took it"
  fi
}

# check_license: sets licensed, the shards that the licence allows.
licensed=
check_license() {
  local expiry
  read_api admin "$first" /v1/license "reading the licence"
  if [ "$(field .expired)" = true ]; then
    expiry=$(field .expiration_date)
    find_database
    if [ -n "$uid" ]; then
      warn "the cluster's licence expired on $expiry: the database is served, nothing can be changed"
      return
    fi
    die "the cluster's licence expired on $expiry: install one (PUT /v1/license, or the console)," \
      "or build the cluster anew for another 30 days of trial: $rebuild"
  fi
  licensed=$(field '.shards_limit // .ram_shards_limit')
  [ "${licensed:-0}" -ge "$copies" ] \
    || die "the licence allows ${licensed:-0} shards, the database needs $copies, replicas included"
  say "licence: until $(field .expiration_date), $licensed shards"
}
