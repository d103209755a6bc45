#!/bin/bash
# Filter and normalise variants, and predict their effect on a binding site.      Examples/variants.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# Does the file follow the specification?
ligase check "$data/variants.vcf"

# Insertions and deletions only; expressions are those of bcftools.
ligase vcf filter "$data/variants.vcf" --include 'TYPE="indel"' | ligase stats - | cut -f 2,4,7

# The same change gets the same position and alleles: left-aligned, trimmed, one alternate allele a record.
ligase vcf normalise "$data/variants.vcf" --reference "$data/genome.fa" --split > normal.vcf

# A model of binding sites, on both strands.
ligase train sequence "$data/sequence.tsv" --sequence seq --label class --architecture cnn --strands both --seed 1 \
  -o site.safetensors

# Its probability of a site with the reference and with the alternate allele, in INFO.
ligase score-variants site.safetensors normal.vcf --reference "$data/genome.fa" > scored.vcf
grep -v '^##' scored.vcf | cut -f 2,4,5,8 | sed -n 1,4p

# The fields as a table; the three variants that lower the probability most.
ligase parse vcf scored.vcf --info LIGASE_DIFF > scored.tsv
tail -n +2 scored.tsv | sort -t "$(printf '\t')" -k 8,8g | cut -f 2,4,5,8 | sed -n 1,3p
