# shellcheck shell=bash disable=SC2034,SC2154 # what set-up.sh and the other parts set or read
# The definition of the database, for set-up.sh, which sources this: database.json or, where
# RE_DATABASE_FILE names one, a file of one's own.

# compose.yaml mounts RE_DATABASE_FILE here, and an empty file where it is not set.
own_definition=/opt/acd/database.json
# What the balancers, the application and its data rely on.
required='{ "uid": 1, "port": 12000, "type": "redis", "proxy_policy": "all-nodes", "eviction_policy": "noeviction", "oss_cluster": false }'
# Bytes of a shard: one with the modules of Redis 8 and no data takes some of them.
least_shard=16777216

definition=
bdb_name=
port=
# Shards of the definition, replicas included: what the licence counts.
copies=

# read_definition: sets the above, or says what is wrong with the file.
read_definition() {
  local text
  if [ -d "$own_definition" ]; then
    die "RE_DATABASE_FILE names a folder, or a file that is not there"
  elif [ -e "$own_definition" ] && ! [ -r "$own_definition" ]; then
    die "RE_DATABASE_FILE can't be read by the set-up's container (user $(id -u)): chmod a+r it;" \
      "on SELinux it also needs the type container_file_t"
  elif [ -s "$own_definition" ]; then
    jq --exit-status --slurp 'length == 1 and (.[0] | type == "object")' "$own_definition" >/dev/null 2>&1 \
      || die "RE_DATABASE_FILE holds no single JSON object"
    text=$(<"$own_definition")
    check_definition "$text"
    definition=$(complete_definition "$text")
    say "the database's definition is that of RE_DATABASE_FILE"
    warn_of_definition
  else
    definition=$(jq --compact-output . "$here/database.json")
  fi
  bdb_name=$(jq --raw-output .name <<<"$definition")
  port=$(jq '.port | floor' <<<"$definition")
  copies=$(jq '(.shards_count // 1) * (if .replication == true then 2 else 1 end)' <<<"$definition")
}

# check_definition TEXT: refuses what the balancers or the application can't work with.
check_definition() {
  local wrong
  wrong=$(jq --raw-output --argjson required "$required" '
    def whole($least; $most): type == "number" and . == floor and . >= $least and . <= $most;
    . as $own
    | [ (if (.name | type == "string" and test("^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")) then empty
         else "name: letters, digits, - and _ are needed" end),
        (if .memory_size | whole(1; 1e15) then empty else "memory_size: a number of bytes is needed" end),
        (if .shards_count == null or (.shards_count | whole(1; 512)) then empty
         else "shards_count is no number of shards" end),
        ($required | to_entries[] | select($own[.key] != null and $own[.key] != .value)
         | "\(.key) is \($own[.key] | tojson), and has to be \(.value | tojson)") ]
    | join("; ")' <<<"$1")
  [ -z "$wrong" ] || die "RE_DATABASE_FILE can't serve: $wrong (uid, port and proxy_policy are what the balancers ask for;" \
    "with any eviction_policy but noeviction contacts would be thrown away). Change these, or leave them out"
}

# complete_definition TEXT: with what it leaves out and the stack needs, and without passwords, of
# which those in .env count.
complete_definition() {
  jq --compact-output --argjson required "$required" --slurpfile ours "$here/database.json" '
    $required + .
    | if (.shards_count // 1) > 1 and (.shard_key_regex // []) == [] then
        .sharding = true | .shard_key_regex = $ours[0].shard_key_regex
      else . end
    | with_entries(select(.key | startswith("authentication_") | not))' <<<"$1"
}

# warn_of_definition: what works, and is not what one would want.
warn_of_definition() {
  local line
  while read -r line; do
    [ -z "$line" ] || warn "RE_DATABASE_FILE: $line"
  done < <(jq --raw-output --argjson least "$least_shard" --arg memory "${RE_DATABASE_MEMORY:-}" '
    (.shards_count // 1) as $shards
    | ($shards * (if .replication == true then 2 else 1 end)) as $copies
    | ((if $memory == "" then .memory_size else ($memory | tonumber) end) / $copies | floor) as $each
    | (if $each < $least then
         "\($each) bytes a shard is less than the \($least) that a shard needs to hold more than itself: expect OOM errors at once. Set RE_DATABASE_MEMORY"
       else empty end),
      (if .replication == true then empty
       else "without replication the data of a lost node can not be reached until it is back" end),
      (if .data_persistence == null or .data_persistence == "disabled" then
         "without data_persistence the data is lost when a shard restarts" else empty end)' <<<"$definition")
  if jq --exit-status 'keys | any(startswith("authentication_"))' "$own_definition" >/dev/null; then
    say "the passwords in RE_DATABASE_FILE are not used: RE_DATABASE_PASSWORD of .env is the database's"
  fi
}

# database_request BYTES: the request that makes the database, with its password.
database_request() {
  local modules=null
  # From version 8 on RedisJSON is there without asking; before, it has to be asked for.
  api admin GET "$first" /v1/nodes
  if [ "$(field '.[0].software_version | split(".")[0] | tonumber < 8')" = true ]; then
    modules='[{"module_name":"ReJSON","module_args":""}]'
  fi
  jq --compact-output --argjson modules "$modules" --argjson memory "$1" '
    . + { authentication_redis_pass: env.RE_DATABASE_PASSWORD, memory_size: $memory }
    + (if $modules == null or .module_list != null then {} else { module_list: $modules } end)' <<<"$definition"
}

# database_sizes: the bytes to try, in order. Only our own default gives way.
database_sizes() {
  if [ -n "${RE_DATABASE_MEMORY:-}" ]; then
    echo "$RE_DATABASE_MEMORY"
  elif [ -s "$own_definition" ]; then
    jq '.memory_size | floor' <<<"$definition"
  else
    jq '.memory_size, .memory_size / 2' <<<"$definition"
  fi
}
