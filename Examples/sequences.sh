#!/bin/bash
# Count, filter and change FASTA and FASTQ.      Examples/sequences.sh [FOLDER]
. "$(dirname "$0")/setup.sh"

# Two contigs of our own; compression is recognised by the bytes, whatever the name.
printf '>long a contig\nGATTACAGATTACAGATTACA\n>short\nACGTNNACGT\n' | gzip > contigs.fa

# How many, how long, and the per cent of G and C.
ligase stats contigs.fa

# Long ones only; then those that hold a motif on either strand. Commands are joined by pipes, and `-` is standard input.
ligase seq filter contigs.fa --min-length 15 > long.fa
ligase seq grep contigs.fa --motif TGTAATC --strand both | ligase stats -

# The other strand, and the protein in the first frame.
ligase seq revcomp long.fa
ligase seq translate long.fa

# Counts of 3-mers, and any format as tab-separated text for other tools.
ligase seq kmers contigs.fa -k 3 | sort -k 2,2nr | sed -n 1,4p
ligase parse fasta contigs.fa | cut -f 1
