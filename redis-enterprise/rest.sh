# shellcheck shell=bash disable=SC2034,SC2154 # what set-up.sh and the other parts set or read
# The cluster's REST API for set-up.sh, which sources this. Passwords go to curl through its
# standard input and to jq through the environment: a command line can be read by others.

# What the last call of api gave: a status (000: no connection), a body and its type, and how many
# redirects it took.
status=000
body=
body_type=
redirects=

# A Host header instead of the address, where it is set.
api_host=

# quoted TEXT: as a string of a curl configuration.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# api WHO METHOD ADDRESS PATH [BODY]: one call as nobody, admin or health. A node that is not the
# primary answers 307 to the address of the one that is, until handle_redirects is on.
api() {
  local who=$1 method=$2 address=$3 path=$4 data=${5:-} answer
  local user=
  case $who in
    admin) user=$RE_ADMIN_USER:$RE_ADMIN_PASSWORD ;;
    health) user=$RE_HEALTH_USER:$RE_HEALTH_PASSWORD ;;
  esac
  answer=$(
    {
      printf 'url = %s\n' "$(quoted "https://$address:9443$path")"
      printf 'request = %s\n' "$method"
      [ -z "$user" ] || printf 'user = %s\n' "$(quoted "$user")"
      [ -z "$api_host" ] || printf 'header = %s\n' "$(quoted "Host: $api_host")"
      if [ -n "$data" ]; then
        printf 'header = "Content-Type: application/json"\n'
        printf 'data = %s\n' "$(quoted "$data")"
      fi
    } | curl --config - --insecure --silent --location-trusted --max-redirs 3 \
      --connect-timeout 3 --max-time 20 --write-out '\n%{http_code} %{num_redirects} %{content_type}'
  ) || true
  read -r status redirects body_type <<<"${answer##*$'\n'}" || true
  body=${answer%$'\n'*}
  [[ $status =~ ^[0-9]{3}$ ]] || status=000
}

# field FILTER: of the last body, nothing when it has none.
field() {
  jq --raw-output "($1) // empty" 2>/dev/null <<<"$body" || true
}

# reason: what the last call says went wrong.
reason() {
  local code description
  code=$(field '.error_code?')
  description=$(field '.description? // .message?')
  if [ "$status" = 000 ]; then
    printf 'no connection'
  else
    printf 'status %s%s%s' "$status" "${code:+, $code}" "${description:+: $description}"
  fi
}

# must_be_ok WHAT: ends the run unless the last call succeeded.
must_be_ok() {
  [ "$status" = 200 ] || die "$1: $(reason)"
}

# bootstrap_state ADDRESS: where a node is. Sets state to starting, idle, busy, failed, member,
# refused (in a cluster that does not know the administrator), and failure, failure_code.
state=
failure=
failure_code=
bootstrap_state() {
  failure=
  failure_code=
  api nobody GET "$1" /v1/bootstrap
  # In a cluster it answers nobody without a password.
  [ "$status" != 401 ] || api admin GET "$1" /v1/bootstrap
  case $status in
    401 | 403) state=refused ;;
    200)
      case $(field '.bootstrap_status.state') in
        idle) state=idle ;;
        completed) state=member ;;
        error)
          state=failed
          failure_code=$(field '.bootstrap_status.error_code')
          failure=$(field '.bootstrap_status.error_details | .message? // tojson')
          ;;
        *) state=busy ;;
      esac
      ;;
    *) state=starting ;;
  esac
}
