# Every command that takes --shard, cut in 1, 2, 3 and 7, plain and in BGZF. Read by test.sh.

every_cut() {
  local model=../single/runs/score-cohort/model.safetensors drugs=../single/runs/drug-response/model.safetensors
  say "every command in 1, 2, 3 and 7 shards, plain and BGZF"
  cd "$work/data"
  mkdir cuts
  cut_all predict tsv predict $model cohort.fa
  cut_all pairs tsv predict $drugs --expression expression.csv --drugs drugs.csv --response response.csv
  cut_all explain tsv explain $model few.fa --method input-x-gradient
  cut_all mutate tsv mutate $model few.fa
  cut_all score vcf score-variants $model variants.vcf --reference genome.fa
  cut_all table tsv parse table response.csv
  cut_all expression tsv parse expression expression.csv
  cut_all fasta tsv parse fasta cohort.fa
  cut_all fastq tsv parse fastq reads.fq
  cut_all vcf tsv parse vcf variants.vcf
  cut_all bed tsv parse bed intervals.bed
  cut_all revcomp fa seq revcomp cohort.fa
  cut_all translate fa seq translate cohort.fa
  cut_all shuffle fa seq shuffle cohort.fa --seed 3
  cut_all rename fa seq rename cohort.fa --prefix person
  cut_all wrap fa seq wrap cohort.fa
  cut_all grep fa seq grep cohort.fa --motif GAT
  cut_all filter fa seq filter cohort.fa --min-length 60
  cut_all select vcf vcf filter variants.vcf --include 'TYPE="snp"'
  cut_all split vcf vcf split variants.vcf
  cd "$work"
}

# cut_all NAME SUFFIX COMMAND…: one run against merged parts.
cut_all() {
  local name=cuts/$1 suffix n i running
  for suffix in $2 $2.gz; do
    "$LIGASE" "${@:3}" -q -o $name.$suffix
    for n in 1 2 3 7; do
      running=()
      for i in $(seq $n); do
        "$LIGASE" "${@:3}" -q --shard $i/$n -o $name.$i-of-$n.$suffix &
        running+=($!)
      done
      wait "${running[@]}"
      # The order of the parts does not matter.
      "$LIGASE" merge $(seq -f "$name.%g-of-$n.$suffix" $n | sort -r) -q -o $name.merged-$n.$suffix
      same $name.$suffix $name.merged-$n.$suffix
    done
  done
}

# What shards cost, as processor time: 8 shards and their merging against one run.
overhead() {
  local model=../single/runs/score-cohort/model.safetensors one parts i
  cd "$work/data"
  one=$(processor_time "$LIGASE" predict $model larger.fa -q -o larger.tsv)
  parts=$(processor_time eval 'for i in 1 2 3 4 5 6 7 8; do "$LIGASE" predict '$model' larger.fa -q --shard $i/8 -o larger.$i.tsv; done
    "$LIGASE" merge larger.[1-8].tsv -q -o larger.merged.tsv')
  same larger.tsv larger.merged.tsv
  say "overhead: 3,000 sequences take $one s of processor time in one run, $parts s in 8 shards and their merging," \
    "$(awk -v a=$one -v b=$parts 'BEGIN { printf "%.0f", 1000 * (b - a) / 8 }') ms for each shard"
  cd "$work"
}

processor_time() {
  local TIMEFORMAT='%U %S'
  { time "$@"; } 2>&1 | awk '{ printf "%.2f", $1 + $2 }'
}
