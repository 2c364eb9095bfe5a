/// How Seaquest's enemies, divers and bullets enter, move and collide.
extension Seaquest {
  mutating func spawnEnemy(random: inout some RandomSource) {
    let isRightward = random.unit() < 0.5
    let isSubmarine = random.unit() < 1.0 / 3
    let row = Int8(truncatingIfNeeded: 1 + random.integer(below: 8))
    let isOpposed = { (other: Mover) in other.y == row && other.isRightward != isRightward }
    guard !fish.contains(isOpposed), !submarines.contains(isOpposed) else { return }
    let enemy = Mover(
      entering: row, isRightward: isRightward, timer: moveSpeed, shotTimer: Self.enemyShotTime)
    if isSubmarine { submarines.append(enemy) } else { fish.append(enemy) }
  }

  mutating func spawnDiver(random: inout some RandomSource) {
    let isRightward = random.unit() < 0.5
    let row = Int8(truncatingIfNeeded: 1 + random.integer(below: 8))
    divers.append(Mover(entering: row, isRightward: isRightward, timer: Self.diverMoveTime))
  }

  mutating func moveBullets(_ outcome: inout Outcome) {
    for index in bullets.indices.reversed() {
      bullets[index].move()
      let bullet = bullets[index]
      if bullet.isOff {
        bullets.remove(at: index)
      } else if fish.removeFirst(at: bullet.x, bullet.y)
        || submarines.removeFirst(at: bullet.x, bullet.y)
      {
        bullets.remove(at: index)
        outcome.reward += 1
      }
    }
  }

  mutating func moveDivers() {
    for index in divers.indices.reversed() {
      if rescue(index) { continue }
      guard divers[index].timer == 0 else {
        divers[index].timer -= 1
        continue
      }
      divers[index].timer = Self.diverMoveTime
      divers[index].move()
      if divers[index].isOff { divers.remove(at: index) } else { _ = rescue(index) }
    }
  }

  private mutating func rescue(_ index: Int) -> Bool {
    guard isHere(divers[index]), diverCount < Self.mostDivers else { return false }
    diverCount += 1
    divers.remove(at: index)
    return true
  }

  mutating func moveSubmarines(_ outcome: inout Outcome) {
    for index in submarines.indices.reversed() {
      var submarine = submarines[index]
      let isGone = moveEnemy(&submarine, &outcome)
      let isFiring = submarine.shotTimer == 0
      submarine.shotTimer = isFiring ? Self.enemyShotTime : submarine.shotTimer - 1
      // A submarine that has just left the screen or been hit still fires from its last position.
      if isFiring { enemyBullets.append(submarine) }
      if isGone { submarines.remove(at: index) } else { submarines[index] = submarine }
    }
  }

  mutating func moveFish(_ outcome: inout Outcome) {
    for index in fish.indices.reversed() {
      var one = fish[index]
      let isGone = moveEnemy(&one, &outcome)
      if isGone { fish.remove(at: index) } else { fish[index] = one }
    }
  }

  /// Moves an enemy.
  ///
  /// - Returns: whether it left the screen or ran into a bullet.
  private mutating func moveEnemy(_ enemy: inout Mover, _ outcome: inout Outcome) -> Bool {
    if isHere(enemy) { outcome.isOver = true }
    guard enemy.timer == 0 else {
      enemy.timer -= 1
      return false
    }
    enemy.timer = moveSpeed
    enemy.move()
    if enemy.isOff { return true }
    if isHere(enemy) {
      outcome.isOver = true
    } else if bullets.removeFirst(at: enemy.x, enemy.y) {
      outcome.reward += 1
      return true
    }
    return false
  }

  mutating func moveEnemyBullets(_ outcome: inout Outcome) {
    for index in enemyBullets.indices.reversed() {
      if isHere(enemyBullets[index]) { outcome.isOver = true }
      enemyBullets[index].move()
      if enemyBullets[index].isOff {
        enemyBullets.remove(at: index)
      } else if isHere(enemyBullets[index]) {
        outcome.isOver = true
      }
    }
  }

  /// Calls `body` for enemies, divers and bullets; objects of one kind in the same cell count once.
  func forEachMover(_ body: (_ plane: Int, _ cell: Int) -> Void) {
    var (own, trails, hostile, fishes, boats, swimmers) = (
      Board(), Board(), Board(), Board(), Board(), Board()
    )
    func show(_ mover: Mover, on board: inout Board) {
      board.insert(mover.x, mover.y)
      if (0...9).contains(mover.behind) { trails.insert(mover.behind, mover.y) }
    }
    bullets.forEach { own.insert($0.x, $0.y) }
    enemyBullets.forEach { hostile.insert($0.x, $0.y) }
    fish.forEach { show($0, on: &fishes) }
    submarines.forEach { show($0, on: &boats) }
    divers.forEach { show($0, on: &swimmers) }
    own.forEach { body(2, $0) }
    trails.forEach { body(3, $0) }
    hostile.forEach { body(4, $0) }
    fishes.forEach { body(5, $0) }
    boats.forEach { body(6, $0) }
    swimmers.forEach { body(9, $0) }
  }
}
