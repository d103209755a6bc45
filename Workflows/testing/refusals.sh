# What must be refused: one error that names the shard, nothing half-written, and the rest goes on. Read by test.sh.

refusals() {
  local model=../single/runs/score-cohort/model.safetensors other=../single/runs/tune/model.safetensors
  say "shards and parts that must be refused"
  cd "$work/data"
  mkdir bad
  refuses 64 'shard 0/3: ' "$LIGASE" predict $model cohort.fa --shard 0/3 -o bad/a.tsv
  refuses 64 'shard 4/3: ' "$LIGASE" predict $model cohort.fa --shard 4/3 -o bad/a.tsv
  refuses 66 'shard 2/3: ' "$LIGASE" predict $model nowhere/cohort.fa --shard 2/3 -o bad/a.tsv
  refuses 73 'shard 2/3: ' "$LIGASE" predict $model cohort.fa --shard 2/3 -o nowhere/a.tsv
  absent bad/* bad/.[!.]*
  "$LIGASE" predict $other cohort.fa -q --shard 2/3 -o bad/other.tsv
  refuses 65 'other.tsv' "$LIGASE" merge cuts/predict.1-of-3.tsv bad/other.tsv cuts/predict.3-of-3.tsv -o bad/merged.tsv
  refuses 65 '2/3' "$LIGASE" merge cuts/predict.[123]-of-3.tsv cuts/predict.2-of-3.tsv -o bad/merged.tsv
  refuses 65 '2/3' "$LIGASE" merge cuts/predict.1-of-3.tsv cuts/predict.3-of-3.tsv -o bad/merged.tsv
  refuses 65 '' "$LIGASE" merge cuts/predict.1-of-2.tsv cuts/predict.2-of-3.tsv cuts/predict.3-of-3.tsv -o bad/merged.tsv
  cp cuts/predict.2-of-3.tsv.shard bad/short.tsv.shard
  head -c 2000 cuts/predict.2-of-3.tsv > bad/short.tsv
  refuses 74 'short.tsv' "$LIGASE" merge cuts/predict.1-of-3.tsv bad/short.tsv cuts/predict.3-of-3.tsv -o bad/merged.tsv
  cp cuts/predict.2-of-3.tsv bad/plain.tsv
  refuses 65 'plain.tsv' "$LIGASE" merge cuts/predict.1-of-3.tsv bad/plain.tsv cuts/predict.3-of-3.tsv -o bad/merged.tsv
  absent bad/merged* bad/.[!.]*
  cd "$work"
}

# A configuration with an unknown key, without a model, and with two.
configurations() {
  local workflow
  say "configurations that must be refused, and snakemake --lint"
  for workflow in $all_workflows; do
    cd "$work/local/$workflow"
    wrong $workflow "'shard' was unexpected" --config shard=3
    # No conda environment is asked for: the command is one file.
    snakemake --snakefile "$here/$workflow/Snakefile" --lint 2>&1 | grep '^ *\* ' | grep -v 'Specify a conda environment' \
      && failed "snakemake --lint, $workflow"
  done
  cd "$work/local/score-cohort"
  wrong score-cohort 'not both' --config model=model.safetensors
  cd "$work"
}

wrong() {
  refused=$((refused + 1))
  ! snakemake --snakefile "$here/$1/Snakefile" --dry-run "${@:3}" > "$work/out" 2>&1 && grep -q -- "$2" "$work/out" \
    || failed "no '$2' in: $(head -n 5 "$work/out")"
}

# Each node gets a shard; the one on the broken node fails and the others go on. With the node mended, it alone runs again.
# failing FOLDER NODE CODE PATTERN: NODE is broken for the FASTA or the parts in FOLDER.
failing() {
  local folder=$work/$1 node=$2 code=$3 pattern=$4 i bad
  cd "$folder"
  export MODEL=$work/single/runs/score-cohort/model.safetensors SEQUENCES=$folder/cohort/larger.fa SHARDS=3 OUT=$folder/results
  for i in 1 2 3; do
    sbatch --array=$i --nodelist=node$i --job-name="$1" --output="$OUT/logs/predict.%a.log" "$here/score-cohort/array.sh" predict
  done > "$work/out"
  jobs_wait 60 "$1"
  bad=$(scontrol show job -o | grep "JobName=$1 " | sed -n "s/.*ArrayTaskId=\([0-9]*\) .*ExitCode=$code:0 .*/\1/p")
  refused=$((refused + 1))
  case $bad in
    [123]) ;;
    *) failed "not one task with exit $code: '$bad'"; scontrol show job -o | grep "JobName=$1 " | grep -o 'ArrayTaskId=[0-9]*\|ExitCode=[0-9:]*' >&2; return ;;
  esac
  [ "$(grep -c . "$OUT/logs/predict.$bad.log")" = 1 ] && grep -q "^ligase: error: shard $bad/3: .*$pattern" "$OUT/logs/predict.$bad.log" \
    || failed "shard $bad: $(cat "$OUT/logs/predict.$bad.log")"
  echo "  $(cat "$OUT/logs/predict.$bad.log")"
  # As the node sees the folder.
  absent $(nsenter --mount --target "$(cat "$cluster/run/$node.pid")" find "$OUT/parts" -name "*$bad.predictions.tsv*")
  [ "$(ls "$OUT"/parts/[123].predictions.tsv | wc -l)" = 2 ] || failed "the other shards did not go on"
  refuses 66 "parts/$bad.predictions.tsv" "$LIGASE" merge "$OUT"/parts/{1,2,3}.predictions.tsv -o "$OUT/predictions.tsv"
  restart "$node"
  sbatch --wait --array="$bad" --output="$OUT/logs/predict.%a.log" "$here/score-cohort/array.sh" predict > "$work/out"
  sbatch --wait --output="$OUT/logs/merge.log" "$here/score-cohort/array.sh" merge_predictions > "$work/out"
  same "$work/data/larger.tsv" "$OUT/predictions.tsv"
  cd "$work"
}

# restart NODE [COMMAND…]: its slurmd again, inside COMMAND.
restart() {
  local pid
  pid=$(cat "$cluster/run/$1.pid" 2> /dev/null) || true
  if [ -n "$pid" ] && kill "$pid" 2> /dev/null; then await 20 "the end of $1" eval "! kill -0 $pid"; fi
  node_up "$@"
  node_wait "$1"
}

# broken TEST FOLDER NODE: for this node, a file system of one page hides FOLDER.
broken() {
  local folder=$work/$2
  mkdir -p "$work/$1/cohort" "$work/$1"/results/{logs,parts}
  cp "$work/data/larger.fa" "$work/$1/cohort"
  restart "$3" unshare --mount --propagation private sh -c 'mount -t tmpfs -o size=4k none "$0" && exec "$@"' "$folder"
}

# Not every container may mount.
can_mount() {
  unshare --mount --propagation private mount -t tmpfs none /mnt 2> /dev/null \
    || { say "skipped, this machine does not let root mount: $1"; return 1; }
}

# The lost node comes back without the shared file system.
missing_file_system() {
  can_mount "a node without the shared file system" || return 0
  say "$lost_node comes back without the shared file system"
  broken away away/cohort "$lost_node"
  failing away "$lost_node" 66 larger.fa
}

# The disk of a node is full where the parts are written.
full_disk() {
  local node=node2
  can_mount "a full disk" || return 0
  [ "$node" != "$lost_node" ] || node=node3
  say "the disk of $node is full"
  broken full full/results/parts "$node"
  failing full "$node" 74 'No space left'
}
