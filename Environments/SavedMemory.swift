extension Array where Element: BitwiseCopyable {
  /// The elements as raw memory, the form in which a checkpoint stores tasks and streams. Only the
  /// build that wrote it can read it.
  public var savedMemory: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

  /// Replaces all elements with saved ones.
  ///
  /// - Returns: `false`, leaving the array unchanged, if the numbers of elements differ.
  public mutating func restore(savedMemory: [UInt8]) -> Bool {
    guard savedMemory.count == count * MemoryLayout<Element>.stride else { return false }
    unsafe withUnsafeMutableBytes { unsafe $0.copyBytes(from: savedMemory) }
    return true
  }
}
