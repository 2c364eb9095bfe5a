# A Slurm with one node for tests, to be sourced by another script: a controller, a node and munge
# with its own key, all in a temporary folder. The system's configuration is neither read nor
# changed.
#
#   start_cluster FOLDER   sets SLURM_CONF, so that sbatch and the other commands use it
#   stop_cluster           ends all its jobs and its daemons

daemons=()

start_cluster() {
  local folder=$1 host me
  host=$(hostname -s)
  me=$(id -un)
  # Variables of a Slurm in which this script itself may be running.
  unset ${!SLURM_@} ${!SBATCH_@} ${!SQUEUE_@}
  chmod 711 "$folder" # munge wants others to reach its socket, and not to write beside it
  mkdir "$folder/state" "$folder/spool"
  (umask 077 && head -c 128 /dev/urandom > "$folder/munge.key")
  export SLURM_CONF=$folder/slurm.conf
  cat > "$SLURM_CONF" << CONFIGURATION
ClusterName=batchlab
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
CredType=cred/munge
# A requeued job waits until its old credential expires; the minimum is 5 s.
AuthInfo=socket=$folder/munge.socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
# Four jobs at a time, however many cores this machine has.
SlurmdParameters=config_overrides
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 CPUs=4
PartitionName=all Nodes=one Default=YES MaxTime=INFINITE State=UP
CONFIGURATION
  start munged --foreground --force --key-file="$folder/munge.key" \
    --socket="$folder/munge.socket" --pid-file="$folder/munge.pid" \
    --log-file="$folder/munge.log" --seed-file="$folder/munge.seed"
  wait_for 10 test -S "$folder/munge.socket"
  start slurmctld -D -f "$SLURM_CONF"
  start slurmd -D -N one -f "$SLURM_CONF"
  wait_for 30 node_is_idle
}

stop_cluster() {
  local id
  if [ "${#daemons[@]}" = 3 ]; then
    timeout 10 scancel --user="$(id -un)" || true
    wait_for 30 no_jobs || true
  fi
  for id in "${daemons[@]}"; do kill "$id" || true; done
  for id in "${daemons[@]}"; do
    wait_for 10 has_ended "$id" || kill -KILL "$id" || true
  done
  daemons=()
} 2> /dev/null

# In a separate session: Ctrl-C ends the test, and the test ends its daemons.
start() {
  setsid "$@" > "$(dirname "$SLURM_CONF")/${1##*/}.output" 2>&1 < /dev/null &
  daemons+=($!)
}

# wait_for SECONDS COMMAND...: waits until the command succeeds; fails after SECONDS.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.1
  done
}

free_port() {
  local port
  while port=$((RANDOM % 20000 + 20000)); (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
  echo "$port"
}

node_is_idle() { [ "$(timeout 10 sinfo --noheader --format=%t 2> /dev/null)" = idle ]; }
no_jobs() { local jobs; jobs=$(timeout 10 squeue --noheader) && [ -z "$jobs" ]; }
has_ended() { ! kill -0 "$1" 2> /dev/null; }
