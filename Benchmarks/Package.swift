// swift-tools-version: 6.1
import PackageDescription

// A separate package, so that users of the library never resolve or build it.
let package = Package(
  name: "ligase-benchmarks",
  dependencies: [.package(name: "ligase", path: "..")],
  targets: [
    .executableTarget(
      name: "ligase-bench",
      dependencies: [
        .product(name: "LigaseTensors", package: "ligase"),
        .product(name: "LigaseNetworks", package: "ligase"),
      ])
  ]
)
