# shellcheck shell=bash disable=SC2154 # what checks.sh and the other parts set
# Roles, users and what they are shown: for checks.sh, which sources this.

probe_role=
probe_user=

check_access() {
  local seen
  api admin GET "$first" /v1/cluster
  expect "GET /v1/cluster" "handle_redirects true, mask_bdb_credentials true" \
    "$(field '"handle_redirects \(.handle_redirects), mask_bdb_credentials \(.mask_bdb_credentials)"')" \
    [ "$(field '.handle_redirects == true and .mask_bdb_credentials == true')" = true ]

  sweep
  api admin GET "$first" /v1/roles
  seen=$(field '[.[] | "\(.name) (\(.management))"] | sort | join(", ")')
  expect "Roles of a cluster that was built here" "Admin (admin), $role_name (db_viewer), and no other" "${seen:-$(reason)}" \
    [ "$seen" = "Admin (admin), $role_name (db_viewer)" ]
  trap remove_probes EXIT
  check_new_role
  check_new_user
  remove_probes
  trap - EXIT
  check_masking health "the balancers' user"
  check_masking admin "the administrator"
}

check_new_role() {
  local request
  request=$(jq --null-input --compact-output --arg name "$probe" '{ name: $name, management: "db_viewer" }')
  api admin POST "$first" /v1/roles "$request"
  probe_role=$(field .uid)
  expect "POST /v1/roles with name and management" "200 and a uid" "$(outcome)" \
    [ "$status:${probe_role:+uid}" = 200:uid ]
  api admin POST "$first" /v1/roles "$request"
  expect "The same role once more" "400 name_already_exists" "$(outcome)" \
    [ "$status:$(field .error_code)" = 400:name_already_exists ]
}

check_new_user() {
  local password request
  # Nobody logs in with it, and it lives for a moment.
  password=$(head -c 18 /dev/urandom | base64 | tr '+/' 'xy')
  request=$(probe="$probe@acd.local" password="$password" jq --null-input --compact-output \
    '{ email: env.probe, name: env.probe, password: env.password, email_alerts: false }')
  api admin POST "$first" /v1/users "$(jq --compact-output '. + { role: "db_viewer" }' <<<"$request")"
  # Made all the same: it has to go.
  probe_user=$(field .uid)
  expect "POST /v1/users with the old field role" "refused with role_not_exist" "$(outcome)" \
    like "$status:$(field .error_code)" '^4[0-9]{2}:role_not_exist$'
  [ -z "$probe_user" ] || remove_user
  [ -n "$probe_role" ] || return 0
  api admin POST "$first" /v1/users \
    "$(jq --compact-output --argjson role "$probe_role" '. + { role_uids: [$role] }' <<<"$request")"
  probe_user=$(field .uid)
  expect "POST /v1/users with role_uids" "200 and a uid" "$(outcome)" [ "$status:${probe_user:+uid}" = 200:uid ]
}

remove_user() {
  api admin DELETE "$first" "/v1/users/$probe_user"
  probe_user=
}

# sweep: removes what a run that was killed has left: users first, because a role in use can't go.
sweep() {
  local kind id
  for kind in users roles; do
    api admin GET "$first" "/v1/$kind"
    for id in $(field '.[] | select((.name // "") | startswith("acd-verify-")) | .uid'); do
      api admin DELETE "$first" "/v1/$kind/$id"
    done
  done
}

# remove_probes: what the checks above made, also when they were interrupted.
remove_probes() {
  local seen=
  [ -z "$probe_user" ] || { remove_user && seen="user $status"; }
  if [ -n "$probe_role" ]; then
    api admin DELETE "$first" "/v1/roles/$probe_role"
    probe_role=
    seen+="${seen:+, }role $status"
  fi
  [ -z "$seen" ] || expect "Removing both again" "user 200, role 200" "$seen" [ "$seen" = "user 200, role 200" ]
}

# check_masking WHO NAME: what the fields look like, without telling what is in them.
check_masking() {
  local seen verdict=agrees
  api "$1" GET "$first" "/v1/bdbs/$uid"
  if [ "$status" != 200 ]; then
    verdict=differs seen=$(outcome)
  else
    # A variable of jq's.
    # shellcheck disable=SC2016
    seen=$(field '[ ("authentication_redis_pass", "authentication_admin_pass") as $key
      | "\($key): \(if .[$key] == null then "not there" elif .[$key] == "" then "empty"
          elif (.[$key] | tostring | test("^[*]+$")) then "masked with *"
          elif .[$key] == env.RE_DATABASE_PASSWORD then "IN PLAIN"
          else "\(.[$key] | tostring | length) characters of another text" end)" ] | join(", ")')
    ! shows_password || verdict=differs
  fi
  row "$verdict" "GET /v1/bdbs/$uid as $2" "200, and no password in it" "$seen"
}

# outcome: status and error of the last call, and no more of its body.
outcome() {
  local code text
  code=$(field '.error_code?')
  text=$(field '.description? // .message?')
  printf '%s%s%s' "$status" "${code:+ $code}" "${text:+: $text}"
}
