#!/bin/bash
# From a fresh Debian 12 or Raspberry Pi OS (Lite, 64-bit) to a running centre, hub or kiosk; run again with a newer program it is the upgrade.
#
#   sudo provisioning/install.sh centre --host ADDRESS [--pieces N] [--url https://tiem.example.vn/] [--backup MOUNT]
#   sudo provisioning/install.sh kiosk [--kit FOLDER]
#   sudo provisioning/install.sh hub --kit FOLDER
#   ... --prepare    packages and program only: for an image of a card, where nothing runs
#
# It says each thing it does, does only what is not done yet, and keeps every file of settings that is there. A program that does not start
# is taken back: the one before runs again. Where there is no network: a folder of wheels, by `sudo env PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER ...`.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
umask 022

SOURCE=$(cd "$(dirname "$0")/.." && pwd)
HOME_OF_PROGRAM=/opt/tram
RELEASES=/opt/tram-releases
PYTHONS=/opt/tram-python
UNITS=/etc/systemd/system
STATE=/var/lib/tram-server
# A kiosk is READY when its screens answer, the centre when its page does.
PATIENCE_S=${PATIENCE_S:-120}
KEPT_RELEASES=3

say() { printf '%s\n' "$*"; }
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }

# ---- what every machine needs ----

packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q '^install ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return
  say "Installing packages: ${missing[*]}"
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null >/dev/null
}

# user NAME HOME [GROUP...]: nobody signs in as it.
user() {
  local name=$1 home=$2 group; shift 2
  if ! id "$name" >/dev/null 2>&1; then
    say "Adding user $name"
    useradd --system --user-group --home-dir "$home" --no-create-home --shell /usr/sbin/nologin "$name"
  fi
  for group in "$@"; do
    if getent group "$group" >/dev/null && ! id -nG "$name" | grep -qw "$group"; then usermod -aG "$group" "$name"; fi
  done
}

# put FROM TO [MODE]: true when TO was another one, or none.
put() {
  cmp -s "$1" "$2" && return 1
  say "Writing $2"
  # Callers ask in conditions, where bash stops at no error.
  install -D -m "${3:-0644}" "$1" "$2" || fail "$2 cannot be written."
}

# put_once TO OWNER MODE, text from standard input: never over what somebody wrote.
put_once() {
  if [ -e "$1" ]; then cat >/dev/null; return; fi
  say "Writing $1"
  install -d "$(dirname "$1")"
  install -o "${2%:*}" -g "${2#*:}" -m "$3" /dev/stdin "$1"
}

# The pinned packages, in a place named after their pins: releases with the same pins share it.
python_of() {
  local release=$1 options=${2:-} name place
  name=$({ cat "$release/requirements/run.txt"; /usr/bin/python3 --version; echo "$options"; } | sha256sum | cut -c1-12)
  place=$PYTHONS/$name
  if [ ! -e "$place/whole" ]; then
    say "Making Python's environment with the pinned packages in $place"
    rm -rf "$place"
    # shellcheck disable=SC2086 # no option is no word
    /usr/bin/python3 -m venv $options "$place"
    "$place/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement "$release/requirements/run.txt"
    # The services may not write there: what is not compiled now would be compiled at each start.
    "$place/bin/python" -m compileall -q -j 0 "$place/lib" >/dev/null || true
    touch "$place/whole"
  fi
  ln -sfn "$place" "$release/.venv"
}

# Lays the program beside the one that runs and says its place in $RELEASE; `activate` makes it the one that counts.
program() {
  local name
  if [ "$SOURCE" = "$(readlink -f "$HOME_OF_PROGRAM")" ]; then RELEASE=$SOURCE; return; fi
  name=$(cd "$SOURCE" && find kiosk protocol server provisioning requirements -type f -not -path '*/__pycache__/*' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
  RELEASE=$RELEASES/$name
  [ -e "$RELEASE/whole" ] && return
  say "Laying the program into $RELEASE"
  rm -rf "$RELEASE"
  install -d "$RELEASE"
  (cd "$SOURCE" && tar -c --exclude=__pycache__ --owner=root --group=root --mode=go-w,a+rX \
    kiosk protocol server provisioning requirements README.md CHANGELOG.md LICENSE SECURITY.md) | tar -x -C "$RELEASE"
  python_of "$RELEASE" "${1:-}"
  "$RELEASE/.venv/bin/python" -m compileall -q "$RELEASE/kiosk" "$RELEASE/protocol" "$RELEASE/server" "$RELEASE/provisioning"
  touch "$RELEASE/whole"
}

activate() {
  BEFORE=$(readlink -f "$HOME_OF_PROGRAM" || true)
  [ "$BEFORE" = "$RELEASE" ] && return 1
  [ ! -e "$HOME_OF_PROGRAM" ] || [ -L "$HOME_OF_PROGRAM" ] || fail "$HOME_OF_PROGRAM is a folder: move it away, this makes a link of that name."
  say "$HOME_OF_PROGRAM is now $RELEASE"
  point_at "$RELEASE"
}

point_at() {
  { ln -sfn "$1" "$HOME_OF_PROGRAM.new" && mv -T "$HOME_OF_PROGRAM.new" "$HOME_OF_PROGRAM"; } || fail "$HOME_OF_PROGRAM cannot be changed."
}

# go_back NAME...: the program before runs again, where there is one; ends the installation.
go_back() {
  if [ -n "${BEFORE:-}" ] && [ -e "$BEFORE/whole" ] && [ "$BEFORE" != "$RELEASE" ]; then
    say "It does not run. Going back to $BEFORE"
    point_at "$BEFORE"
    systemctl restart "$@" || true
    settled "$@" && fail "the new program did not start; the one before runs again. What it said stands above."
  fi
  fail "not running: $*. What it said stands above."
}

forget_old_releases() {
  # shellcheck disable=SC2012 # our own names: twelve hexadecimal digits
  ls -1dt "$RELEASES"/*/ | tail -n +$((KEPT_RELEASES + 1)) | while read -r old; do
    [ "${old%/}" = "$(readlink -f "$HOME_OF_PROGRAM")" ] || { say "Removing $old"; rm -rf "$old"; }
  done
}

# settled NAME...: each is active, and was not started again for three seconds.
settled() {
  local end=$((SECONDS + PATIENCE_S)) before now
  while [ $SECONDS -lt $end ]; do
    if systemctl is-active --quiet "$@"; then
      before=$(systemctl show -p NRestarts,MainPID "$@"); sleep 3; now=$(systemctl show -p NRestarts,MainPID "$@")
      [ "$before" = "$now" ] && systemctl is-active --quiet "$@" && answers && return
    fi
    sleep 0.5
  done
  return 1
}

answers() { true; }

# begin NAME...: enabled and running with the program that counts; where they do not settle, the program before is put back.
begin() {
  systemctl daemon-reload
  systemctl enable --quiet "$@"
  if [ "$CHANGED" = 1 ]; then say "Starting: $*"; systemctl restart "$@" || true; else systemctl start "$@" || true; fi
  if settled "$@"; then say "Running: $*"; return; fi
  journalctl --no-pager -n 30 $(printf -- '-u %s ' "$@") >&2 || true
  go_back "$@"
}

clock() {
  # A server without the right time refuses certificates; a kiosk only trusts a clock that somebody vouches for.
  local other
  for other in chrony ntpsec ntp openntpd; do
    # Two of them exclude each other: whoever chose one keeps it.
    dpkg-query -W -f='${Status}' "$other" 2>/dev/null | grep -q '^install ok installed' && return
  done
  packages systemd-timesyncd
  systemctl enable --quiet systemd-timesyncd 2>/dev/null || true
}

# ---- the three kinds of machine ----

broker() {
  install -d -o mosquitto -g mosquitto -m 0700 /etc/tram/broker
  put "$RELEASE/provisioning/systemd/mosquitto.service.d/tram.conf" "$UNITS/mosquitto.service.d/tram.conf" && BROKER_CHANGED=1
  return 0
}

# carry FILE...: from the keys' folder to the broker, whole.
carry() {
  local from=$1 name; shift
  for name in "$@"; do
    cmp -s "$from/$name" "/etc/tram/broker/$name" && continue
    install -o mosquitto -g mosquitto -m 0600 "$from/$name" "/etc/tram/broker/$name.new"
    mv "/etc/tram/broker/$name.new" "/etc/tram/broker/$name"
    BROKER_CHANGED=1
  done
}

# command_of NAME USER MODULE-AND-ARGUMENTS: /usr/local/bin/NAME runs the program's own commands as its user.
command_of() {
  local name=$1 user=$2; shift 2
  cat > /run/tram-command <<EOF
#!/bin/sh
# Written by Tram's install.sh.
umask 077
cd $HOME_OF_PROGRAM
exec runuser -u $user -- $HOME_OF_PROGRAM/.venv/bin/python -m $*
EOF
  put /run/tram-command "/usr/local/bin/$name" 0755 || true
}

centre() {
  # Which of the two sizes it is was said when it was made.
  local made
  made=$({ find "$UNITS/tram-centre.target.wants" -name 'tram-worker@*' 2>/dev/null || true; } | wc -l)
  if [ "$made" != 0 ] && [ "$PIECES" = 0 ]; then PIECES=$made; fi
  if [ "$PIECES" != 0 ] && systemctl is-enabled --quiet tram-server 2>/dev/null; then
    fail "this centre is one process: back it up, disable tram-server, name the new database in /etc/tram/server.toml, restore, then --pieces."
  fi
  [ "$PREPARE" = 1 ] || [ -n "$HOST" ] || [ -e /etc/tram/server.toml ] || fail "centre needs --host: the name or address under which kiosks reach this machine."
  [ "$PREPARE" = 1 ] || [ -z "$BACKUP" ] || mountpoint -q "$BACKUP" || fail "--backup needs the mount point of another machine's disk; $BACKUP is none."
  packages python3-venv mosquitto
  [ "$PIECES" = 0 ] || packages postgresql
  [ -z "$URL" ] || packages nginx-light openssl
  program
  [ "$PREPARE" = 0 ] || return 0
  clock
  user tram-server "$STATE"
  install -d -o tram-server -g tram-server -m 0700 "$STATE"
  local database='' share=''
  if [ "$PIECES" != 0 ]; then
    # By the socket, as the very user: no password is anywhere.
    database='database = "postgresql:///tram?host=/var/run/postgresql"'
    share=$'shards = "*"\nshare_ports = true'
  fi
  put_once /etc/tram/server.toml root:tram-server 0640 <<EOF
# Every setting stands in server/README.md.
folder = "$STATE"
$database
broker_host = "$HOST"
broker_log = "/run/trambroker/log"
# Kiosks are enrolled and renew their certificates here.
door_host = "0.0.0.0"
door_port = 8443
public_url = "${URL:-http://127.0.0.1:8080/}"
cookie_secure = $([ -n "$URL" ] && echo true || echo false)
$([ -z "$URL" ] || echo 'proxy = "127.0.0.1"')
$share
EOF
  if [ -n "$URL" ] && ! grep -qF "\"$URL\"" /etc/tram/server.toml; then
    say "/etc/tram/server.toml is yours and was there: set public_url = \"$URL\", cookie_secure = true and proxy = \"127.0.0.1\" in it."
  fi
  if [ "$PIECES" != 0 ] && grep -q '/var/run/postgresql' /etc/tram/server.toml; then
    systemctl enable --quiet --now postgresql
    runuser -u postgres -- psql -qtAc "SELECT 1 FROM pg_roles WHERE rolname = 'tram-server'" | grep -q 1 ||
      { say "Making the database"; runuser -u postgres -- createuser tram-server; }
    runuser -u postgres -- psql -qtAc "SELECT 1 FROM pg_database WHERE datname = 'tram'" | grep -q 1 ||
      runuser -u postgres -- createdb --owner tram-server --encoding UTF8 --template template0 tram
  fi
  local units=(tram-server.service) name all=()
  if [ "$PIECES" != 0 ]; then
    units=(tram-migrate.service tram-web@.service tram-ingest@.service tram-worker@.service tram-centre.target)
    for name in $(seq "$PIECES"); do all+=("tram-web@$name" "tram-ingest@$name" "tram-worker@$name"); done
  else
    all=(tram-server)
  fi
  local nightly=(tram-duplicates.timer)
  [ -z "$BACKUP" ] || nightly+=(tram-backup.timer)
  for name in tram-{backup,duplicates}.{service,timer}; do put "$RELEASE/provisioning/systemd/$name" "$UNITS/$name" || true; done
  for name in "${units[@]}" tram-broker-acl.service tram-broker-acl.path run-trambroker.mount; do
    put "$RELEASE/provisioning/systemd/$name" "$UNITS/$name" && CHANGED=1
  done
  broker
  put "$RELEASE/provisioning/systemd/mosquitto-centre.conf" "$UNITS/mosquitto.service.d/centre.conf" && BROKER_CHANGED=1
  put_once /etc/systemd/journald.conf.d/tram-centre.conf root:root 0644 <<<$'[Journal]\nStorage=persistent\nMaxRetentionSec=90day'
  systemctl daemon-reload
  if activate; then
    CHANGED=1
    # Two releases never write to one database at a time.
    systemctl stop "${all[@]}" tram-migrate 2>/dev/null || true
  fi
  command_of tram-server tram-server 'server --config /etc/tram/server.toml "$@"'
  say "Schema and keys"
  tram-server migrate || go_back "${all[@]}"
  [ "$PIECES" = 0 ] || for name in $(seq "$PIECES"); do tram-server add-ingest "ingest-$name"; done
  carry "$STATE/keys/broker" ca.pem broker.pem broker.key acl crl.pem
  cat "$RELEASE/provisioning/mosquitto/mosquitto.conf.template" "$RELEASE/provisioning/mosquitto/watched.conf" |
    sed -e 's|${USER}|mosquitto|; s|${PORT}|8883|; s|${BIND}|0.0.0.0|; s|${FOLDER}|/etc/tram/broker|; s|${LOG}|stderr|' > /run/tram-mosquitto.conf
  put /run/tram-mosquitto.conf /etc/tram/broker/mosquitto.conf && BROKER_CHANGED=1
  if [ -n "$BACKUP" ]; then
    printf '[Unit]\nAssertPathIsMountPoint=%s\n[Service]\nEnvironment=TO=%s\n' "$BACKUP" "$BACKUP/tram" > /run/tram-where.conf
    put /run/tram-where.conf "$UNITS/tram-backup.service.d/where.conf" || true
    install -d -o tram-server -g tram-server -m 0700 "$BACKUP/tram"
    systemctl daemon-reload
  fi
  systemctl enable --quiet --now run-trambroker.mount tram-broker-acl.path "${nightly[@]}"
  systemctl enable --quiet mosquitto
  if [ "$BROKER_CHANGED" = 1 ]; then systemctl restart mosquitto; else systemctl start mosquitto; fi
  [ -z "$URL" ] || proxy
  if [ "$PIECES" != 0 ]; then systemctl enable --quiet tram-centre.target; fi
  answers() { python3 -c 'import urllib.request; urllib.request.urlopen("http://127.0.0.1:8080/api/v1/ready", timeout=5)' 2>/dev/null; }
  begin "${all[@]}"
  [ "$PIECES" = 0 ] || systemctl start tram-centre.target
  forget_old_releases
  cat <<EOF

The centre runs. What is left is yours to say (sudo tram-server --help has more):
  tram-server units load                                                        the country's units
  tram-server create-account --login admin --name "..." --role admin --unit VN   the first account
  tram-server enrol --kiosk kiosk-01 --site SITE --shard PROVINCE               a kiosk by hand; or by a QR in the console
$(systemctl is-enabled --quiet tram-backup.timer || echo "  install.sh centre --backup MOUNT                                              a copy every night: none is made yet")
Kiosks reach it at ports 8883 (records) and 8443 (enrolment); pages: ${URL:-http://127.0.0.1:8080/ on this machine, until a proxy with https stands before it (--url)}
EOF
}

# https for the pages: a certificate that browsers believe comes from outside; until it is there one of our own stands in its place.
proxy() {
  local name=${URL#https://}
  name=${name%%/*}
  install -d -m 0755 /etc/tram/web
  if [ ! -e /etc/tram/web/fullchain.pem ]; then
    say "Making a certificate for $name that no browser believes: put a true one into /etc/tram/web (fullchain.pem, key.pem)"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
      -keyout /etc/tram/web/key.pem -out /etc/tram/web/fullchain.pem 2>/dev/null
    chmod 0600 /etc/tram/web/key.pem
  fi
  sed -e "s|\${NAME}|$name|g" "$RELEASE/provisioning/nginx/tram.conf.template" > /run/tram-nginx.conf
  put /run/tram-nginx.conf /etc/nginx/conf.d/tram.conf || true
  rm -f /etc/nginx/sites-enabled/default
  nginx -t -q
  systemctl enable --quiet nginx
  systemctl reload-or-restart nginx
}

hub() {
  packages mosquitto
  RELEASE=$SOURCE
  [ "$PREPARE" = 0 ] || return 0
  clock
  broker
  if [ -n "$KIT" ]; then
    [ -e "$KIT/mosquitto.conf" ] || fail "$KIT is no kit of a hub: there is no mosquitto.conf in it."
    (cd "$KIT" && find . -type f -printf '%P\n') | while read -r name; do
      install -D -o mosquitto -g mosquitto -m 0600 "$KIT/$name" "/etc/tram/broker/$name"
    done
    BROKER_CHANGED=1
  fi
  [ -e /etc/tram/broker/mosquitto.conf ] || fail "hub needs --kit: what python -m provisioning.hub enrol made at the centre."
  systemctl daemon-reload
  systemctl enable --quiet mosquitto
  CHANGED=$BROKER_CHANGED
  begin mosquitto
}

kiosk() {
  packages python3-venv libzbar0 sqlite3 chromium cage espeak-ng
  local pi=''
  if grep -qs 'Raspberry Pi' /proc/device-tree/model; then
    packages python3-picamera2
    # It is built against the Pi's own libcamera and comes from its packages alone.
    pi=--system-site-packages
  fi
  program "$pi"
  [ "$PREPARE" = 0 ] || return 0
  clock
  user tram /var/lib/tram dialout video lp plugdev
  user tram-screen /run/tram-screen video input render
  # The kit lies where the kiosk may write: it makes it when it is enrolled by QR, and renews its certificate.
  install -d -o tram -g tram -m 0700 /var/lib/tram
  if [ -n "$KIT" ] && [ ! -e /var/lib/tram/kit ]; then
    [ -e "$KIT/enrolment.toml" ] || fail "$KIT is no kit of a kiosk: there is no enrolment.toml in it."
    say "Taking the kit"
    rm -rf /var/lib/tram/kit.new
    cp -r "$KIT" /var/lib/tram/kit.new
    chown -R tram:tram /var/lib/tram/kit.new
    chmod -R u=rwX,go= /var/lib/tram/kit.new
    mv /var/lib/tram/kit.new /var/lib/tram/kit
  fi
  put_once /etc/tram/kiosk.toml root:root 0644 <<EOF
# Every setting stands in kiosk/README.md.
folder = "/var/lib/tram/kiosk"
kit = "/var/lib/tram/kit"
EOF
  local name
  for name in tram-kiosk.service tram-kiosk-screen.service; do
    put "$RELEASE/provisioning/systemd/$name" "$UNITS/$name" && CHANGED=1
  done
  if put "$RELEASE/provisioning/udev/60-tram.rules" /etc/udev/rules.d/60-tram.rules; then
    udevadm control --reload 2>/dev/null && udevadm trigger 2>/dev/null || true
  fi
  if put "$RELEASE/provisioning/systemd/journald.conf.d/tram.conf" /etc/systemd/journald.conf.d/tram.conf; then
    systemctl restart systemd-journald || true
  fi
  # Raspberry Pi OS Lite starts without a display otherwise.
  [ "$(systemctl get-default)" = graphical.target ] || systemctl --quiet set-default graphical.target
  activate && CHANGED=1
  command_of tram-kiosk tram 'kiosk "$@" --config /etc/tram/kiosk.toml'
  begin tram-kiosk
  systemctl enable --quiet tram-kiosk-screen
  systemctl start --no-block tram-kiosk-screen
  forget_old_releases
  if [ -e /var/lib/tram/kit ]; then
    say "The kiosk runs. Delete the kit where it was copied from: its keys are for this machine alone."
  else
    say "The kiosk runs and asks for its enrolment code: make one in the console (Kiosks, Enrol a kiosk) and hold it before the camera."
  fi
}

KIND=${1:-}
[ $# = 0 ] || shift
HOST='' KIT='' URL='' BACKUP='' PIECES=0 PREPARE=0 CHANGED=0 BROKER_CHANGED=0
while [ $# != 0 ]; do
  case $1 in
    --host) HOST=${2:?--host needs an address}; shift 2 ;;
    --kit) KIT=$(readlink -f "${2:?--kit needs a folder}"); shift 2 ;;
    --url) URL=${2:?--url needs an address}; shift 2 ;;
    --backup) BACKUP=$(readlink -f "${2:?--backup needs a mount point}"); shift 2 ;;
    --pieces) PIECES=${2:?--pieces needs a number}; shift 2 ;;
    --prepare) PREPARE=1; shift ;;
    *) fail "unknown: $1" ;;
  esac
done
[[ $PIECES =~ ^[0-9]$ ]] || fail "--pieces takes a number from 1 to 9."
[[ -z $URL || $URL == https://* ]] || fail "--url begins with https://"
[[ $KIND =~ ^(centre|kiosk|hub)$ ]] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
[ "$(id -u)" = 0 ] || fail "must be root: sudo $0 $KIND ..."
cd /
"$KIND"
