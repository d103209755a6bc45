#!/bin/bash
# Learn a tissue from gene expression.      Examples/expression.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# What is in the matrix? It may be TSV, CSV, GCT, a GEO series or a 10x folder.
ligase stats "$data/expression.tsv"

# Any matrix becomes samples in rows; here the logarithm of the eight genes that vary most.
ligase parse expression "$data/expression.tsv" --orientation samples-in-rows --log1p --top-variance 8 > prepared.tsv
head -n 2 prepared.tsv

# Train on 36 profiles of three classes. Genes are scaled by the training samples alone.
ligase train expression "$data/expression.tsv" --orientation samples-in-rows \
  --labels "$data/expression-labels.tsv" --label class --epochs 40 --seed 1 -o tissue.safetensors

# New profiles hold the genes in another order, one more and one less: genes are matched by name, and what lacks is reported.
ligase predict tissue.safetensors "$data/expression-new.tsv" --orientation samples-in-rows > predictions.tsv
head -n 4 predictions.tsv

ligase evaluate predictions.tsv --truth "$data/expression-truth.tsv" --target class > scores.tsv
