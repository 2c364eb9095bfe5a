// Package.swift defines it, from what `make build` says. No other file depends on it, so a new
// revision compiles this file alone.
#include "Revision.h"

#ifndef BATCHLAB_REVISION
#define BATCHLAB_REVISION "unknown"
#endif

const char *batchlab_revision(void) { return BATCHLAB_REVISION; }
