#!/bin/bash
# See which residues and genes predictions come from, and which motifs a network has learned.      Examples/explanation.sh [FOLDER]
. "$(dirname "$0")/setup.sh"
motifs=$data/../../motifs

# 1,200 random sequences of 60 bases; every second one has TGACTCAG somewhere, with some other letters.
awk 'function draw(n) { x = (x * 16807) % 2147483647; return int(x / 2147483647 * n) }
  BEGIN { x = 7; print "id\tsequence\tclass" > "peaks.tsv"
    for (i = 0; i < 1200; i++) { s = ""
      for (j = 0; j < 60; j++) s = s substr("ACGT", draw(4) + 1, 1)
      if (i % 2) { m = ""; p = 5 + draw(43)
        for (j = 1; j <= 8; j++) m = m (draw(10) ? substr("TGACTCAG", j, 1) : substr("ACGT", draw(4) + 1, 1))
        s = substr(s, 1, p) m substr(s, p + 9) }
      print "s" i "\t" s "\t" (i % 2 ? "peak" : "other") > "peaks.tsv"
      if (i % 2 && i < 600) print ">s" i "\n" s > "peaks.fa" } }'
ligase train sequence peaks.tsv --label class --architecture cnn --epochs 12 --seed 1 -o tf.safetensors

# Residues of each sequence; then the motifs of all, the known ones that they are like, and a logo.
ligase explain tf.safetensors peaks.fa --method integrated-gradients --class peak > why.tsv
head -n 3 why.tsv
ligase explain tf.safetensors peaks.fa --method integrated-gradients --class peak --summary --check \
  --motifs found.meme --known "$motifs/known.meme" --matches matches.tsv --logo motif.svg > positions.tsv
head -n 2 matches.tsv

# Genes: Shapley values of each sample, then means over all samples as bars and as a heat map.
ligase train expression "$data/expression.tsv" --orientation samples-in-rows \
  --labels "$data/expression-labels.tsv" --label class --epochs 40 --seed 1 -o tissue.safetensors
ligase explain tissue.safetensors "$data/expression-new.tsv" --orientation samples-in-rows --method shap --top 2 > genes.tsv
head -n 3 genes.tsv
ligase explain tissue.safetensors "$data/expression.tsv" --orientation samples-in-rows --method integrated-gradients \
  --summary --bars genes.svg --heat-map classes.svg > means.tsv
