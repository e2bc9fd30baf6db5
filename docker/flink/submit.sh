#!/usr/bin/env bash
# Submits the job to the session cluster unless it runs already. It goes on from the newest checkpoint or savepoint on
# the volumes, if there is one, so that the cluster may be stopped and started again.
#
# usage: submit.sh HOST:PORT OPTIONS_OF_THE_JOB...
set -euo pipefail

cluster=$1
shift
if flink list -m "$cluster" -r 2>/dev/null | grep -q ' : onepass ('; then
  echo "the job runs already"
  exit
fi
newest=$(find /checkpoints /savepoints -name _metadata -printf '%T@ %h\n' | sort -rn | head -1 | cut -d' ' -f2-)
restore=()
if [ -n "$newest" ]; then
  echo "going on from $newest"
  restore=(-s "$newest")
fi
exec flink run -d -m "$cluster" "${restore[@]}" /opt/flink/usrlib/onepass-job.jar "$@"
