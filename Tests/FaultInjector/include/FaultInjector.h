// Preloaded by tests, called by nobody.
