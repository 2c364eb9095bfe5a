// swift-tools-version: 6.2
import PackageDescription

// A separate package, because fuzzers have their own main function and are built with sanitizers.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // libFuzzer provides the main function.
  .unsafeFlags(["-parse-as-library"]),
]

let readers = Target.Dependency.product(name: "BatchLabReaders", package: "BatchLab")

let package = Package(
  name: "Fuzzing",
  dependencies: [.package(name: "BatchLab", path: "../..")],
  targets: [
    .executableTarget(
      name: "ArchiveFuzzer", dependencies: [readers], path: "ArchiveFuzzer", swiftSettings: strict),
    .executableTarget(
      name: "PlanFuzzer", dependencies: [readers], path: "PlanFuzzer", swiftSettings: strict),
  ]
)
