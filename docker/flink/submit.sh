#!/usr/bin/env bash
# Submits the job to the session cluster, unless it runs already, and stays until it ends. The job goes on from the newest
# checkpoint or savepoint on the volumes, if there is one, so that the cluster may be stopped and started again.
#
# usage: submit.sh HOST:PORT OPTIONS_OF_THE_JOB...
set -euo pipefail

cluster=$1
shift
jobs=$(flink list -m "$cluster" -r)
if grep -q ' : onepass (' <<<"$jobs"; then
  echo "the job runs already"
  exit
fi
newest=$(find /checkpoints /savepoints -name _metadata -printf '%T@ %h\n' | sort -rn | head -1 | cut -d' ' -f2-)
restore=()
if [ -n "$newest" ]; then
  echo "going on from $newest"
  restore=(-s "$newest")
  # The job deletes its old checkpoints, but no savepoint.
  [[ $newest == /savepoints/* ]] || restore+=(-D execution.state-recovery.claim-mode=CLAIM)
fi
exec flink run -m "$cluster" "${restore[@]}" /opt/flink/usrlib/onepass-job.jar "$@"
