// The values that records are made of (regions, nucleotides, genetic codes) come with the readers.
@_exported import LigaseGenomics
