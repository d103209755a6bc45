// One import for everything: tensors, networks, files, data sets and models.
@_exported import LigaseDatasets
@_exported import LigaseFormats
@_exported import LigaseGenomics
@_exported import LigaseModels
@_exported import LigaseNetworks
@_exported import LigaseTensors
