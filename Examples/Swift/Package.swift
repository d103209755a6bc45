// swift-tools-version: 6.1
import PackageDescription

let ligase = Target.Dependency.product(name: "Ligase", package: "ligase")

let package = Package(
  name: "LigaseExamples",
  dependencies: [.package(name: "ligase", path: "../..")],
  targets: [
    // A study of sequences, and one of drug response.
    .executableTarget(name: "Sequences", dependencies: [ligase]),
    .executableTarget(name: "DrugResponse", dependencies: [ligase]),
    // A custom network with its training loop.
    .executableTarget(name: "OwnModule", dependencies: [ligase]),
  ]
)
