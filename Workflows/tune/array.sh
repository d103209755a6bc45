#!/bin/bash
#SBATCH --cpus-per-task=1 --requeue --open-mode=append --signal=B:TERM@60
# Hyperparameter search on Slurm without Snakemake: a job array for each round, one job for each trial, then a model.
#
#   ARGUMENTS="sequence train.tsv --label class --seed 1" SPACE=space.json TRIALS=27 OUT=results …/array.sh
#
# ARGUMENTS is what follows `ligase tune` and `ligase train`, without --space, --trials, --config, -j and -o. The script waits for
# each round, because the next one depends on its scores. Run again, it computes the trials that are missing. Partition, account
# and time limit are Slurm's own variables: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT.
set -euo pipefail
export LIGASE=${LIGASE:-ligase} OUT=${OUT:-results} SPACE TRIALS=${TRIALS:-27} HALVING=${HALVING:-3} ARGUMENTS
trial=${SLURM_ARRAY_TASK_ID:-} threads=${SLURM_CPUS_PER_TASK:-1}
search="tune $ARGUMENTS --space $SPACE --trials $TRIALS --halving $HALVING"

# Runs a command that can be stopped: after SIGTERM it ends with 75, and the job is queued again.
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
    mkdir -p "$OUT/plans" "$OUT/trials" "$OUT/logs"
    finished=()
    for ((round = 0; ; round++)); do
      export PLAN=$OUT/plans/$round.tsv ROUND=$round
      "$LIGASE" $search --plan ${finished[0]:+--finished "${finished[@]}"} -q --overwrite -o "$PLAN"
      # Trial numbers are in the first column, below the comments and the header.
      numbers=$(grep -v '^#' "$PLAN" | tail -n +2 | cut -f 1)
      [ -n "$numbers" ] || break
      sbatch --wait --job-name=trial --output="$OUT/logs/trial.$round.%a.log" --array="$(echo $numbers | tr ' ' ,)" "$0" trial
      for number in $numbers; do finished+=("$OUT/trials/$round.$number"); done
    done
    "$LIGASE" merge "${finished[@]}" -q --overwrite -o "$OUT/trials.tsv" --best "$OUT/best.json"
    sbatch --wait --job-name=train --output="$OUT/logs/train.log" "$0" train ;;
  trial)
    part=$OUT/trials/$ROUND.$trial
    [ -e "$part" ] || resumable "$LIGASE" $search --trial "$trial" --plan "$PLAN" -j "$threads" -o "$part" ;;
  train)
    model=$OUT/model.safetensors
    [ -e "$model" ] || resumable "$LIGASE" train $ARGUMENTS --config "$OUT/best.json" -j "$threads" --resume -o "$model" ;;
esac
