#!/usr/bin/env bash
# Submits a job to the session cluster, unless it runs already, and waits until it ends. The job
# continues from its newest checkpoint or savepoint on the volumes, if there is one, so the cluster
# can be stopped and started again.
#
# usage: submit.sh HOST:PORT NAME OPTIONS_OF_THE_JOB...
set -euo pipefail

cluster=$1
name=$2
shift 2
jobs=$(flink list -m "$cluster" -r)
if grep -q " : $name (" <<<"$jobs"; then
  echo "$name runs already"
  exit
fi
# The job's checkpoints are in a folder with its name, which has a folder for each run, named by the
# run's id. The names of savepoints begin with six digits of that id.
checkpoints=/checkpoints/$name
mkdir -p "$checkpoints"
kept=("$checkpoints")
shopt -s nullglob
for run in "$checkpoints"/*; do
  id=${run##*/}
  kept+=(/savepoints/savepoint-"${id:0:6}"-*)
done
newest=$(find "${kept[@]}" -name _metadata -printf '%T@ %h\n' | sort -rn | head -1 | cut -d' ' -f2-)
restore=()
if [ -n "$newest" ]; then
  echo "going on from $newest"
  restore=(-s "$newest")
  # Lets the job delete its old checkpoints, but no savepoint.
  [[ $newest == /savepoints/* ]] || restore+=(-D execution.state-recovery.claim-mode=CLAIM)
fi
exec flink run -m "$cluster" -D "pipeline.name=$name" -D "execution.checkpointing.dir=file://$checkpoints" "${restore[@]}" \
  /opt/flink/usrlib/onepass-job.jar "$@"
