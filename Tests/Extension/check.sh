#!/bin/sh
# Applies a patch that adds a toy modality with a task of its own to a copy of the project, checks that it touches at most three
# existing files, builds the copy, and trains and predicts with the new task.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
patch=$root/Tests/Extension/toy-modality.patch
touched=$(git -C "$root" apply --summary --numstat "$patch" | awk 'NF == 3 && $2 ~ /^[0-9]+$/ { print $3 }' |
  while read -r file; do [ -e "$root/$file" ] && echo "$file" || true; done | wc -l)
if [ "$touched" -gt 3 ]; then
  echo "the toy modality touches $touched existing files, expected at most 3" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git -C "$root" ls-files -z --cached --others --exclude-standard Package.swift Sources Tests/TestSupport |
  (cd "$root" && xargs -0 cp --parents -t "$work")
cd "$work"
git init -q . && git apply "$patch"
sed -i '/Tests mirror the sources/,$d' Package.swift && printf '  ]\n)\n' >> Package.swift
swift build -c release ${TRAITS:+--traits "$TRAITS"} --product ligase --scratch-path "${TOY_SCRATCH:-$work/.build}"
ligase=$(swift build -c release --scratch-path "${TOY_SCRATCH:-$work/.build}" --show-bin-path)/ligase
awk 'BEGIN { print "id\tx\ty\tclass"; for (i = 0; i < 60; i++) print "r" i "\t" i % 7 "\t" (i * 5) % 11 "\t" (i % 7 > 3 ? "high" : "low") }' > toy.tsv
"$ligase" train toy toy.tsv --label class --epochs 60 -q -o toy.safetensors
"$ligase" predict toy.safetensors toy.tsv -q > predictions.tsv
"$ligase" evaluate predictions.tsv --truth toy.tsv --target class -q | awk -F '\t' '$1 == "model" && $3 == "accuracy" && $4 > 0.9 { found = 1 } END { exit !found }'
"$ligase" cv toy toy.tsv --label class --folds 2 --epochs 5 -q > /dev/null
echo "the toy modality touches $touched existing files, and its task trains, predicts and evaluates"
