// Makes OpenBLAS choose badly or multiply wrongly. When preloaded, these functions stand before its
// own:
//
//     LD_PRELOAD=libFaultInjector.so BATCHLAB_CHOSEN_CORETYPE=Prescott batchlab doctor
//
// names that core type as the one that OpenBLAS chose, unless OPENBLAS_CORETYPE is set.
// BATCHLAB_WRONG_PRODUCTS=1 makes the first number of every product NaN.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>

char *openblas_get_corename(void) {
  char *name = getenv("BATCHLAB_CHOSEN_CORETYPE");
  if (name && !getenv("OPENBLAS_CORETYPE")) return name;
  return ((char *(*)(void))dlsym(RTLD_NEXT, "openblas_get_corename"))();
}

typedef void product(
  int order, int left, int right, int rows, int columns, int depth, float alpha, const float *a, int a_row,
  const float *b, int b_row, float beta, float *c, int c_row);

void cblas_sgemm(
  int order, int left, int right, int rows, int columns, int depth, float alpha, const float *a, int a_row,
  const float *b, int b_row, float beta, float *c, int c_row) {
  product *next = (product *)dlsym(RTLD_NEXT, "cblas_sgemm");
  next(order, left, right, rows, columns, depth, alpha, a, a_row, b, b_row, beta, c, c_row);
  if (getenv("BATCHLAB_WRONG_PRODUCTS")) c[0] = NAN;
}
