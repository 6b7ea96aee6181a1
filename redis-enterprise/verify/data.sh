# shellcheck shell=bash disable=SC2154 # what checks.sh and the other parts set
# The database and its endpoints: for checks.sh, which sources this.

check_data() {
  check_availability
  check_port
  check_trial_runs
  check_shard_memory
  check_modules
}

check_availability() {
  local address path=/v1/local/bdbs/$uid/endpoint/availability seen='' plain=true
  for address in "${nodes[@]}"; do
    api health GET "$address" "$path"
    seen+="${seen:+; }$status, ${redirects:-0} redirects, ${#body} bytes, ${body_type:-no type}"
    [ "$status:${redirects:-0}" = 200:0 ] || plain=false
  done
  expect "Availability of the endpoint, asked of each node as the balancers do" "200 without a redirect from each" "$seen" $plain
  api health GET "$first" "$path"
  expect "Body of that answer" "none, text/html" "${#body} bytes, ${body_type:-no type}" \
    like "${#body}:$body_type" '^0:text/html'
  api_host=database api health GET "$first" "$path"
  expect "The same with a Host header that names nothing" 200 "$(outcome)" [ "$status" = 200 ]
}

# check_port: the balancers close the sessions of a node whose port does not reply to this.
check_port() {
  local address answer seen='' plain=true
  for address in "${nodes[@]}"; do
    answer=$(timeout 5 redis-cli -h "$address" -p "$port" PING 2>&1 || true)
    seen+="${seen:+; }${answer:-no reply}"
    like "$answer" '^(NOAUTH|PONG|ERR|\(error\))' || plain=false
  done
  expect "PING without a password at each node's port, as the balancers send it" "an error or PONG from each" "$seen" $plain
}

# trial DEFINITION: POST /v1/bdbs?dry_run=1; what it made all the same is removed.
trial() {
  local made
  api admin POST "$first" '/v1/bdbs?dry_run=1' "$1"
  seen=$(outcome)
  tried=$status:$(field .error_code):$(field '.description? // .message?')
  api admin GET "$first" '/v1/bdbs?fields=uid,name'
  made=$(field '.[] | select(.name == "acd-verify") | .uid')
  if [ -n "$made" ]; then
    seen+=", and MADE a database"
    tried=made
    api admin DELETE "$first" "/v1/bdbs/$made"
  fi
}

check_trial_runs() {
  local seen tried free used sample="dry_run of an older sample's definition (10 MB, ReJSON, no replicas)"
  local small='insufficient_resources|[Cc]annot allocate nodes for shards'
  trial '{"name":"acd-verify","memory_size":107374182400}'
  expect "dry_run of a database of 100 GiB" "refused, with insufficient_resources or 'Cannot allocate nodes for shards'" "$seen" \
    like "$tried" "^4.*($small)"
  trial "$(jq --compact-output . "$here/verify/older-sample.json")"
  if like "$tried" "^4.*($small)"; then
    api admin GET "$first" /v1/license
    free=$(field '.shards_limit // .ram_shards_limit // 0')
    api admin GET "$first" /v1/shards
    used=$(field length)
    free=$((${free:-0} - ${used:-0}))
    if [ "$free" -lt 2 ]; then
      row open "$sample" "200, where the licence has 2 shards left" "$seen ($free left)"
      return
    fi
  elif [ "$emulator" = true ] && [[ $tried == 406:missing_module:* ]]; then
    row open "$sample" "200, where the EMULATOR has the module" "$seen"
    return
  fi
  expect "$sample" 200 "$seen" like "$tried" '^200:'
}

check_shard_memory() {
  local used shards keys seen check="Memory of a shard (INFO memory, by the number of primaries)"
  keys=$(answer_of "$first" DBSIZE)
  used=$(answer_of "$first" INFO memory | tr -d '\r' | sed -n 's/^used_memory:\([0-9]*\)$/\1/p')
  api admin GET "$first" "/v1/bdbs/$uid"
  shards=$(field .shards_count)
  if [ -z "$used" ] || [ -z "$shards" ]; then
    row differs "INFO memory" "used_memory" "none"
    return
  fi
  seen="$((used / shards)) bytes with $keys keys; memory_size $(field .memory_size), $shards shards, replication $(field .replication)"
  # What a shard takes for itself shows only in an empty one.
  if [[ $keys =~ ^[0-9]+$ ]] && [ "$keys" -gt 1000 ]; then
    row open "$check" "below $least_shard bytes with at most 1000 keys" "$seen"
    return
  fi
  expect "$check" "below $least_shard bytes with at most 1000 keys" "$seen" [ $((used / shards)) -lt "$least_shard" ]
}

check_modules() {
  local listed offered set answer key="verify:{one}:$RANDOM$RANDOM"
  api admin GET "$first" "/v1/bdbs/$uid"
  row open "Version of the database" "of Redis 8" "redis_version $(field .redis_version), version $(field .version)"
  listed=$(field '[.module_list[]?.module_name] | sort | join(", ")')
  api admin GET "$first" /v1/modules
  offered=$(field '[.[] | "\(.module_name // .display_name) \(.semantic_version // .version)"] | sort | unique | join(", ")')
  row open "GET /v1/modules" "ReJSON among them" "${offered:-none}"
  set=$(answer_of "$first" JSON.SET "$key" . '{"a":1}')
  answer=$(answer_of "$first" JSON.GET "$key" .a)
  answer_of "$first" DEL "$key" >/dev/null
  if [ "$emulator" = true ] && [ -z "$listed" ]; then
    expect "JSON in the database" "no JSON where the EMULATOR has no module" "no module listed; JSON.SET: $set" \
      like "$set" 'unknown command|ERR'
  else
    expect "JSON in the database" "ReJSON listed without asking, JSON.SET and JSON.GET work" \
      "listed: ${listed:-none}; JSON.SET: $set; JSON.GET: $answer" \
      [ "$(grep -c ReJSON <<<"$listed"):$set:$answer" = 1:OK:1 ]
  fi
}
