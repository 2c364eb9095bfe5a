/// An isotropic quadratic loss L(x) = h·|x|²/2 whose gradient is observed with noise: one
/// observation shows h·(x + s·ξ), where ξ has mean 0 and covariance I.
///
/// A task with a bowl trains no policy. Its parameters are the point x, which starts at |x| = 1,
/// and its observations are the noise ξ. Under SGD with rate ε at batch B in d dimensions, the mean
/// loss obeys exactly L' = (1 − εh)²·L + ε²·h³·s²·d/(2B).
public struct Bowl: Sendable {
  /// h.
  public var curvature: Double
  /// s, in units of x.
  public var noise: Double
}
