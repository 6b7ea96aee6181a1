# shellcheck shell=bash disable=SC2154 # what set-up.sh and the other parts set or read
# The balancers' user and its role, for set-up.sh, which sources this.

# Ours by name: another role that may view databases may have been given data besides.
role_name=acd-balancer
role=

# ensure_role: sets role, its number. A cluster has no role but Admin until some are made.
ensure_role() {
  local management
  read_api admin "$first" /v1/roles "reading the roles"
  role=$(field ".[] | select(.name == \"$role_name\") | .uid")
  if [ -z "$role" ]; then
    api admin POST "$first" /v1/roles \
      "$(jq --null-input --compact-output --arg name "$role_name" '{ name: $name, management: "db_viewer" }')"
    must_be_ok "making the role $role_name"
    role=$(field .uid)
    [[ $role =~ ^[0-9]+$ ]] || die "the role $role_name was made, and the answer has no uid"
    say "role $role_name may view databases"
    return
  fi
  management=$(field ".[] | select(.name == \"$role_name\") | .management")
  [ "$management" = db_viewer ] \
    || die "the role $role_name is there with the management role ${management:-none}, and the balancers' user must have no more" \
      "and no less than db_viewer: rename or delete that role, and run this again"
}

make_health_user() {
  local user request
  ensure_role
  read_api admin "$first" /v1/users "reading the users"
  user=$(field '[.[] | select(.email == env.RE_HEALTH_USER)][0].uid')
  if [ -z "$user" ]; then
    request=$(jq --null-input --compact-output --argjson role "$role" '
      { email: env.RE_HEALTH_USER, password: env.RE_HEALTH_PASSWORD, name: env.RE_HEALTH_USER, email_alerts: false,
        role_uids: [$role] }')
    api admin POST "$first" /v1/users "$request"
    must_be_ok "making the user $RE_HEALTH_USER"
    say "user $RE_HEALTH_USER has the role $role_name"
  else
    read_api admin "$first" "/v1/users/$user" "reading the user $RE_HEALTH_USER"
    if [ "$(field ".role_uids == [$role]")" != true ]; then
      api admin PUT "$first" "/v1/users/$user" "{\"role_uids\":[$role]}"
      must_be_ok "giving $RE_HEALTH_USER the role $role_name"
      say "user $RE_HEALTH_USER had another role: it has $role_name now"
    fi
  fi
  # The password is not set here: balancers that run would lose the database at once, and their
  # checks would lock the user.
  until_answered health "$first" "/v1/bdbs/$uid"
  [ "$status" != 401 ] || die "RE_HEALTH_PASSWORD is not that of $RE_HEALTH_USER, or the user is locked ($locked):" \
    "put it back, or set another RE_HEALTH_USER with it, who is made beside this one"
  must_be_ok "reading the database as $RE_HEALTH_USER"
  prove_masking
}

# shows_password: whether the last body gives away a password of the database: ours anywhere, unless it
# is so short that it may be another word, or one of the fields with ours or anything but a mask in it.
shows_password() {
  # A variable of jq's.
  # shellcheck disable=SC2016
  [ "$(field '
    [ (env.RE_DATABASE_PASSWORD as $ours | .. | strings | ($ours | length) >= 12 and contains($ours)),
      (.. | objects | to_entries[]
       | select(.key == "authentication_redis_pass" or .key == "authentication_admin_pass")
       | .value | strings
       | . != "" and (. == env.RE_DATABASE_PASSWORD or (test("^[^a-z0-9]*((masked|redacted|hidden)[^a-z0-9]*)?$"; "i") | not)))
    ] | any')" = true ]
}

# prove_masking: after GET of the database as the balancers' user.
prove_masking() {
  if [ "$(field '.uid | tostring')" != "$uid" ]; then
    warn "what $RE_HEALTH_USER reads of the database is not the database: whether its password is shown is not known"
  elif shows_password; then
    warn "$RE_HEALTH_USER can read the database's password over the REST API, although mask_bdb_credentials was asked for." \
      "Whoever has RE_HEALTH_PASSWORD, which is in the environment of both balancers, has the data."
    warn "Ways out: turn on the masking of database credentials in the console or with PUT /v1/cluster" \
      '{"mask_bdb_credentials":true} and run this again; upgrade the cluster; or let nobody reach port 9443 and' \
      "the balancers' environment who may not have the data."
  else
    say "the database's password is not shown to $RE_HEALTH_USER"
  fi
}
