// swift-tools-version: 6.2
import PackageDescription

// Every target builds under the same strict rules; the import rules make the compiler
// check the drawing of the modules in the README.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// Kernels are compiled for the machine they run on. The flag stands here and not in the
// Makefile, so that every build of one machine kind gives the same bits.
let native: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=native", "-Xcc", "-fno-math-errno"])]

// Release builds don't check for exclusive access to members of classes here. Each object belongs to
// one thread, and the checks took 2 % of an update of 16 observations. Debug builds check.
let unchecked: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

// `make build` says which revision of the sources this is; nothing asks for it later.
let revision = (Context.environment["BATCHLAB_REVISION"] ?? "").filter {
  $0.isASCII && ($0.isLetter || $0.isNumber || "-+._/".contains($0))
}
let built: [CSetting] =
  revision.isEmpty ? [] : [.define("BATCHLAB_REVISION", to: "\"\(revision)\"")]

let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "BatchLab",
  products: [
    .executable(name: "batchlab", targets: ["batchlab"]),
    // Preloaded by those who count allocations, linked by nobody.
    .library(name: "AllocationCounter", type: .dynamic, targets: ["AllocationCounter"]),
    // Preloaded by tests, linked by nobody.
    .library(name: "FaultInjector", type: .dynamic, targets: ["FaultInjector"]),
    // What the package in Benchmarks measures.
    .library(
      name: "BatchLabKernels", targets: ["Environments", "Records", "Algebra", "Learning"]),
    // What the package in Tests/Fuzzing feeds.
    .library(
      name: "BatchLabReaders", targets: ["Environments", "Records", "Archive", "Formats", "Lab"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // Ground floor
    .systemLibrary(name: "COpenBLAS"),
    .systemLibrary(name: "CProcessor"),
    .systemLibrary(name: "CZstd"),
    .target(name: "AllocationCounter"),
    .target(name: "Revision", cSettings: built),
    .target(name: "Environments", path: "Environments", swiftSettings: strict + unchecked),
    .target(name: "Records", swiftSettings: strict),
    .target(
      name: "Algebra", dependencies: ["COpenBLAS", "CProcessor"], swiftSettings: strict + native),
    // First floor
    .target(
      name: "Learning", dependencies: ["Environments", "Algebra", "Records"],
      swiftSettings: strict + unchecked),
    .target(
      name: "Archive", dependencies: ["CZstd", "Records", "Yams", system],
      swiftSettings: strict),
    .target(name: "Formats", dependencies: ["Archive"], swiftSettings: strict),
    .target(name: "Analysis", dependencies: ["Records"], swiftSettings: strict),
    .target(
      name: "Report", dependencies: ["Records", "Analysis"],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    // Second floor
    .target(
      name: "Lab",
      dependencies: [
        "Environments", "Algebra", "Learning", "Records", "Archive", "Formats", "Revision",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "batchlab",
      dependencies: [
        "Environments", "Algebra", "Learning", "Records", "Archive", "Analysis", "Report",
        "Lab", parser,
      ],
      swiftSettings: strict),
    // Tests, a target a module, and what they share
    .target(name: "FaultInjector", path: "Tests/FaultInjector"),
    .target(
      name: "TestSupport", dependencies: ["Algebra", "Records"], path: "Tests/Support",
      swiftSettings: strict),
    // Runs the command inside the process of the tests.
    .target(
      name: "CommandSupport", dependencies: ["batchlab", "TestSupport"],
      path: "Tests/CommandSupport", swiftSettings: strict),
    .testTarget(
      name: "EnvironmentTests", dependencies: ["Environments", "Lab"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "RecordTests", dependencies: ["Records", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "AlgebraTests", dependencies: ["Algebra", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "DrawingTests", dependencies: ["batchlab", "Environments"], swiftSettings: strict),
    .testTarget(
      name: "LearningTests",
      dependencies: [
        "Learning", "Algebra", "Analysis", "Environments", "Records", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ArchiveTests", dependencies: ["Archive", "Records", "TestSupport", system],
      swiftSettings: strict),
    .testTarget(
      name: "FormatTests", dependencies: ["Formats", "Archive", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "AnalysisTests", dependencies: ["Analysis", "Records", "TestSupport"],
      resources: [.copy("Data")], swiftSettings: strict),
    .testTarget(
      name: "ReportTests", dependencies: ["Report", "Analysis", "Records", "TestSupport"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "LabTests",
      dependencies: [
        "Lab", "Algebra", "Learning", "Environments", "Records", "Archive", "Formats",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "batchlab", "Algebra", "Analysis", "Archive", "CommandSupport", "Environments", "Lab",
        "Records", "TestSupport", parser,
      ],
      swiftSettings: strict),
    // The studies in Results
    .testTarget(
      name: "StudyTests", dependencies: ["Analysis", "CommandSupport", "Records", "TestSupport"],
      swiftSettings: strict),
  ]
)
