// Kernels over the rows of a matrix: broadcasting, softmax, normalisation, transposition.
#include "internal.h"

DISPATCHED void ligase_add_row(size_t n, size_t c, const float *x, const float *v, float *out) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) out[i * c + j] = x[i * c + j] + v[j];
}
DISPATCHED void ligase_multiply_row(size_t n, size_t c, const float *x, const float *v, float *out) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) out[i * c + j] = x[i * c + j] * v[j];
}
void ligase_fill_rows(size_t n, size_t c, const float *v, float *out) {
  for (size_t i = 0; i < n; i++) memcpy(out + i * c, v, c * sizeof(float));
}
DISPATCHED void ligase_scale_by_row(size_t n, size_t c, const float *x, const float *s, float *out) {
  for (size_t i = 0; i < n; i++) {
    float factor = s[i];
    for (size_t j = 0; j < c; j++) out[i * c + j] = x[i * c + j] * factor;
  }
}

DISPATCHED void ligase_softmax_rows(size_t n, size_t c, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) {
    const float *row = x + i * c;
    float *out = y + i * c;
    float maximum = row[0];
    for (size_t j = 1; j < c; j++) maximum = row[j] > maximum ? row[j] : maximum;
    for (size_t j = 0; j < c; j++) out[j] = fast_exp(row[j] - maximum);
    double total = 0;
    for (size_t j = 0; j < c; j++) total += (double)out[j];
    float inverse = (float)(1.0 / total);
    for (size_t j = 0; j < c; j++) out[j] *= inverse;
  }
}
DISPATCHED void ligase_softmax_rows_pullback(size_t n, size_t c, const float *y, const float *dy, float *dx) {
  for (size_t i = 0; i < n; i++) {
    const float *p = y + i * c, *g = dy + i * c;
    double dot = 0;
    for (size_t j = 0; j < c; j++) dot += (double)p[j] * (double)g[j];
    float mean = (float)dot;
    for (size_t j = 0; j < c; j++) dx[i * c + j] = p[j] * (g[j] - mean);
  }
}
DISPATCHED void ligase_log_softmax_rows(size_t n, size_t c, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) {
    const float *row = x + i * c;
    float maximum = row[0];
    for (size_t j = 1; j < c; j++) maximum = row[j] > maximum ? row[j] : maximum;
    double total = 0;
    for (size_t j = 0; j < c; j++) total += (double)fast_exp(row[j] - maximum);
    float shift = maximum + (float)log(total);
    for (size_t j = 0; j < c; j++) y[i * c + j] = row[j] - shift;
  }
}

DISPATCHED void ligase_normalize_rows(
    size_t n, size_t c, float eps, const float *x, float *y, float *inverse) {
  for (size_t i = 0; i < n; i++) {
    const float *row = x + i * c;
    double sum = 0, squares = 0;
    for (size_t j = 0; j < c; j++) sum += (double)row[j];
    double mean = sum / (double)c;
    for (size_t j = 0; j < c; j++) squares += ((double)row[j] - mean) * ((double)row[j] - mean);
    float scale = (float)(1.0 / sqrt(squares / (double)c + (double)eps));
    float center = (float)mean;
    for (size_t j = 0; j < c; j++) y[i * c + j] = (row[j] - center) * scale;
    inverse[i] = scale;
  }
}
DISPATCHED void ligase_normalize_rows_pullback(
    size_t n, size_t c, const float *y, const float *inverse, const float *dy, float *dx) {
  for (size_t i = 0; i < n; i++) {
    const float *v = y + i * c, *g = dy + i * c;
    double sum = 0, dot = 0;
    for (size_t j = 0; j < c; j++) {
      sum += (double)g[j];
      dot += (double)g[j] * (double)v[j];
    }
    float mean = (float)(sum / (double)c), along = (float)(dot / (double)c), scale = inverse[i];
    for (size_t j = 0; j < c; j++) dx[i * c + j] = scale * (g[j] - mean - v[j] * along);
  }
}

void ligase_transpose(size_t n, size_t c, const float *x, float *out) {
  const size_t tile = 16;
  for (size_t i0 = 0; i0 < n; i0 += tile)
    for (size_t j0 = 0; j0 < c; j0 += tile) {
      size_t i1 = i0 + tile < n ? i0 + tile : n, j1 = j0 + tile < c ? j0 + tile : c;
      for (size_t i = i0; i < i1; i++)
        for (size_t j = j0; j < j1; j++) out[j * n + i] = x[i * c + j];
    }
}
