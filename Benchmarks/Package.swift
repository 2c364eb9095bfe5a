// swift-tools-version: 6.2
import PackageDescription

// A separate package, so that dependencies of the benchmarks don't slow down the main build.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "BatchLab", path: ".."),
    // Without its traits: they add libraries that count malloc calls, which nothing here
    // uses. Objects and references are counted without them.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    // The benchmark package expects its targets in a folder of this name.
    .executableTarget(
      name: "Kernels",
      dependencies: [
        .product(name: "BatchLabKernels", package: "BatchLab"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Kernels",
      swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ]
)
