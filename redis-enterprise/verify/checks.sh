#!/usr/bin/env bash
# What verify.sh asks the cluster itself, from inside the stack's network, in the set-up's image:
#
#   checks.sh cluster IMAGE EMULATOR   every check that disturbs nothing, a row each
#   checks.sh layout                   which node has which primary shard
#   checks.sh keep VALUE               keeps a value in the database
#   checks.sh whole                    waits until every node serves, and says after how many seconds
#   checks.sh returns VALUE            how all nodes come back after they were killed, a row each
#
# A row is four fields with tabs between them: verdict, check, what is expected, what was seen.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# shellcheck source=redis-enterprise/settings.sh
. "$here/settings.sh"
# shellcheck source=redis-enterprise/rest.sh
. "$here/rest.sh"
# shellcheck source=redis-enterprise/definition.sh
. "$here/definition.sh"
# shellcheck source=redis-enterprise/user.sh
. "$here/user.sh"
# shellcheck source=redis-enterprise/endpoints.sh
. "$here/endpoints.sh"
# shellcheck source=redis-enterprise/verify/access.sh
. "$here/verify/access.sh"
# shellcheck source=redis-enterprise/verify/nodes.sh
. "$here/verify/nodes.sh"
# shellcheck source=redis-enterprise/verify/data.sh
. "$here/verify/data.sh"
# shellcheck source=redis-enterprise/verify/recovery.sh
. "$here/verify/recovery.sh"

trap 'exit 143' TERM
trap 'exit 130' INT

# row VERDICT CHECK EXPECTED SEEN: agrees, differs, or open (the answer decides nothing).
row() {
  local text line=
  for text; do
    text=${text//[$'\t\r\n']/ }
    text=${text//|/\\|}
    line+=${line:+$'\t'}${text:0:600}
  done
  printf '%s\n' "$line"
}

# expect CHECK EXPECTED SEEN COMMAND…: a row that agrees when the command succeeds.
expect() {
  local check=$1 expected=$2 seen=$3 verdict=differs
  shift 3
  ! "$@" || verdict=agrees
  row "$verdict" "$check" "$expected" "$seen"
}

# like TEXT PATTERN: whether the text matches the extended regular expression.
like() {
  [[ $1 =~ $2 ]]
}

uid=1
port=12000
image=${2:-}
emulator=${3:-false}
# Names of what is made and removed again.
probe=acd-verify-$RANDOM$RANDOM

case ${1:-} in
  cluster)
    check_nodes
    check_access
    check_data
    ;;
  layout) show_layout ;;
  keep) keep_value "$2" ;;
  whole) wait_until_whole ;;
  returns) check_return "$2" ;;
  *) die "usage: checks.sh cluster|layout|keep|whole|returns" ;;
esac
