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

# shellcheck source=redis-enterprise/settings.sh
. "$here/settings.sh"
# shellcheck source=redis-enterprise/rest.sh
. "$here/rest.sh"
# shellcheck source=redis-enterprise/cluster.sh
. "$here/cluster.sh"
# shellcheck source=redis-enterprise/policy.sh
. "$here/policy.sh"
# shellcheck source=redis-enterprise/definition.sh
. "$here/definition.sh"
# shellcheck source=redis-enterprise/database.sh
. "$here/database.sh"
# shellcheck source=redis-enterprise/user.sh
. "$here/user.sh"
# shellcheck source=redis-enterprise/endpoints.sh
. "$here/endpoints.sh"
# shellcheck source=redis-enterprise/through-balancer.sh
. "$here/through-balancer.sh"

# As the first process of a container a shell ignores what it has no trap for.
trap 'exit 143' TERM
trap 'exit 130' INT

# Seconds.
node_deadline=${RE_NODE_DEADLINE:-300}
cluster_deadline=300
answer_deadline=120
database_deadline=180

rebuild="containers and volumes of all three nodes have to be made anew (scripts/stop.sh --volumes, then start again; the data is lost)"
locked="Redis Enterprise locks a user for 30 minutes after five wrong passwords"
recover="'COMPOSE_PROFILES=redis docker compose exec re1 rladmin recover all' (or docker-compose) brings databases back from the nodes' own files"

set_up() {
  read_definition
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
  through-balancer)
    read_definition
    prove_through_balancer
    ;;
  *) die "usage: set-up.sh [through-balancer]" ;;
esac
