import Testing

@testable import Archive

/// Against the vectors that NIST publishes for FIPS 180-4 and against digests of coreutils' sha256sum.
@Suite struct SHA256Tests {
  private func digest(_ bytes: [UInt8], in pieces: Int = .max) -> String {
    var fingerprint = Fingerprint()
    var start = 0
    while start < bytes.count {
      let end = min(start + min(pieces, bytes.count), bytes.count)
      fingerprint.add(Array(bytes[start..<end]))
      start = end
    }
    return fingerprint.text
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
        + "lmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ]) func `gives the standard's digests`(text: String, digest expected: String) {
    #expect(digest(Array(text.utf8)) == expected)
  }

  @Test func `gives the standard's digest of a million bytes, in pieces of any size`() {
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    for pieces in [Int.max, 1, 7, 63, 64, 65, 1_000] {
      #expect(
        digest(million, in: pieces)
          == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
  }

  /// The digest of all digests of 0 to 200 bytes of 0, 1, 2…, which pass every length of padding.
  @Test func `pads every length as sha256sum does`() {
    let all = (0...200).map { count in digest((0..<count).map { UInt8($0) }) }.joined()
    #expect(
      digest(Array(all.utf8))
        == "b367ea311264aae50e6260b96a10761169ce3eec5d5f8f2258351f82c7252776")
  }
}
