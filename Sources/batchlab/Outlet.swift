internal import Foundation
internal import Synchronization

/// Standard output or standard error of the process. Failures to write don't end the process:
/// what can't be written is dropped.
final class Outlet: Sendable {
  static let output = Outlet(STDOUT_FILENO, milliseconds: -1)
  /// Progress and error messages delay the work only for a moment.
  static let errors = Outlet(STDERR_FILENO, milliseconds: 100)

  private let descriptor: Int32
  private let patience: Int32
  /// How long the next text waits for room.
  private let delay: Mutex<Int32>
  private let error = Atomic<Int32>(0)

  /// - Parameter milliseconds: how long to wait for a reader; −1 for as long as it takes.
  init(_ descriptor: Int32, milliseconds: Int32) {
    self.descriptor = descriptor
    patience = milliseconds
    delay = Mutex(milliseconds)
  }

  /// Why something could not be written, as an error number; `nil` if everything was.
  var failure: Int32? {
    let error = error.load(ordering: .relaxed)
    return error == 0 ? nil : error
  }

  /// Whether nobody can read what is written from now on. A closed terminal doesn't count: it sends
  /// SIGHUP, unless the work is meant to go on without it.
  var isLost: Bool {
    if failure != nil { return true }
    let events = wait(for: 0, milliseconds: 0)
    return events & Int16(POLLERR) != 0 && events & Int16(POLLHUP) == 0
  }

  /// Writes a text, or what there is room for.
  func write(_ text: String) {
    delay.withLock { delay in
      // After a loss, nothing more is written to standard output: it would look complete.
      guard failure == nil || descriptor == STDERR_FILENO else { return }
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        // A pipe that has room takes so many bytes without waiting for its reader.
        let part = rest.prefix(patience < 0 ? rest.count : Int(PIPE_BUF))
        if patience >= 0, wait(for: Int16(POLLOUT), milliseconds: delay) == 0 {
          // After one timeout, don't wait again until there is room.
          delay = 0
          return
        }
        delay = patience
        let written = unsafe part.withUnsafeBytes { bytes in
          unsafe Foundation.write(descriptor, bytes.baseAddress, bytes.count)
        }
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if errno == EAGAIN, patience < 0 {
          _ = wait(for: Int16(POLLOUT), milliseconds: -1)
        } else if errno == EAGAIN {
          // Too little room for this part; what there is may do for a shorter text.
          return
        } else if errno != EINTR || written == 0 {
          error.store(errno, ordering: .relaxed)
          return
        }
      }
    }
  }

  /// Waits for one of the events, and returns those that happened.
  private func wait(for events: Int16, milliseconds: Int32) -> Int16 {
    var request = pollfd(fd: descriptor, events: events, revents: 0)
    var count: Int32
    repeat {
      count = unsafe poll(&request, 1, milliseconds)
    } while count < 0 && errno == EINTR
    return request.revents
  }

  /// Opens /dev/null in place of standard input, output and error where they are closed. Otherwise
  /// the next file that is opened would get their number, and with it what is meant for them.
  ///
  /// It is opened for reading, so that output is still known to go nowhere.
  static func holdPlaces() {
    var descriptor: Int32
    repeat { descriptor = unsafe open("/dev/null", O_RDONLY) } while (0..<2).contains(descriptor)
    if descriptor > STDERR_FILENO { close(descriptor) }
  }
}
