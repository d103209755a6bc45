#!/bin/bash
# Learn a class for every residue: secondary structure.      Examples/residues.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# Labels are FASTA too, a letter a residue; the headers say which proteins train. In the mask 0 leaves a residue out.
head -n 2 "$data/proteins.fa" "$data/structure.fa" "$data/resolved.fa"

# A network over windows of the sequence that learns from the whole protein.
ligase train residues "$data/proteins.fa" --labels "$data/structure.fa" --mask "$data/resolved.fa" --split-from-headers \
  --architecture gru --hidden-size 32 --epochs 60 --learning-rate 0.01 --seed 1 -o structure.safetensors

# Predictions as FASTA, or as a table with probabilities.
ligase predict structure.safetensors "$data/proteins-new.fa" --format fasta | sed -n 1,2p
ligase predict structure.safetensors "$data/proteins-new.fa" > predictions.tsv
head -n 3 predictions.tsv

# Q3 and the overlap of segments.
ligase evaluate predictions.tsv --truth "$data/structure-new.fa" > scores.tsv
