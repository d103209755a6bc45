#include <cblas.h>

// LAPACK's symmetric eigensolver, which OpenBLAS carries; declared here so that no further package is needed.
void dsyevd_(
    const char *job, const char *triangle, const int *n, double *a, const int *lda, double *values, double *work,
    const int *work_size, int *int_work, const int *int_work_size, int *info);
