#!/bin/bash
# Learn the population of people from their genotypes.      Examples/ancestry.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# 48 people, 24 sites; a panel names the population of each.
ligase stats "$data/cohort.vcf"
head -n 3 "$data/panel.tsv"

# Cross-validation beside the nearest training sample.
ligase cv genotype "$data/cohort.vcf" --labels "$data/panel.tsv" --label population --epochs 40 --folds 4 --seed 1 \
  -o out-of-fold.tsv

# Train, and predict people of another file. Two of the sites are missing there; they are matched by position and allele.
ligase train genotype "$data/cohort.vcf" --labels "$data/panel.tsv" --label population --epochs 40 --seed 1 \
  -o ancestry.safetensors
ligase predict ancestry.safetensors "$data/cohort-new.vcf" > predictions.tsv
head -n 4 predictions.tsv

ligase evaluate predictions.tsv --truth "$data/panel-new.tsv" --target population > scores.tsv
