#!/bin/sh
# One contact from creation to completion, with curl: sh docs/examples/contact.sh [URL]
set -eu
base=${1:-http://127.0.0.1:8000}/v1/centers/main
run=$(date +%s)-$$
agent=ada-$run contact=call-$run

# call METHOD PATH [BODY]: retries while the answer is 408, 429 or 5xx, or there is none. That is safe:
# the ids are ours, so a retry finds what the first attempt created.
call() {
  curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --request "$1" \
    --header 'content-type: application/json' ${3:+--data "$3"} "$base$2"
  echo
}

call POST /agents "{\"id\": \"$agent\", \"first_name\": \"Ada\", \"skills\": [\"sh-$run\"]}"
call PUT "/agents/$agent/state" '{"presence": "ready"}'
call POST /contacts "{\"id\": \"$contact\", \"skills\": [\"sh-$run\"]}"

# Three seconds of the event log as server-sent events. `after=0` is its beginning: a program that
# has read events before gives the id of the last one.
curl --silent --no-buffer --max-time 3 --header 'accept: text/event-stream' "$base/events?after=0" |
  while read -r field value; do
    [ "$field" = data: ] || continue
    case $value in *"\"$contact\""*) echo "$value" ;; *) continue ;; esac
    case $value in *'"contact.assigned"'*) break ;; esac
  done

call GET "/contacts/$contact" | grep '"state":"assigned"'
call GET "/contacts/$contact/explain"
call POST "/contacts/$contact/complete" | grep '"state":"completed"'
call DELETE "/agents/$agent"
