internal import Algebra
internal import Glibc

/// Starts the command again with better kernels, if OpenBLAS chose some for older processors.
enum Restart {
  /// Names the kernels that OpenBLAS had chosen, in a command that was started again.
  static let variable = "BATCHLAB_REPLACED_CORETYPE"

  /// Replaces this program by itself, with a variable that tells OpenBLAS what to use: it chooses
  /// when it is loaded, before any code here runs. Process, arguments, open files, limits and
  /// signals stay.
  ///
  /// It happens once, and not if the user set that variable. If it fails, the command goes on.
  static func ifKernelsAreOld() {
    guard unsafe getenv(CoreType.variable) == nil, unsafe getenv(variable) == nil else { return }
    let chosen = CoreType.inUse
    guard let program = ownPath(), let better = CoreType.better(than: chosen, on: .current)
    else { return }
    unsafe setenv(CoreType.variable, better, 1)
    unsafe setenv(variable, chosen, 1)
    // The link serves where the file was removed. It comes second because the process would be
    // called `exe`.
    _ = unsafe execv(program, CommandLine.unsafeArgv)
    _ = unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
    unsafe unsetenv(CoreType.variable)
    unsafe unsetenv(variable)
  }

  /// The file of this program, as a C string. `nil` if it is unknown, or if the program was loaded by
  /// another one, as in `ld-linux-x86-64.so.2 batchlab`: that would not understand the arguments.
  private static func ownPath() -> [CChar]? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = unsafe readlink("/proc/self/exe", &path, path.count - 1)
    guard count > 0, let name = path[..<count].split(separator: CChar(0x2F)).last,
      !name.starts(with: "ld-".utf8.map(CChar.init))
    else { return nil }
    return path
  }
}
