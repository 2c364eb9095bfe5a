internal import Foundation
internal import Glibc

/// What another program prints, if it ends well; `nil` if it can't be started or fails.
///
/// Its input is empty, and its errors go where those of this process go. It does not use
/// Foundation's `Process`, which now and then misses the end of a child.
///
/// - Parameter environment: variables beside those of this process, or in their place.
func output(
  of program: String, _ arguments: [String], environment: [String: String]
) -> [UInt8]? {
  var ends: [Int32] = [-1, -1]
  guard unsafe pipe(&ends) == 0 else { return nil }
  let (reader, writer) = (ends[0], ends[1])
  // The child must not hold its own pipe open.
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  defer { close(reader) }
  let child = start(program, arguments, environment, output: writer)
  close(writer)
  guard let child else { return nil }
  let text = everything(from: reader)
  var status: Int32 = 0
  while unsafe waitpid(child, &status, 0) < 0 { guard errno == EINTR else { return nil } }
  return status == 0 ? text : nil
}

/// The process id of a program that has been started.
private func start(
  _ program: String, _ arguments: [String], _ environment: [String: String], output: Int32
) -> pid_t? {
  let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
  var settings = unsafe variables.map { unsafe strdup("\($0)=\($1)") } + [nil]
  defer { unsafe (words + settings).forEach { unsafe free($0) } }
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
  var child: pid_t = 0
  let failure = unsafe posix_spawn(&child, program, &actions, nil, &words, &settings)
  return failure == 0 ? child : nil
}

/// All bytes up to the end of a pipe.
private func everything(from pipe: Int32) -> [UInt8] {
  var (all, part) = ([UInt8](), [UInt8](repeating: 0, count: 4_096))
  while true {
    let count = unsafe read(pipe, &part, part.count)
    if count > 0 { all += part[..<count] } else if count == 0 || errno != EINTR { return all }
  }
}
