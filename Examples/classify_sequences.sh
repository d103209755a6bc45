#!/bin/bash
# Learn which sequences hold a binding site.      Examples/classify_sequences.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# 48 sequences of 24 bases in a table: id, seq, and class `site` or `other`.
head -n 3 "$data/sequence.tsv"

# How good is such a model? Five-fold cross-validation; scores stand beside a ridge regression of k-mer counts.
ligase cv sequence "$data/sequence.tsv" --sequence seq --label class --architecture cnn --seed 1 \
  --scores cv-scores.tsv -o out-of-fold.tsv

# Train on all of them. The same seed gives the same file, byte for byte.
ligase train sequence "$data/sequence.tsv" --sequence seq --label class --architecture cnn --seed 1 -o site.safetensors

# The model file is all that predict needs; new sequences may be FASTA, FASTQ or a table.
ligase predict site.safetensors "$data/sequence-new.fa" > predictions.tsv
head -n 4 predictions.tsv

# Accuracy, AUROC and more with bootstrap intervals.
ligase evaluate predictions.tsv --truth "$data/sequence-truth.tsv" --target class > scores.tsv

# Which base matters: every single-base change of the first new sequence.
head -n 2 "$data/sequence-new.fa" | ligase mutate site.safetensors - | sed -n 1,4p
