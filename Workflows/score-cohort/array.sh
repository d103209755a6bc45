#!/bin/bash
#SBATCH --cpus-per-task=1 --requeue --open-mode=append --signal=B:TERM@60
# Scores a cohort on Slurm without Snakemake: a job array with one job for each shard, and a job that merges the parts.
#
#   MODEL=model.safetensors SEQUENCES=cohort.fa.gz SHARDS=8 OUT=results …/array.sh
#   TRAIN="sequence train.tsv --label class" VARIANTS=cohort.vcf.gz REFERENCE=genome.fa SHARDS=8 OUT=results …/array.sh
#
# The model is a file (MODEL) or trained first (TRAIN). SEQUENCES gives predictions.tsv; VARIANTS with REFERENCE give
# scored.vcf.gz. Partition, account and time limit are Slurm's own variables: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT.
# If shard 3 has failed, with the same variables: sbatch --array=3 …/array.sh predict, and then sbatch …/array.sh merge_predictions.
set -euo pipefail
export LIGASE=${LIGASE:-ligase} OUT=${OUT:-results} SHARDS=${SHARDS:-8} TRAIN=${TRAIN:-} SEQUENCES=${SEQUENCES:-}
export VARIANTS=${VARIANTS:-} REFERENCE=${REFERENCE:-} PREDICT_OPTIONS=${PREDICT_OPTIONS:-} SCORE_OPTIONS=${SCORE_OPTIONS:-}
export MODEL=${MODEL:-$OUT/model.safetensors}
i=${SLURM_ARRAY_TASK_ID:-} threads=${SLURM_CPUS_PER_TASK:-1}

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
    mkdir -p "$OUT/parts" "$OUT/logs"
    after=()
    [ -z "$TRAIN" ] || after=(--dependency="afterok:$(submit train --array=0)")
    if [ -n "$SEQUENCES" ]; then
      shards=$(submit predict --array="1-$SHARDS" "${after[@]}")
      echo "predict $shards, merge $(submit merge_predictions --array=0 --dependency="afterok:$shards")"
    fi
    if [ -n "$VARIANTS" ]; then
      shards=$(submit score --array="1-$SHARDS" "${after[@]}")
      echo "score $shards, merge $(submit merge_scored --array=0 --dependency="afterok:$shards")"
    fi ;;
  train)
    [ -e "$MODEL" ] || resumable "$LIGASE" train $TRAIN -j "$threads" --resume -o "$MODEL" ;;
  predict)
    exec "$LIGASE" predict "$MODEL" "$SEQUENCES" $PREDICT_OPTIONS --shard "$i/$SHARDS" -j "$threads" -q --overwrite \
      -o "$OUT/parts/$i.predictions.tsv" ;;
  score)
    exec "$LIGASE" score-variants "$MODEL" "$VARIANTS" --reference "$REFERENCE" $SCORE_OPTIONS --shard "$i/$SHARDS" -j "$threads" -q \
      --overwrite -o "$OUT/parts/$i.scored.vcf.gz" ;;
  merge_predictions)
    exec "$LIGASE" merge $(seq -f "$OUT/parts/%g.predictions.tsv" "$SHARDS") -j "$threads" --overwrite -o "$OUT/predictions.tsv" ;;
  merge_scored)
    exec "$LIGASE" merge $(seq -f "$OUT/parts/%g.scored.vcf.gz" "$SHARDS") --index -j "$threads" --overwrite -o "$OUT/scored.vcf.gz" ;;
esac
