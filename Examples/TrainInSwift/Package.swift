// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "TrainInSwift",
  dependencies: [.package(name: "ligase", path: "../..")],
  targets: [
    .executableTarget(
      name: "TrainInSwift",
      dependencies: [
        .product(name: "LigaseNetworks", package: "ligase"),
        .product(name: "LigaseTensors", package: "ligase"),
      ])
  ]
)
