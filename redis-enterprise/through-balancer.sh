# shellcheck shell=bash disable=SC2154 # what set-up.sh and the other parts set or read
# set-up.sh through-balancer, for set-up.sh, which sources this.

# So often in a row: the balancer visits every node, so every node answers for the primary.
visits=6
balancer_deadline=60

# Waits until the cluster's REST API and the database answer through the virtual address ACD_VIP.
prove_through_balancer() {
  local until=$((SECONDS + balancer_deadline)) seen=0 refusals=0 answer=none
  [ -n "${ACD_VIP:-}" ] || die "ACD_VIP is not set: set it in .env"
  while [ "$seen" -lt "$visits" ]; do
    api admin GET "$ACD_VIP" /v1/bdbs
    seen=$((status == 200 ? seen + 1 : 0))
    if [ "$status" = 401 ]; then
      # One may be of a node that has just come back.
      refusals=$((refusals + 1))
      [ "$refusals" -lt 2 ] || die "the cluster refuses $RE_ADMIN_USER at $ACD_VIP:9443, and is not asked again: $locked." \
        "RE_ADMIN_PASSWORD in .env is not the one that the cluster was built with, or the user is locked"
      sleep 5
    fi
    [ "$SECONDS" -lt "$until" ] ||
      die "the cluster does not answer at $ACD_VIP:9443 within $balancer_deadline s: $(reason)"
    [ "$status" = 200 ] || sleep 0.5
  done
  say "the cluster answers at $ACD_VIP:9443, $visits times of $visits"
  until [ "$answer" = PONG ]; do
    answer=$(answer_of "$ACD_VIP" PING)
    [ "$SECONDS" -lt "$until" ] ||
      die "the database does not answer at $ACD_VIP:$port within $balancer_deadline s: $answer"
    [ "$answer" = PONG ] || sleep 0.5
  done
  say "the database answers at $ACD_VIP:$port"
}
