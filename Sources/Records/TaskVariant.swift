/// A task in one variant of its settings: what a study measures on its own.
public struct TaskVariant: Hashable, Sendable, Comparable, CustomStringConvertible {
  public var task: String
  /// Its name; `nil` for a task without variants.
  public var variant: String?

  public init(_ task: String, _ variant: String? = nil) {
    (self.task, self.variant) = (task, variant)
  }

  /// As in "catch, network=16-16".
  public var description: String { variant.map { "\(task), \($0)" } ?? task }

  /// As part of the name of a file or folder.
  public var fileName: String {
    let text = [task, variant].compactMap(\.self).joined(separator: "-")
    return String(
      text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-._=,".contains($0)) ? $0 : "-" })
  }

  /// A task without variants comes first.
  public static func < (left: Self, right: Self) -> Bool {
    (left.task, left.variant ?? "") < (right.task, right.variant ?? "")
  }

  /// What a variant's name must be, as in "a name of at most 200 bytes".
  public static let nameForm = "a name of at most 200 bytes of visible characters"

  /// Whether a text can name a variant.
  public static func isName(_ text: String) -> Bool {
    text.utf8.count <= 200 && text.contains { $0 != " " }
      && text.unicodeScalars.allSatisfy { scalar in
        let unprintable: [Unicode.GeneralCategory] = [
          .control, .format, .lineSeparator, .paragraphSeparator,
        ]
        return !unprintable.contains(scalar.properties.generalCategory)
      }
  }

  /// The name that follows from the settings that make the variant, as in
  /// `optimizer=sgd momentum=0.9`: those that change how the task is trained. `nil` if there are
  /// none.
  public static func name(of settings: PlanSettings, _ table: SettingsTable) -> String? {
    let words = table.all.compactMap { setting in
      setting.isOfTraining
        ? settings[any: setting].map { "\(setting.name)=\($0.word)" } : nil
    }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }
}

extension AnySetting {
  /// Whether the variants of a task can differ in it.
  public var isOfVariant: Bool { key != nil && !isShared }

  /// Whether it changes how a task is trained, and not only how that is measured.
  public var isOfTraining: Bool {
    isOfVariant && (role == .hyperparameter || name == Settings.declared.numSteps.name)
  }
}

extension TaskPlan {
  public var name: TaskVariant { TaskVariant(task, variant) }

  /// Whether only the names, or what is measured, differ.
  public func isTrained(as other: TaskPlan) -> Bool {
    task == other.task && horizon == other.horizon && hyperparameters == other.hyperparameters
  }
}

extension TrialSettings {
  public var taskVariant: TaskVariant { TaskVariant(task, variant) }
}
