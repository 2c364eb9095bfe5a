// Makes calls of the C library fail. When preloaded, these functions stand before glibc's own:
//
//     LD_PRELOAD=libFaultInjector.so BATCHLAB_FAULT=write:7:once batchlab sweep plan.yaml
//
// lets the seventh write fail with EIO; `always` in place of `once` lets all later ones fail, too. A
// fourth part is the number of another error: rename:1:always:18. At its end the process writes the
// number of calls of each kind to the file that BATCHLAB_FAULT_COUNTS names, a kind a line.
#define _GNU_SOURCE
#include "FaultInjector.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { OPEN, READ, WRITE, READDIR, STAT, FSYNC, RENAME, LINK, UNLINK, TRUNCATE, MKDIR, KINDS };

static const char *const names[KINDS] = {
  "open", "read", "write", "readdir", "stat", "fsync", "rename", "link", "unlink", "truncate", "mkdir",
};

static atomic_long calls[KINDS];
static int failing = -1;
static long first;
static int always;
static int error = EIO;
static int is_over;

__attribute__((constructor)) static void start(void) {
  const char *text = getenv("BATCHLAB_FAULT");
  char name[16], mode[16];
  if (!text || sscanf(text, "%15[a-z]:%ld:%15[a-z]:%d", name, &first, mode, &error) < 3) return;
  for (int kind = 0; kind < KINDS; kind++) if (!strcmp(name, names[kind])) failing = kind;
  always = !strcmp(mode, "always");
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("BATCHLAB_FAULT_COUNTS");
  is_over = 1;
  if (!path) return;
  FILE *file = fopen(path, "w");
  if (!file) return;
  for (int kind = 0; kind < KINDS; kind++) fprintf(file, "%s %ld\n", names[kind], calls[kind]);
  fclose(file);
}

static int fails(enum kind kind) {
  if (is_over) return 0;
  long call = atomic_fetch_add(&calls[kind], 1) + 1;
  if ((int)kind != failing || (always ? call < first : call != first)) return 0;
  errno = error;
  return 1;
}

// glibc's own function of the same name.
#define NEXT(result, name, ...) ((result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

// Dispatch samples its threads by files of /proc, and ends the process where it can't.
static int fails_to_open(const char *path) { return strncmp(path, "/proc/", 6) && fails(OPEN); }

#define OPENING(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = mode_of(flags, rest); \
    va_end(rest); \
    return fails_to_open(path) ? -1 : NEXT(int, name, const char *, int, ...)(path, flags, mode); \
  }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = mode_of(flags, rest); \
    va_end(rest); \
    return fails_to_open(path) ? -1 : NEXT(int, name, int, const char *, int, ...)(folder, path, flags, mode); \
  }
OPENING_AT(openat)
OPENING_AT(openat64)

DIR *opendir(const char *path) {
  return fails_to_open(path) ? NULL : NEXT(DIR *, opendir, const char *)(path);
}

ssize_t read(int file, void *bytes, size_t count) {
  return fails(READ) ? -1 : NEXT(ssize_t, read, int, void *, size_t)(file, bytes, count);
}

ssize_t pread(int file, void *bytes, size_t count, off_t place) {
  return fails(READ) ? -1 : NEXT(ssize_t, pread, int, void *, size_t, off_t)(file, bytes, count, place);
}

ssize_t write(int file, const void *bytes, size_t count) {
  return fails(WRITE) ? -1 : NEXT(ssize_t, write, int, const void *, size_t)(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
  return fails(WRITE)
    ? -1 : NEXT(ssize_t, pwrite, int, const void *, size_t, off_t)(file, bytes, count, place);
}

struct dirent *readdir(DIR *folder) {
  return fails(READDIR) ? NULL : NEXT(struct dirent *, readdir, DIR *)(folder);
}

#define STATUS(name, type, ...) return fails(STAT) ? -1 : NEXT(int, name, type, struct stat *)(__VA_ARGS__)
int stat(const char *path, struct stat *status) { STATUS(stat, const char *, path, status); }
int lstat(const char *path, struct stat *status) { STATUS(lstat, const char *, path, status); }
int fstat(int file, struct stat *status) { STATUS(fstat, int, file, status); }
int fstatat(int folder, const char *path, struct stat *status, int flags) {
  return fails(STAT)
    ? -1 : NEXT(int, fstatat, int, const char *, struct stat *, int)(folder, path, status, flags);
}

int fsync(int file) { return fails(FSYNC) ? -1 : NEXT(int, fsync, int)(file); }
int fdatasync(int file) { return fails(FSYNC) ? -1 : NEXT(int, fdatasync, int)(file); }

int rename(const char *from, const char *to) {
  return fails(RENAME) ? -1 : NEXT(int, rename, const char *, const char *)(from, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  return fails(RENAME)
    ? -1
    : NEXT(int, renameat2, int, const char *, int, const char *, unsigned)(
        from_folder, from, to_folder, to, flags);
}

int link(const char *from, const char *to) {
  return fails(LINK) ? -1 : NEXT(int, link, const char *, const char *)(from, to);
}

int unlink(const char *path) {
  return fails(UNLINK) ? -1 : NEXT(int, unlink, const char *)(path);
}

int unlinkat(int folder, const char *path, int flags) {
  return fails(UNLINK) ? -1 : NEXT(int, unlinkat, int, const char *, int)(folder, path, flags);
}

int rmdir(const char *path) {
  return fails(UNLINK) ? -1 : NEXT(int, rmdir, const char *)(path);
}

int ftruncate(int file, off_t length) {
  return fails(TRUNCATE) ? -1 : NEXT(int, ftruncate, int, off_t)(file, length);
}

int mkdir(const char *path, mode_t mode) {
  return fails(MKDIR) ? -1 : NEXT(int, mkdir, const char *, mode_t)(path, mode);
}
