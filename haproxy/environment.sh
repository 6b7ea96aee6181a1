# shellcheck shell=bash
# shellcheck disable=SC2154 # configuration, the directory, is set by PID 1
# Checks the environment and derives the variables that the configuration files use. Sourced by PID 1.

refuse() {
  say "$*"
  exit 2
}

# need NAME…: fails unless each variable is set.
need() {
  local name
  for name in "$@"; do
    [ -n "${!name:-}" ] || refuse "$name is not set"
  done
}

# address NAME…: fails unless each variable is an IPv4 address.
address() {
  local name octet='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
  for name in "$@"; do
    need "$name"
    [[ ${!name} =~ ^$octet(\.$octet){3}$ ]] || refuse "$name is not an IPv4 address: ${!name}"
  done
}

# number NAME MIN MAX: fails unless the variable is a whole number in this range.
number() {
  if [[ ! ${!1} =~ ^(0|[1-9][0-9]{0,8})$ ]] || ((${!1} < $2 || ${!1} > $3)); then
    refuse "$1 is not a whole number from $2 to $3: ${!1}"
  fi
}

: "${ACD_VIP_PREFIX:=24}" "${ACD_VRRP_ID:=51}" "${ACD_VRRP_ADVERT_S:=0.1}" "${ACD_DATA:=enterprise}"
: "${ACD_RATE_LIMIT:=0}" "${ACD_HSTS_S:=0}" "${ACD_NODE:=$HOSTNAME}"
export ACD_HSTS_S

case $ACD_NODE in
  lb1) own=ACD_LB1_ADDRESS ;;
  lb2) own=ACD_LB2_ADDRESS ;;
  *) refuse "ACD_NODE is neither lb1 nor lb2: $ACD_NODE" ;;
esac
address ACD_VIP ACD_LB1_ADDRESS ACD_LB2_ADDRESS
if [ "$ACD_LB1_ADDRESS" = "$ACD_LB2_ADDRESS" ] || [ "$ACD_VIP" = "$ACD_LB1_ADDRESS" ] ||
  [ "$ACD_VIP" = "$ACD_LB2_ADDRESS" ]; then
  refuse "ACD_VIP, ACD_LB1_ADDRESS and ACD_LB2_ADDRESS must be different addresses"
fi
number ACD_VIP_PREFIX 1 32
number ACD_VRRP_ID 1 255
number ACD_RATE_LIMIT 0 100000000
number ACD_HSTS_S 0 999999999
[[ $ACD_VRRP_ADVERT_S =~ ^([0-9]|[1-3][0-9])(\.[0-9]{1,2})?$ && ! $ACD_VRRP_ADVERT_S =~ ^0(\.0*)?$ ]] ||
  refuse "ACD_VRRP_ADVERT_S is not a number of seconds from 0.01 to 39.99: $ACD_VRRP_ADVERT_S"
need ACD_STATS_USER ACD_STATS_PASSWORD

data=$configuration/20-data-$ACD_DATA.cfg
[[ $ACD_DATA =~ ^[a-z]+$ && -r $data ]] || refuse "ACD_DATA is not a known data tier: $ACD_DATA"
if [ "$ACD_DATA" = enterprise ]; then
  address RE1_ADDRESS RE2_ADDRESS RE3_ADDRESS
  need RE_HEALTH_USER RE_HEALTH_PASSWORD
  RE_HEALTH_BASIC=$(printf '%s:%s' "$RE_HEALTH_USER" "$RE_HEALTH_PASSWORD" | base64 --wrap=0)
  export RE_HEALTH_BASIC
else
  address REDIS1_ADDRESS REDIS2_ADDRESS REDIS3_ADDRESS SENTINEL1_ADDRESS SENTINEL2_ADDRESS SENTINEL3_ADDRESS
  need REDIS_PROBE_PASSWORD
  # HAProxy sends it unquoted in a line of the Redis protocol.
  [[ $REDIS_PROBE_PASSWORD =~ ^[A-Za-z0-9._~-]+$ ]] ||
    refuse "REDIS_PROBE_PASSWORD may contain letters, digits and . _ ~ - only"
fi

# The limit for ten seconds; 0 (no limit) becomes the greatest number.
ACD_RATE_LIMIT_10S=$((ACD_RATE_LIMIT > 0 ? ACD_RATE_LIMIT * 10 - 1 : 4294967295))
export ACD_RATE_LIMIT_10S

# Without these capabilities keepalived becomes master but can't add the address, or HAProxy can't change its user
# and signal its worker.
capabilities=$((16#$(awk '$1 == "CapEff:" { print $2 }' /proc/self/status)))
for capability in KILL:5 SETGID:6 SETUID:7 NET_ADMIN:12 NET_RAW:13; do
  ((capabilities >> ${capability#*:} & 1)) ||
    refuse "the capability ${capability%:*} is missing: add it with cap_add"
done

certificate=$configuration/certificate/server.pem
[ -f "$certificate" ] || refuse "$certificate is missing: mount a file with certificate and key there"
[ -r "$certificate" ] ||
  refuse "$certificate can't be read: it belongs to another user, so the capability DAC_OVERRIDE is needed"

# Found by the address, because the name changes when a network is disconnected and connected again.
interface=$(ip -oneline -4 address show to "${!own}/32" | awk 'NR == 1 { print $2 }')
[ -n "$interface" ] || refuse "this container does not have the address in $own: ${!own}"

# Prints parameters for keepalived, whose configuration can't use environment variables.
keepalived_parameters() {
  printf '$%s=%s\n' INTERFACE "$interface" VRRP_ID "$ACD_VRRP_ID" ADVERT "$ACD_VRRP_ADVERT_S" \
    LB1 "$ACD_LB1_ADDRESS" LB2 "$ACD_LB2_ADDRESS" VIP "$ACD_VIP" VIP_PREFIX "$ACD_VIP_PREFIX"
}
