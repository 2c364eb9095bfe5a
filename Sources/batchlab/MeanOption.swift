public import Analysis
public import ArgumentParser

extension SeedMean: ExpressibleByArgument {}
