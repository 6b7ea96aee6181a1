# shellcheck shell=bash disable=SC2154 # what set-up.sh and the other parts set or read
# The database, for set-up.sh, which sources this.

uid=

# find_database: sets uid, to nothing when there is none of that name.
find_database() {
  read_api admin "$first" '/v1/bdbs?fields=uid,name,status' "reading the databases"
  uid=$(field ".[] | select(.name == \"$bdb_name\") | .uid")
}

wait_for_database() {
  local until=$((SECONDS + database_deadline)) now
  while true; do
    api admin GET "$first" "/v1/bdbs/$uid"
    now=$(field .status)
    [ "$now" != active ] || return 0
    [ "$now" != creation-failed ] || die "the database could not be made: look at the nodes' logs, delete it, and run this again"
    if [ "$SECONDS" -ge "$until" ]; then
      die "the database is ${now:-not there} and did not become active within $database_deadline s ($(reason));" \
        "if a restart of the nodes brought it there: $recover"
    fi
    sleep 1
  done
}

# refusal: what the last answer to POST /v1/bdbs says: ok, small (the nodes or the licence can't take
# it), again (in a moment), unknown (this version does not know the request), or refused.
refusal() {
  case $status:$(field .error_code):$(field '.description? // .message?') in
    200:*) echo ok ;;
    # The same sentence stands for a node's memory, for its shards, and for the licence's.
    *:insufficient_resources:* | *[Cc]annot\ allocate\ nodes\ for\ shards*) echo small ;;
    # Modules still load, a join is not quite done, busy, or an answer was lost.
    406:missing_module:* | 406:invalid_replication:* | 409:* | 503:* | 000:*) echo again ;;
    403:* | 4??:?*:*) echo refused ;;
    *) echo unknown ;;
  esac
}

# create_database: with the first of the sizes that the nodes can take.
create_database() {
  local size sizes
  mapfile -t sizes < <(database_sizes)
  for size in "${sizes[@]}"; do
    say "creating database $bdb_name at port $port with $((size / 1048576)) MiB in $copies shards, replicas included"
    if try_to_create "$size"; then
      return
    fi
    [ "$size" = "${sizes[-1]}" ] || say "the nodes can't take $((size / 1048576)) MiB ($(reason)): trying less"
  done
  die "the nodes can't take the database: a node has too little free memory for it, or the licence allows fewer shards" \
    "than it needs ($(reason)). It asks for $((size / 1048576)) MiB, replicas included, in $copies shards;" \
    "the licence allows ${licensed:-?}. Lower RE_DATABASE_MEMORY (now ${RE_DATABASE_MEMORY:-$size} bytes), or raise RE_MEMORY" \
    "(${RE_MEMORY:-not known} for each node's container, of which the product takes 2 GiB for itself; it counts for new" \
    "containers: scripts/stop.sh --volumes, then start again), or ask for fewer shards (RE_DATABASE_FILE) or a licence for more"
}

# try_to_create BYTES: true when the database is there, false when it is too large. It is tried dry
# first, so that nothing half-made is left.
try_to_create() {
  local until=$((SECONDS + database_deadline)) request step answer
  request=$(database_request "$1")
  for step in '?dry_run=1' ''; do
    while true; do
      # A version that does not know dry_run may have made it.
      find_database
      [ -z "$uid" ] || return 0
      api admin POST "$first" "/v1/bdbs$step" "$request"
      answer=$(refusal)
      case $answer in
        ok) break ;;
        small) return 1 ;;
        unknown)
          # Only the trial run may be unknown.
          [ -n "$step" ] || die "the database can't be made: $(reason)"
          break
          ;;
        refused) refuse_database ;;
      esac
      [ "$SECONDS" -lt "$until" ] || die "the database can't be made: $(reason)"
      sleep 2
    done
  done
  find_database
  [ -n "$uid" ] || die "the database was accepted, and is not there: look at the nodes' logs"
}

refuse_database() {
  case $status:$(field .error_code) in
    *:port_unavailable) die "port $port belongs to another database: remove that one ($(reason))" ;;
    403:*) die "the licence does not allow the database: $(reason)" ;;
    *) die "the database can't be made: $(reason)" ;;
  esac
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
  different=$(jq --raw-output --argjson wanted "$definition" '
    . as $there | $wanted | to_entries
    | map(select(.key as $key | ["memory_size", "shard_key_regex", "module_list"] | index($key) | not)
          | select($there[.key] != null and $there[.key] != .value)
          | "\(.key) is \($there[.key]), not \(.value)") | join("; ")' <<<"$body" 2>/dev/null || true)
  [ -z "$different" ] || warn "the database differs from its definition and is left as it is: $different"
  if [ -n "${RE_DATABASE_MEMORY:-}" ] && [ "$(field .memory_size)" != "$RE_DATABASE_MEMORY" ]; then
    warn "the database has $(field .memory_size) bytes; RE_DATABASE_MEMORY counts when it is made: change it in the console"
  fi
}

make_database() {
  find_database
  if [ -n "$uid" ]; then
    say "database $bdb_name is there"
  else
    create_database
  fi
  [ "$uid" = "$(jq .uid <<<"$definition")" ] || die "the database $bdb_name has the uid $uid, and the balancers ask for" \
    "$(jq .uid <<<"$definition"): rename or delete it, and run this again"
  wait_for_database
  warn_of_differences
  bring_password_in_line
  say "database $bdb_name is active"
}
