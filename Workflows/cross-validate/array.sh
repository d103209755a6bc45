#!/bin/bash
#SBATCH --cpus-per-task=1 --requeue --open-mode=append --signal=B:TERM@60
# Cross-validation on Slurm without Snakemake: a job array with one job for each fold, and a job that merges them.
#
#   ARGUMENTS="sequence train.tsv --label class --seed 1" FOLDS=5 OUT=results …/array.sh
#
# ARGUMENTS is what follows `ligase cv`, without --folds, --repeats, -j and -o. Run again, it computes the folds that are missing.
# Partition, account and time limit are Slurm's own variables: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT.
set -euo pipefail
export LIGASE=${LIGASE:-ligase} OUT=${OUT:-results} FOLDS=${FOLDS:-5} REPEATS=${REPEATS:-1} ARGUMENTS
k=${SLURM_ARRAY_TASK_ID:-} threads=${SLURM_CPUS_PER_TASK:-1}

# Runs a command that keeps a checkpoint. Stopped by SIGTERM it ends with 75; the job is queued again and resumes.
resumable() {
  local code
  "$@" &
  trap "kill -TERM $! 2> /dev/null" TERM
  for _ in signal end; do wait $! && code=0 || code=$?; done  # a signal ends the first wait, the end of the command the second
  [ $code != 75 ] || scontrol requeue "$SLURM_JOB_ID"
  return $code
}

case ${1:-submit} in
  submit)
    mkdir -p "$OUT/folds" "$OUT/logs"
    folds=$(sbatch --parsable --job-name=fold --output="$OUT/logs/fold.%a.log" --array="0-$((FOLDS - 1))" "$0" fold)
    merge=$(sbatch --parsable --job-name=merge --output="$OUT/logs/merge.log" --dependency="afterok:$folds" \
      --kill-on-invalid-dep=yes "$0" merge)
    echo "folds $folds, merge $merge" ;;
  fold)
    [ -e "$OUT/folds/$k" ] || resumable "$LIGASE" cv $ARGUMENTS --folds "$FOLDS" --repeats "$REPEATS" --only-fold "$k" \
      -j "$threads" --resume -o "$OUT/folds/$k" ;;
  merge)
    exec "$LIGASE" merge $(seq -f "$OUT/folds/%g" 0 $((FOLDS - 1))) -j "$threads" --overwrite -o "$OUT/out-of-fold.tsv" \
      --scores "$OUT/scores.tsv" ;;
esac
