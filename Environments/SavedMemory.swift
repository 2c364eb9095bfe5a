extension Array where Element: BitwiseCopyable {
  /// A copy of the elements as they lie in memory: what a checkpoint keeps of tasks and streams.
  /// Only the build that made it can make anything of it.
  public var savedMemory: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

  /// Replaces all elements by saved ones.
  ///
  /// - Returns: `false` if there are not as many; nothing is changed then.
  public mutating func restore(savedMemory: [UInt8]) -> Bool {
    guard savedMemory.count == count * MemoryLayout<Element>.stride else { return false }
    unsafe withUnsafeMutableBytes { unsafe $0.copyBytes(from: savedMemory) }
    return true
  }
}
