# A Slurm of three nodes on this machine, for tests: three slurmd with names and ports of their own, one slurmctld, one munged.
# Read by test.sh. It needs root, and no systemd and no cgroups. Everything lies in the folder $cluster, except a link at
# /etc/slurm/slurm.conf: the Snakemake plugin drops SLURM_CONF in jobs, so the commands must find the file in its usual place.

slurm_link=/etc/slurm/slurm.conf
nodes="node1 node2 node3"

cluster_refuse() { echo "workflows: $*" >&2; exit 1; }

# Refuses where a Slurm of the user would be touched.
cluster_check() {
  local command old
  [ "$(id -u)" = 0 ] || cluster_refuse "the test cluster needs root (slurmd starts jobs as their user)"
  for command in munged slurmctld slurmd sbatch; do
    command -v $command > /dev/null || cluster_refuse "$command is missing: make workflow-tools installs it"
  done
  if [ -e "$slurm_link" ] || [ -L "$slurm_link" ]; then
    old=$(readlink "$slurm_link" || true)
    case $old in
      */ligase-workflows.*/slurm.conf) ;;
      *) cluster_refuse "$slurm_link exists: this machine belongs to a Slurm, and the test does not replace its configuration" ;;
    esac
    ! kill -0 "$(cat "$(dirname "$old")/run/munged.pid" 2> /dev/null)" 2> /dev/null || cluster_refuse "another test runs in $(dirname "$old")"
    rm -f "$slurm_link"  # of a test that was killed
  fi
}

# A TCP port that is free now: the first of so many in a row.
free_ports() {
  python3 - "$1" <<'PY'
import socket, sys
count = int(sys.argv[1])
for first in range(26817, 60000, count):
    try:
        for port in range(first, first + count):
            with socket.socket() as s: s.bind(("127.0.0.1", port))
    except OSError:
        continue
    print(first); break
PY
}

cluster_start() {
  local host port name
  cluster_check
  host=$(hostname -s)
  port=$(free_ports 4)
  mkdir -p "$cluster"/{run,state,log,spool}
  cat > "$cluster/slurm.conf" <<CONF
ClusterName=ligase-test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/run/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_min_interval=100000,sched_interval=2,bf_interval=2
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool/%n
SlurmctldPidFile=$cluster/run/slurmctld.pid
SlurmdPidFile=$cluster/run/%n.pid
SlurmctldLogFile=$cluster/log/slurmctld.log
SlurmdLogFile=$cluster/log/%n.log
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
MinJobAge=600
JobRequeue=1
NodeName=node[1-3] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 3))] CPUs=4 RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  mkdir -p "$(dirname "$slurm_link")"
  ln -s "$cluster/slurm.conf" "$slurm_link"
  (umask 077; head -c 1024 /dev/urandom > "$cluster/run/munge.key")
  munged --force --key-file="$cluster/run/munge.key" --socket="$cluster/run/munge.socket" --pid-file="$cluster/run/munged.pid" \
    --log-file="$cluster/log/munged.log" --seed-file="$cluster/run/munge.seed"
  slurmctld -f "$cluster/slurm.conf"
  for name in $nodes; do node_up $name; done
  for name in $nodes; do node_wait $name; done
}

# node_up NAME [COMMAND…] starts a slurmd, inside COMMAND if there is one.
node_up() {
  local name=$1
  shift
  mkdir -p "$cluster/spool/$name"
  "$@" slurmd -f "$cluster/slurm.conf" -N "$name"
}

# Waits until a node takes jobs, for 20 s.
node_wait() {
  local tries
  for tries in $(seq 200); do
    case $(sinfo -h -n "$1" -o %T 2> /dev/null) in idle | mixed) return ;; esac
    sleep 0.1
  done
  cluster_refuse "node $1 takes no jobs: $(sinfo -h -n "$1" -o %T 2>&1)"
}

# Processes of a job and their children.
job_processes() {
  local id list
  list=$(pgrep -f "^slurmstepd: \[$1\." || true)
  while [ -n "$list" ]; do
    echo $list
    list=$(for id in $list; do pgrep -P "$id" || true; done)
  done
}

# A node goes away as by a pulled plug: its daemon and all processes of its jobs end at once. The controller would notice after
# SlurmdTimeout (300 s by default); we tell it, so that the test need not wait.
node_lose() {
  local name=$1 job
  kill -KILL "$(cat "$cluster/run/$name.pid")"
  for job in $(squeue -h -w "$name" -t running -o %A); do kill -KILL $(job_processes "$job") 2> /dev/null || true; done
  scontrol update nodename="$name" state=down reason="lost in the test"
}

# Slurm lets requeued jobs wait for two minutes, so that a broken node has time to be noticed. The test makes that three seconds:
# at once the job would meet its own revoked credential on the same node.
release_requeued() {
  local job begin
  while read -r job begin; do
    [ "$begin" = N/A ] || [ "$(date -d "$begin" +%s)" -le $(($(date +%s) + 5)) ] || scontrol update jobid="$job" StartTime=now+3 2> /dev/null || true
  done < <(squeue -h -r -t pending -o "%A %S %r" | sed -n 's/ BeginTime$//p')
}

# Waits until no job of these names is left (all jobs without names), at most so many seconds.
jobs_wait() {
  local seconds=$1 end=$((SECONDS + $1))
  shift
  while [ -n "$(squeue -h ${1:+-n "$1"} -o %i)" ]; do
    [ $SECONDS -lt $end ] || { squeue >&2; cluster_refuse "jobs ${1:-} did not end in $seconds s"; }
    release_requeued
    sleep 0.2
  done
}

cluster_stop() {
  local name pid
  [ -e "$cluster/run/munged.pid" ] || return 0
  scancel --user=root --state=running 2> /dev/null || true
  scancel --user=root --state=pending 2> /dev/null || true
  for name in $nodes; do
    [ ! -e "$cluster/run/$name.pid" ] || kill "$(cat "$cluster/run/$name.pid")" 2> /dev/null || true
  done
  [ ! -e "$cluster/run/slurmctld.pid" ] || kill "$(cat "$cluster/run/slurmctld.pid")" 2> /dev/null || true
  kill "$(cat "$cluster/run/munged.pid")" 2> /dev/null || true
  [ "$(readlink "$slurm_link" 2> /dev/null)" != "$cluster/slurm.conf" ] || rm -f "$slurm_link"
}
