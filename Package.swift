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
        "Decompress BGZF with libdeflate (libdeflate-dev), two to three times as fast as zlib does."),
    .trait(
      name: "Codecs",
      description:
        "Decode JPEG 2000 and JPEG-LS in DICOM with OpenJPEG (libopenjp2-7-dev) and CharLS (libcharls-dev)."),
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
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
    .target(name: "CLigaseKernels"),
    // Pixel codecs behind functions that return errors: their long jumps stay within C.
    .target(
      name: "CLigaseCodecs", dependencies: ["CPNG", "CJPEG"],
      cSettings: [.define("LIGASE_CODECS", .when(traits: ["Codecs"]))],
      linkerSettings: [
        .linkedLibrary("png"), .linkedLibrary("jpeg"),
        .linkedLibrary("openjp2", .when(traits: ["Codecs"])),
        .linkedLibrary("charls", .when(traits: ["Codecs"])),
      ]),

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
        "LigaseGenomics", "LigaseRuntime", "CLigaseCodecs", "CZlib",
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
    // Figures as SVG, for the command only.
    .target(name: "LigaseReports", dependencies: ["LigaseFormats", "LigaseRuntime"]),
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
        "LigaseModels", "LigaseFormats", "LigaseDatasets", "LigaseReports", "LigaseRuntime",
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
      dependencies: [
        "LigaseFormats", "LigaseGenomics", "LigaseRuntime", "CZlib", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .testTarget(
      name: "LigaseDatasetsTests",
      dependencies: ["LigaseDatasets", "LigaseFormats", "LigaseTensors", "TestSupport"]),
    .testTarget(
      name: "LigaseModelsTests",
      dependencies: [
        "LigaseModels", "LigaseDatasets", "LigaseFormats", "LigaseNetworks", "LigaseTensors",
        "LigaseRuntime", "TestSupport",
      ]),
    .testTarget(
      name: "LigaseReportsTests", dependencies: ["LigaseReports", "LigaseFormats", "TestSupport"]),
    .testTarget(name: "LigaseTests", dependencies: ["Ligase", "TestSupport"]),
    .testTarget(name: "LigaseCommandTests", dependencies: ["ligase", "TestSupport"]),
    .testTarget(name: "GoldenTests", dependencies: ["ligase", "TestSupport"], path: "Tests/Golden"),
  ]
)
