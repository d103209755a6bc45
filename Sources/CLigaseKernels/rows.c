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

// Adds query * tanh(sum of a step's pieces) of up to 16 columns to the lanes; `width` is a constant but at the end.
INLINE void add_scores(
    size_t width, size_t a, size_t pieces, const float *projected, const int32_t *numbers, const float *query,
    float *lanes) {
  float sums[16] = {0};
  for (size_t p = 0; p < pieces; p++) {
    const float *row = projected + (size_t)numbers[p] * a;
    for (size_t j = 0; j < width; j++) sums[j] += row[j];
  }
  // The digits that this form of tanh loses near zero do not count in a sum.
  for (size_t j = 0; j < width; j++) lanes[j] += query[j] * (1.0f - 2.0f / (fast_exp(2.0f * sums[j]) + 1.0f));
}
DISPATCHED void ligase_additive_scores(
    size_t n, size_t a, size_t pieces, const float *projected, const int32_t *numbers, const float *query,
    float *scores) {
  for (size_t i = 0; i < n; i++, numbers += pieces) {
    float lanes[16] = {0};
    size_t first = 0;
    for (; first + 16 <= a; first += 16)
      add_scores(16, a, pieces, projected + first, numbers, query + first, lanes);
    if (first < a) add_scores(a - first, a, pieces, projected + first, numbers, query + first, lanes);
    for (size_t width = 8; width > 0; width /= 2)
      for (size_t j = 0; j < width; j++) lanes[j] += lanes[j + width];
    scores[i] = lanes[0];
  }
}

INLINE void add_weighted(
    size_t width, size_t n, size_t c, const float *weights, const float *rows, const int32_t *numbers, size_t apart,
    float *out) {
  float sums[32] = {0};
  for (size_t i = 0; i < n; i++) {
    const float *row = rows + (size_t)numbers[i * apart] * c;
    for (size_t j = 0; j < width; j++) sums[j] += weights[i] * row[j];
  }
  memcpy(out, sums, width * sizeof(float));
}
DISPATCHED void ligase_weighted_sum(
    size_t n, size_t c, const float *weights, const float *rows, const int32_t *numbers, size_t apart, float *out) {
  size_t first = 0;
  for (; first + 32 <= c; first += 32) add_weighted(32, n, c, weights, rows + first, numbers, apart, out + first);
  if (first < c) add_weighted(c - first, n, c, weights, rows + first, numbers, apart, out + first);
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
