#!/bin/bash
#SBATCH --cpus-per-task=1 --requeue --open-mode=append --signal=B:TERM@60
# Drug response on Slurm without Snakemake: folds as a job array with a job that merges them; training, then the panel as a job
# array of shards with a job that merges them.
#
#   EXPRESSION=expression.tsv DRUGS=drugs.tsv RESPONSE=response.tsv OPTIONS="--target ln_IC50 --seed 1" FOLDS=5 SHARDS=8 \
#     OUT=results …/array.sh
#
# The panel is every cell line with every drug of PANEL_EXPRESSION and PANEL_DRUGS (default: the data of training), or the pairs of
# PANEL_RESPONSE. Run again, it computes what is missing. Partition, account and time limit are Slurm's own variables:
# SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT.
set -euo pipefail
export LIGASE=${LIGASE:-ligase} OUT=${OUT:-results} FOLDS=${FOLDS:-5} SHARDS=${SHARDS:-8} EXPRESSION DRUGS RESPONSE OPTIONS=${OPTIONS:-}
export PANEL_EXPRESSION=${PANEL_EXPRESSION:-$EXPRESSION} PANEL_DRUGS=${PANEL_DRUGS:-$DRUGS} PANEL_RESPONSE=${PANEL_RESPONSE:-}
i=${SLURM_ARRAY_TASK_ID:-} threads=${SLURM_CPUS_PER_TASK:-1} model=$OUT/model.safetensors
arguments="drug-response --expression $EXPRESSION --drugs $DRUGS --response $RESPONSE $OPTIONS"

# Runs a command that keeps a checkpoint. Stopped by SIGTERM it ends with 75; the job is queued again and resumes.
resumable() {
  local code
  "$@" &
  trap "kill -TERM $! 2> /dev/null" TERM
  for _ in signal end; do wait $! && code=0 || code=$?; done  # a signal ends the first wait, the end of the command the second
  [ $code != 75 ] || scontrol requeue "$SLURM_JOB_ID"
  return $code
}

# submit NAME [OPTION…] prints the number of a job that runs this script with NAME.
submit() {
  sbatch --parsable --job-name="$1" --output="$OUT/logs/$1.%a.log" --kill-on-invalid-dep=yes "${@:2}" "$0" "$1"
}

case ${1:-submit} in
  submit)
    mkdir -p "$OUT/folds" "$OUT/parts" "$OUT/logs"
    folds=$(submit fold --array="0-$((FOLDS - 1))")
    train=$(submit train --array=0)
    shards=$(submit predict --array="1-$SHARDS" --dependency="afterok:$train")
    echo "folds $folds, merge $(submit merge_folds --array=0 --dependency="afterok:$folds")"
    echo "train $train, predict $shards, merge $(submit merge_predictions --array=0 --dependency="afterok:$shards")" ;;
  fold)
    [ -e "$OUT/folds/$i" ] || resumable "$LIGASE" cv $arguments --folds "$FOLDS" --only-fold "$i" -j "$threads" --resume \
      -o "$OUT/folds/$i" ;;
  merge_folds)
    exec "$LIGASE" merge $(seq -f "$OUT/folds/%g" 0 $((FOLDS - 1))) -j "$threads" --overwrite -o "$OUT/out-of-fold.tsv" \
      --scores "$OUT/scores.tsv" ;;
  train)
    [ -e "$model" ] || resumable "$LIGASE" train $arguments -j "$threads" --resume -o "$model" ;;
  predict)
    exec "$LIGASE" predict "$model" --expression "$PANEL_EXPRESSION" --drugs "$PANEL_DRUGS" \
      ${PANEL_RESPONSE:+--response "$PANEL_RESPONSE"} --shard "$i/$SHARDS" -j "$threads" -q --overwrite \
      -o "$OUT/parts/$i.predictions.tsv" ;;
  merge_predictions)
    exec "$LIGASE" merge $(seq -f "$OUT/parts/%g.predictions.tsv" "$SHARDS") -j "$threads" --overwrite -o "$OUT/predictions.tsv" ;;
esac
