/// An element of SVG or HTML. All attributes and text are escaped.
struct Element {
  let name: String
  private var attributes: [(name: String, value: String)]
  var children: [Element]
  private let text: String?
  /// The text that is shown on hover and read aloud.
  var label: String?

  init(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String? = nil,
    children: [Element] = []
  ) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value) }
    self.text = text
    self.children = children
  }

  subscript(attribute: String) -> String? {
    get { attributes.first { $0.name == attribute }?.value }
    set {
      attributes.removeAll { $0.name == attribute }
      if let newValue { attributes.append((attribute, newValue)) }
    }
  }

  /// How an element carries its label: in a file of its own as a title that browsers show, in the
  /// page as an attribute that the script shows.
  enum Place { case standalone, page }

  func markup(in place: Place) -> String {
    var output = ""
    write(to: &output, in: place)
    return output
  }

  private func write(to output: inout String, in place: Place) {
    output += "<\(name)"
    for attribute in attributes {
      output += " \(attribute.name)=\"\(Self.escaped(attribute.value))\""
    }
    if let label, place == .page { output += " role=\"img\" aria-label=\"\(Self.escaped(label))\"" }
    let title = place == .standalone ? label : nil
    guard text != nil || !children.isEmpty || title != nil else {
      output += "/>"
      return
    }
    output += ">"
    if let title { output += "<title>\(Self.escaped(title))</title>" }
    if let text { output += Self.escaped(text) }
    for child in children { child.write(to: &output, in: place) }
    output += "</\(name)>"
  }

  /// Replaces characters that have a meaning in markup with entities, and control characters, which
  /// XML can't contain, with U+FFFD.
  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "\u{FFFE}", "\u{FFFF}": output += "\u{FFFD}"
      case _ where scalar.value < 32 && !"\n\t".unicodeScalars.contains(scalar):
        output += "\u{FFFD}"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}
