# shellcheck shell=bash disable=SC2034,SC2154 # what set-up.sh and the other parts set or read
# The database and the balancer's user, for set-up.sh, which sources this.

definition=$here/database.json
bdb_name=$(jq --raw-output .name "$definition")
port=$(jq --raw-output .port "$definition")
uid=

# database_request: the definition with the password, and the memory limit if one is set.
database_request() {
  local modules='[]'
  # Before version 8 RedisJSON has to be asked for.
  api admin GET "$first" /v1/nodes
  if [ "$(field '.[0].software_version | split(".")[0] | tonumber < 8')" = true ]; then
    modules='[{"module_name":"ReJSON","module_args":""}]'
  fi
  jq --compact-output --argjson modules "$modules" '
    . + { authentication_redis_pass: env.RE_DATABASE_PASSWORD }
    + (if (env.RE_DATABASE_MEMORY // "") != "" then { memory_size: (env.RE_DATABASE_MEMORY | tonumber) } else {} end)
    + (if $modules == [] then {} else { module_list: $modules } end)' "$definition"
}

# find_database: sets uid, to nothing when there is none of that name.
find_database() {
  api admin GET "$first" '/v1/bdbs?fields=uid,name,status'
  must_be_ok "reading the databases"
  uid=$(field ".[] | select(.name == \"$bdb_name\") | .uid")
}

wait_for_database() {
  local until=$((SECONDS + database_deadline)) now
  while true; do
    api admin GET "$first" "/v1/bdbs/$uid"
    now=$(field .status)
    [ "$now" != active ] || return 0
    [ "$now" != creation-failed ] || die "the database could not be made: look at the nodes' logs, delete it, and run this again"
    [ "$SECONDS" -lt "$until" ] || die "the database is ${now:-not there} and did not become active within $database_deadline s ($(reason))"
    sleep 1
  done
}

create_database() {
  local until=$((SECONDS + database_deadline)) request
  request=$(database_request)
  say "creating database $bdb_name at port $port"
  while [ -z "$uid" ]; do
    api admin POST "$first" /v1/bdbs "$request"
    case $status:$(field .error_code) in
      2*) ;;
      406:missing_module | 406:invalid_replication | 409:* | 503:* | 000:*)
        # Modules still load, a join is not quite done, busy, or an answer was lost.
        [ "$SECONDS" -lt "$until" ] || die "the database can't be made: $(reason)"
        sleep 2
        ;;
      406:insufficient_resources) die "the nodes have too little memory for the database: lower RE_DATABASE_MEMORY in .env ($(reason))" ;;
      406:port_unavailable) die "port $port belongs to another database: remove that one ($(reason))" ;;
      403:*) die "the licence does not allow the database: $(reason)" ;;
      *) die "the database can't be made: $(reason)" ;;
    esac
    find_database
  done
}

# answer_of ADDRESS COMMAND …: what a database's endpoint says.
answer_of() {
  local address=$1
  shift
  REDISCLI_AUTH=$RE_DATABASE_PASSWORD timeout 5 redis-cli -h "$address" -p "$port" "$@" 2>&1 || true
}

# bring_password_in_line: what .env says wins.
bring_password_in_line() {
  local until=$((SECONDS + database_deadline)) answer changed=0
  while true; do
    answer=$(answer_of "$first" PING)
    case $answer in
      PONG) break ;;
      *WRONGPASS* | *NOAUTH* | *"without any password"*)
        if [ "$changed" = 0 ]; then
          api admin PUT "$first" "/v1/bdbs/$uid" \
            "$(jq --null-input --compact-output '{ authentication_redis_pass: env.RE_DATABASE_PASSWORD }')"
          case $status in
            200)
              changed=1
              wait_for_database
              ;;
            409 | 503) ;; # busy: in a moment again
            *) die "the database's password can't be changed: $(reason)" ;;
          esac
        fi
        ;;
    esac
    [ "$SECONDS" -lt "$until" ] || die "the database at $first:$port does not answer PING: ${answer:-nothing}"
    sleep 1
  done
  [ "$changed" = 0 ] || say "the database had another password: it has that of .env now (restart what connects with the old one)"
}

# warn_of_differences: what was made stays as it is.
warn_of_differences() {
  local different
  different=$(jq --raw-output --slurpfile wanted "$definition" '
    . as $there | $wanted[0] | to_entries
    | map(select(.key as $key | ["memory_size", "shard_key_regex"] | index($key) | not)
          | select($there[.key] != null and $there[.key] != .value)
          | "\(.key) is \($there[.key]), not \(.value)") | join("; ")' <<<"$body" 2>/dev/null || true)
  [ -z "$different" ] || say "WARNING: the database differs from its definition and is left as it is: $different"
}

make_database() {
  find_database
  if [ -n "$uid" ]; then
    say "database $bdb_name is there"
  else
    create_database
  fi
  [ "$uid" = "$(jq .uid "$definition")" ] || die "the database $bdb_name has the uid $uid, and the balancers ask for" \
    "$(jq .uid "$definition"): rename or delete it, and run this again"
  wait_for_database
  warn_of_differences
  bring_password_in_line
  say "database $bdb_name is active"
}

# viewer_role: how a user is given the role db_viewer, which depends on the version.
viewer_role() {
  local role
  api admin GET "$first" /v1/roles
  role=$(field '[.[] | select(.management == "db_viewer")][0].uid')
  if [ "$status" = 200 ] && [ -n "$role" ]; then
    printf '{"role_uids":[%s]}' "$role"
  else
    printf '{"role":"db_viewer"}'
  fi
}

make_health_user() {
  local user role request
  api admin GET "$first" /v1/users
  must_be_ok "reading the users"
  user=$(field '[.[] | select(.email == env.RE_HEALTH_USER)][0].uid')
  role=$(viewer_role)
  if [ -z "$user" ]; then
    request=$(jq --null-input --compact-output --argjson role "$role" '
      { email: env.RE_HEALTH_USER, password: env.RE_HEALTH_PASSWORD, name: env.RE_HEALTH_USER, email_alerts: false } + $role')
    api admin POST "$first" /v1/users "$request"
    must_be_ok "making the user $RE_HEALTH_USER"
    say "user $RE_HEALTH_USER may look at databases"
  else
    api admin GET "$first" "/v1/users/$user"
    if [ "$(field "contains($role)")" != true ]; then
      api admin PUT "$first" "/v1/users/$user" "$role"
      must_be_ok "giving $RE_HEALTH_USER the role db_viewer"
      say "user $RE_HEALTH_USER had another role: it is a db_viewer now"
    fi
    # Not set here: balancers that run would lose the database at once, and their checks would lock
    # the user.
    api health GET "$first" "/v1/bdbs/$uid"
    [ "$status" != 401 ] || die "RE_HEALTH_PASSWORD is not that of $RE_HEALTH_USER, or the user is locked ($locked):" \
      "put it back, or set another RE_HEALTH_USER with it, who is made beside this one"
  fi
}

# check_endpoints: each node as the balancer and a client will see it.
check_endpoints() {
  local address until
  for address in "${nodes[@]}"; do
    until=$((SECONDS + database_deadline))
    while true; do
      api health GET "$address" "/v1/local/bdbs/$uid/endpoint/availability"
      [ "$status" != 200 ] || break
      [ "$SECONDS" -lt "$until" ] || die "the endpoint of node $address is not available to $RE_HEALTH_USER: $(reason)"
      sleep 1
    done
    smoke_test "$address"
    say "node $address: endpoint available, reads, writes and runs scripts"
  done
}

# smoke_test ADDRESS: keys of different slots, written and read and removed.
smoke_test() {
  local address=$1 tag key answer
  for tag in one two; do
    key="set-up:{$tag}:$RANDOM$RANDOM"
    for call in "PONG|PING" "OK|SET $key $tag EX 60" "$tag|GET $key" "1|DEL $key"; do
      # The words of a command, on purpose.
      # shellcheck disable=SC2086
      answer=$(answer_of "$address" ${call#*|})
      if [[ $answer == OOM* ]]; then
        say "WARNING: the database is full: it takes nothing new until something has ended"
        return
      fi
      [ "$answer" = "${call%%|*}" ] || die "the database at $address:$port answers ${call#*|} with: $answer"
    done
    answer=$(answer_of "$address" EVAL 'return KEYS[1]' 1 "$key")
    [ "$answer" = "$key" ] || die "the database at $address:$port answers EVAL with: $answer"
  done
}
