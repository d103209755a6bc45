// Re-exports the types that records consist of (regions, nucleotides, genetic codes).
@_exported import LigaseGenomics
