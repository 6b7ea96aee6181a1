# shellcheck shell=bash
# shellcheck disable=SC2154 # configuration, the folder: PID 1 sets it
# Checks the environment and derives from it what the configurations need. Sourced by PID 1.

refuse() {
  say "$*"
  exit 2
}

# need NAME…: each is set.
need() {
  local name
  for name in "$@"; do
    [ -n "${!name:-}" ] || refuse "$name is not set"
  done
}

# address NAME…: each is an IPv4 address.
address() {
  local name octet='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
  for name in "$@"; do
    need "$name"
    [[ ${!name} =~ ^$octet(\.$octet){3}$ ]] || refuse "$name is no IPv4 address: ${!name}"
  done
}

# number NAME LEAST MOST
number() {
  if [[ ! ${!1} =~ ^(0|[1-9][0-9]{0,8})$ ]] || ((${!1} < $2 || ${!1} > $3)); then
    refuse "$1 is no whole number from $2 to $3: ${!1}"
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
  refuse "ACD_VIP, ACD_LB1_ADDRESS and ACD_LB2_ADDRESS must be three addresses"
fi
number ACD_VIP_PREFIX 1 32
number ACD_VRRP_ID 1 255
number ACD_RATE_LIMIT 0 100000000
number ACD_HSTS_S 0 999999999
[[ $ACD_VRRP_ADVERT_S =~ ^([0-9]|[1-3][0-9])(\.[0-9]{1,2})?$ && ! $ACD_VRRP_ADVERT_S =~ ^0(\.0*)?$ ]] ||
  refuse "ACD_VRRP_ADVERT_S is no number of seconds from 0.01 to 39.99: $ACD_VRRP_ADVERT_S"
need ACD_STATS_USER ACD_STATS_PASSWORD

data=$configuration/20-data-$ACD_DATA.cfg
[[ $ACD_DATA =~ ^[a-z]+$ && -r $data ]] || refuse "ACD_DATA is no data tier that we know: $ACD_DATA"
if [ "$ACD_DATA" = enterprise ]; then
  address RE1_ADDRESS RE2_ADDRESS RE3_ADDRESS
  need RE_HEALTH_USER RE_HEALTH_PASSWORD
  RE_HEALTH_BASIC=$(printf '%s:%s' "$RE_HEALTH_USER" "$RE_HEALTH_PASSWORD" | base64 --wrap=0)
  export RE_HEALTH_BASIC
else
  address REDIS1_ADDRESS REDIS2_ADDRESS REDIS3_ADDRESS SENTINEL1_ADDRESS SENTINEL2_ADDRESS SENTINEL3_ADDRESS
  need REDIS_PROBE_PASSWORD
  # Sent as it is, in a line of its own.
  [[ $REDIS_PROBE_PASSWORD =~ ^[A-Za-z0-9._~-]+$ ]] || refuse "REDIS_PROBE_PASSWORD: letters and digits only"
fi

# Averaged over ten seconds; no limit is one that nobody reaches.
ACD_RATE_LIMIT_10S=$((ACD_RATE_LIMIT > 0 ? ACD_RATE_LIMIT * 10 - 1 : 4294967295))
export ACD_RATE_LIMIT_10S

# Without them keepalived thinks it is the master and can't take the address, or HAProxy can't leave
# root and signal itself afterwards.
capabilities=$((16#$(awk '$1 == "CapEff:" { print $2 }' /proc/self/status)))
for capability in KILL:5 SETGID:6 SETUID:7 NET_ADMIN:12 NET_RAW:13; do
  ((capabilities >> ${capability#*:} & 1)) ||
    refuse "the capability ${capability%:*} is missing: cap_add it"
done

certificate=$configuration/certificate/server.pem
[ -f "$certificate" ] || refuse "$certificate is missing: mount the key and certificate there"
[ -r "$certificate" ] ||
  refuse "$certificate can't be read: it is another user's, which takes the capability DAC_OVERRIDE"

# Found by the address: after a network was taken away and given back the name is another one.
interface=$(ip -oneline -4 address show to "${!own}/32" | awk 'NR == 1 { print $2 }')
[ -n "$interface" ] || refuse "this container does not have the address in $own: ${!own}"

# keepalived reads no environment; these are parameters of its own.
keepalived_parameters() {
  printf '$%s=%s\n' INTERFACE "$interface" VRRP_ID "$ACD_VRRP_ID" ADVERT "$ACD_VRRP_ADVERT_S" \
    LB1 "$ACD_LB1_ADDRESS" LB2 "$ACD_LB2_ADDRESS" VIP "$ACD_VIP" VIP_PREFIX "$ACD_VIP_PREFIX"
}
