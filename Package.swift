// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ligase",
  products: [
    .library(name: "Ligase", targets: ["Ligase"]),
    .library(name: "LigaseTensors", targets: ["LigaseTensors"]),
    .library(name: "LigaseNetworks", targets: ["LigaseNetworks"]),
    .library(name: "LigaseGenomics", targets: ["LigaseGenomics"]),
    .library(name: "LigaseFormats", targets: ["LigaseFormats"]),
    .library(name: "LigaseDatasets", targets: ["LigaseDatasets"]),
    .library(name: "LigaseModels", targets: ["LigaseModels"]),
    .executable(name: "ligase", targets: ["ligase"]),
  ],
  traits: [
    .trait(
      name: "Libdeflate",
      description:
        "Decompress BGZF with libdeflate (libdeflate-dev), two to three times as fast as zlib does.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // System libraries and C.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CLibdeflate"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CLigaseKernels"),

    // The base of all targets: the C library, threads, locks, the clock, seeded randomness.
    .target(name: "CLigaseRuntime"),
    .target(name: "LigaseRuntime", dependencies: ["CLigaseRuntime"]),

    // Tensors and networks, independent of biology.
    .target(name: "LigaseTensors", dependencies: ["CLigaseKernels", "COpenBLAS", "LigaseRuntime"]),
    .target(name: "LigaseNetworks", dependencies: ["LigaseTensors", "LigaseRuntime"]),

    // Genomics and file formats, independent of tensors.
    .target(name: "LigaseGenomics"),
    .target(
      name: "LigaseFormats",
      dependencies: [
        "LigaseGenomics", "LigaseRuntime", "CZlib",
        .target(name: "CLibdeflate", condition: .when(traits: ["Libdeflate"])),
      ]),

    // Data sets and models, which use both.
    .target(
      name: "LigaseDatasets",
      dependencies: ["LigaseTensors", "LigaseFormats", "LigaseGenomics", "LigaseRuntime"]),
    .target(
      name: "LigaseModels",
      dependencies: [
        "LigaseTensors", "LigaseNetworks", "LigaseDatasets", "LigaseFormats", "LigaseGenomics",
        "LigaseRuntime",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    // All libraries with one import.
    .target(
      name: "Ligase",
      dependencies: [
        "LigaseTensors", "LigaseNetworks", "LigaseGenomics", "LigaseFormats", "LigaseDatasets",
        "LigaseModels",
      ]),
    .executableTarget(
      name: "ligase",
      dependencies: [
        "LigaseModels", "LigaseFormats", "LigaseDatasets", "LigaseRuntime",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests mirror the sources.
    .target(
      name: "TestSupport", dependencies: ["LigaseTensors", "LigaseNetworks", "LigaseRuntime"],
      path: "Tests/TestSupport"),
    .testTarget(name: "LigaseRuntimeTests", dependencies: ["LigaseRuntime", "LigaseTensors", "TestSupport"]),
    .testTarget(name: "LigaseTensorsTests", dependencies: ["LigaseTensors", "LigaseRuntime", "TestSupport"]),
    .testTarget(
      name: "LigaseNetworksTests", dependencies: ["LigaseNetworks", "LigaseTensors", "TestSupport"]),
    .testTarget(
      name: "LigaseGenomicsTests", dependencies: ["LigaseGenomics", "LigaseRuntime", "TestSupport"]),
    .testTarget(
      name: "LigaseFormatsTests",
      dependencies: ["LigaseFormats", "LigaseGenomics", "LigaseRuntime", "CZlib", "TestSupport"]),
    .testTarget(
      name: "LigaseDatasetsTests",
      dependencies: ["LigaseDatasets", "LigaseFormats", "LigaseTensors", "TestSupport"]),
    .testTarget(
      name: "LigaseModelsTests",
      dependencies: [
        "LigaseModels", "LigaseDatasets", "LigaseFormats", "LigaseNetworks", "LigaseTensors", "TestSupport",
      ]),
    .testTarget(name: "LigaseTests", dependencies: ["Ligase", "TestSupport"]),
    .testTarget(name: "LigaseCommandTests", dependencies: ["ligase", "TestSupport"]),
    .testTarget(name: "GoldenTests", dependencies: ["ligase", "TestSupport"], path: "Tests/Golden"),
  ]
)
