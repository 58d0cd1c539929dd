#!/usr/bin/env bash
# Runs a command beside a Slurm of one machine, which lives in a folder and ends with the command:
#
#     cluster.sh FOLDER COMMAND...
#
# It has ports, sockets, keys and a configuration of its own, so that no other Slurm of the machine is disturbed, and
# runs as whoever starts it. When something fails, the ends of its logs go to stderr.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
folder=$(realpath "$1")
shift
daemons=()

end() {
    local status=$?
    trap - EXIT INT TERM
    for daemon in "${daemons[@]}"; do kill "$daemon" 2>/dev/null || true; done
    for _ in $(seq 50); do
        local alive=0
        for daemon in "${daemons[@]}"; do kill -0 "$daemon" 2>/dev/null && alive=1; done
        [ "$alive" = 0 ] && break
        sleep 0.1
    done
    for daemon in "${daemons[@]}"; do kill -9 "$daemon" 2>/dev/null || true; done
    if [ "$status" != 0 ]; then
        for log in "$folder"/log/*; do echo "== $log"; tail -n 25 "$log"; done >&2
    fi
    exit "$status"
}
trap end EXIT
trap 'exit 143' INT TERM

# A port that nobody listens on.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 40000))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

mkdir -p "$folder"/{log,state,spool,munge}
chmod 755 "$folder" "$folder/munge"
host=$(hostname -s)
user=$(id -un)
head -c 1024 /dev/urandom >"$folder/munge/key"
chmod 600 "$folder/munge/key"
munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/pid" --seed-file="$folder/munge/seed" >"$folder/log/munged" 2>&1 &
daemons+=($!)

cat >"$folder/slurm.conf" <<CONF
ClusterName=fscale
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/state/slurmctld.pid
SlurmdPidFile=$folder/state/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 Port=$(free_port) CPUs=4 RealMemory=2048
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$folder/slurm.conf

for _ in $(seq 100); do [ -S "$folder/munge/socket" ] && break; sleep 0.1; done
slurmctld -D -f "$SLURM_CONF" >/dev/null 2>"$folder/log/slurmctld-stderr" &
daemons+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >/dev/null 2>"$folder/log/slurmd-stderr" &
daemons+=($!)
for _ in $(seq 300); do
    [ "$(timeout 5 sinfo --noheader --format=%t 2>/dev/null)" = idle ] && break
    sleep 0.1
done
# In the background, so that a signal ends the wait for it, and everything with it.
timeout 100 "$@" &
daemons+=($!)
wait $!
