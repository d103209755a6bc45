# The four workflows: one run on one machine, Snakemake on Slurm and on local cores, and the array scripts. Read by test.sh.
# Each runs in $work/KIND/WORKFLOW and leaves its results in a folder of the workflow's name there.

all_workflows="score-cohort cross-validate tune drug-response"
data=../../data
classes="sequence $data/train.tsv --label class --seed 1"
train="$classes --architecture lstm --epochs 30"
validate="$classes --architecture lstm --epochs 10"
search="$classes --architecture cnn --epochs 4"
options="--target ln_IC50 --epochs 3 --seed 1"
screen="drug-response --expression $data/expression.csv --drugs $data/drugs.csv --response $data/response.csv $options"

# results WORKFLOW names the files that must have the same bytes.
results() {
  case $1 in
    score-cohort) echo model.safetensors predictions.tsv scored.vcf.gz scored.vcf.gz.tbi ;;
    cross-validate) echo out-of-fold.tsv scores.tsv ;;
    tune) echo trials.tsv best.json model.safetensors ;;
    drug-response) echo out-of-fold.tsv scores.tsv model.safetensors predictions.tsv ;;
  esac
}

# compare KIND WORKFLOW…: its results with those of one run.
compare() {
  local kind=$1 workflow name
  shift
  for workflow in "$@"; do
    for name in $(results $workflow); do same "$work/single/runs/$workflow/$name" "$work/$kind/$workflow/$workflow/$name"; done
  done
}

single_runs() {
  say "every workflow as one run on one machine"
  mkdir -p "$work/single/runs"
  cd "$work/single/runs"
  mkdir $all_workflows
  "$LIGASE" train $train -q -o score-cohort/model.safetensors
  "$LIGASE" predict score-cohort/model.safetensors $data/cohort.fa -q -o score-cohort/predictions.tsv
  "$LIGASE" score-variants score-cohort/model.safetensors $data/variants.vcf --reference $data/genome.fa -q \
    -o score-cohort/scored.vcf.gz
  "$LIGASE" index score-cohort/scored.vcf.gz -q
  "$LIGASE" cv $validate --folds 3 --repeats 4 -q -o cross-validate/out-of-fold.tsv --scores cross-validate/scores.tsv
  "$LIGASE" tune $search --space $data/space.json --trials 3 -q -o tune/trials.tsv --best tune/best.json
  "$LIGASE" train $search --config tune/best.json -q -o tune/model.safetensors
  "$LIGASE" cv $screen --folds 3 -q -o drug-response/out-of-fold.tsv --scores drug-response/scores.tsv
  "$LIGASE" train $screen -q -o drug-response/model.safetensors
  "$LIGASE" predict drug-response/model.safetensors --expression $data/expression.csv --drugs $data/drugs.csv -q \
    -o drug-response/predictions.tsv
  cd "$work"
}

# configuration WORKFLOW prints its config.yaml.
configuration() {
  printf '%s\n' "ligase: $LIGASE" "results: $1"
  case $1 in
    score-cohort)
      printf '%s\n' "shards: 2" "train: {arguments: $train, files: [$data/train.tsv]}" "predict: {sequences: $data/cohort.fa}" \
        "score: {variants: $data/variants.vcf, reference: $data/genome.fa}" ;;
    cross-validate)
      printf '%s\n' "folds: 3" "repeats: 4" "arguments: $validate" "files: [$data/train.tsv]" ;;
    tune)
      printf '%s\n' "trials: 3" "arguments: $search" "files: [$data/train.tsv]" "space: $data/space.json" ;;
    drug-response)
      printf '%s\n' "folds: 3" "shards: 2" "expression: $data/expression.csv" "drugs: $data/drugs.csv" \
        "response: $data/response.csv" "options: $options" ;;
  esac
}

# start_snakemake slurm|local: all four at once, in the background. The test asks for the status of jobs more often than a profile
# should, and has no accounting.
declare -A running
start_snakemake() {
  local kind=$1 workflow folder extra=()
  say "all workflows by Snakemake, profile $kind, in the background"
  [ $kind = local ] || extra=(--slurm-no-account --slurm-status-command squeue --slurm-init-seconds-before-status-checks 4
    --seconds-between-status-checks 2 --latency-wait 5)
  for workflow in $all_workflows; do
    folder=$work/$kind/$workflow
    mkdir -p "$folder"
    configuration $workflow > "$folder/config.yaml"
    (cd "$folder" && exec snakemake --snakefile "$here/$workflow/Snakefile" --workflow-profile "$here/profiles/$kind" "${extra[@]}" \
      > "$folder/snakemake.log" 2>&1) &
    running[$kind-$workflow]=$!
  done
  [ $kind = local ] || stop_training &
}

# The training that Snakemake runs gets SIGTERM: it ends with 75, and Snakemake submits the job again.
stop_training() {
  local process
  await 90 "the third epoch" grep -qs 'epoch 3/' "$work/slurm/score-cohort/score-cohort/logs/train.log"
  for process in $(pgrep -f "^$LIGASE train .* -o score-cohort/model.safetensors"); do
    [ "$(readlink /proc/$process/cwd)" != "$work/slurm/score-cohort" ] || kill -TERM $process
  done
}

finish_snakemake() {
  local kind=$1 workflow waiting=1
  say "waiting for Snakemake, profile $kind"
  for workflow in $all_workflows; do
    while kill -0 ${running[$kind-$workflow]} 2> /dev/null; do release_requeued; sleep 0.5; done
    wait ${running[$kind-$workflow]} || { tail -n 40 "$work/$kind/$workflow/snakemake.log" >&2; failed "Snakemake, $workflow, $kind"; }
    compare $kind $workflow
  done
  [ $kind = local ] || grep -q 'resumed after epoch' "$work/slurm/score-cohort/score-cohort/logs/train.log" \
    || failed "the training that Snakemake submitted again did not resume"
}

# array WORKFLOW VARIABLE=VALUE…: its array script, in its folder.
array() {
  local workflow=$1
  mkdir -p "$work/array/$workflow"
  cd "$work/array/$workflow"
  env OUT="$workflow" "${@:2}" "$here/$workflow/array.sh" > array.log
  cd "$work"
}

# A fold that has finished a repeat and runs: prints its node.
busy_fold() {
  local k
  for k in 0 1 2; do
    [ -s "$work/array/cross-validate/cross-validate/folds/$k.checkpoint" ] || continue
    squeue -h -r -n fold -t running -o "%K %Z %N" | sed -n "s|^$k $work/array/cross-validate ||p"
    return
  done
}

lose_a_node() {
  local lost node=
  await 60 "a fold with a checkpoint" eval 'node=$(busy_fold); [ -n "$node" ]'
  node=$(busy_fold)
  lost=$(squeue -h -r -w "$node" -t running -o %A | wc -l)
  local start=$(date +%s.%N)
  node_lose "$node"
  lost_node=$node
  release_requeued
  await 60 "a requeued fold" eval "[ -n \"\$(scontrol show job -o | grep 'JobName=fold ' | grep 'Restarts=1 ' | grep 'JobState=RUNNING\|JobState=COMPLETED')\" ]"
  local again=$(date +%s.%N)
  jobs_wait 120 fold
  say "$node lost with $lost running jobs; their work ran on other nodes after $(seconds $start $again) s (Slurm itself would wait" \
    "two minutes), and was finished after $(seconds $start $(date +%s.%N)) s"
}

seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", b - a }'; }

# As before preemption or at the end of the time limit, the batch script gets SIGTERM.
stop_array_training() {
  local job=
  await 60 "the third epoch" grep -qs 'epoch 3/' "$work/array/score-cohort/score-cohort/logs/train.0.log"
  until [ -n "$job" ]; do
    job=$(squeue -h -r -n train -t running -o "%A %Z" | sed -n "s| $work/array/score-cohort$||p")
  done
  scancel --signal=TERM --batch "$job"
}

array_twins() {
  say "all workflows by their array scripts; a training is stopped, and a node is lost"
  array score-cohort SHARDS=3 TRAIN="$train" SEQUENCES=$data/cohort.fa VARIANTS=$data/variants.vcf REFERENCE=$data/genome.fa
  array cross-validate FOLDS=3 REPEATS=4 ARGUMENTS="$validate"
  array drug-response FOLDS=3 SHARDS=2 EXPRESSION=$data/expression.csv DRUGS=$data/drugs.csv RESPONSE=$data/response.csv \
    OPTIONS="$options"
  stop_array_training &
  lose_a_node
  array tune TRIALS=3 ARGUMENTS="$search" SPACE=$data/space.json
  jobs_wait 120 train,predict,score,merge,merge_folds,merge_predictions,merge_scored
  compare array $all_workflows
  grep -q 'stopped by a signal' "$work/array/score-cohort/score-cohort/logs/train.0.log" \
    && grep -q 'resumed after epoch' "$work/array/score-cohort/score-cohort/logs/train.0.log" || failed "the stopped training did not resume"
  grep -q '[1-9][0-9]* folds\? already finished' "$work"/array/cross-validate/cross-validate/logs/fold.*.log \
    || failed "the fold of the lost node did not resume"
}
