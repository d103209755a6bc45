// Kernels over the columns of a matrix [n, c]: normalisation, a slope for each column, convolutions of single channels.
#include "internal.h"

DISPATCHED void ligase_column_totals(size_t n, size_t c, const float *x, double *out) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) out[j] += (double)x[i * c + j];
}
DISPATCHED void ligase_column_squares(
    size_t n, size_t c, const float *x, const double *restrict center, double *restrict out) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) {
      double distance = (double)x[i * c + j] - center[j];
      out[j] += distance * distance;
    }
}
DISPATCHED void ligase_column_dots(size_t n, size_t c, const float *a, const float *b, double *out) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) out[j] += (double)a[i * c + j] * (double)b[i * c + j];
}
DISPATCHED void ligase_normalize_columns(
    size_t n, size_t c, const float *restrict x, const float *restrict mean, const float *restrict scale,
    float *restrict y) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) y[i * c + j] = (x[i * c + j] - mean[j]) * scale[j];
}
DISPATCHED void ligase_normalize_columns_pullback(
    size_t n, size_t c, const float *restrict y, const float *restrict scale, const float *restrict mean,
    const float *restrict along, const float *restrict dy, float *restrict dx) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++)
      dx[i * c + j] = scale[j] * (dy[i * c + j] - mean[j] - y[i * c + j] * along[j]);
}

DISPATCHED void ligase_prelu(
    size_t n, size_t c, const float *restrict x, const float *restrict slope, float *restrict y) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) y[i * c + j] = x[i * c + j] > 0.0f ? x[i * c + j] : slope[j] * x[i * c + j];
}
DISPATCHED void ligase_prelu_pullback(
    size_t n, size_t c, const float *restrict x, const float *restrict slope, const float *restrict dy,
    float *restrict dx) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) dx[i * c + j] = x[i * c + j] > 0.0f ? dy[i * c + j] : slope[j] * dy[i * c + j];
}
DISPATCHED void ligase_prelu_slope_pullback(
    size_t n, size_t c, const float *restrict x, const float *restrict dy, float *restrict dslope) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c; j++) dslope[j] += x[i * c + j] > 0.0f ? 0.0f : x[i * c + j] * dy[i * c + j];
}

enum { LANES = 16 };

INLINE void depthwise_lanes(
    size_t lanes, size_t places, size_t c, size_t taps, const float *x, size_t step, const size_t *left,
    const float *weight, const size_t *right, const float *bias, float *y, size_t ldy) {
  for (size_t p = 0; p < places; p++) {
    float sums[LANES];
    for (size_t j = 0; j < lanes; j++) sums[j] = bias ? bias[j] : 0.0f;
    for (size_t t = 0; t < taps; t++)
      for (size_t j = 0; j < lanes; j++) sums[j] += weight[right[t] * c + j] * x[left[t] + p * step + j];
    for (size_t j = 0; j < lanes; j++) y[p * ldy + j] = sums[j];
  }
}
DISPATCHED void ligase_depthwise_line(
    size_t places, size_t c, size_t taps, const float *x, size_t step, const size_t *left, const float *weight,
    const size_t *right, const float *bias, float *y, size_t ldy) {
  size_t j = 0;
  for (; j + LANES <= c; j += LANES)
    depthwise_lanes(LANES, places, c, taps, x + j, step, left, weight + j, right, bias ? bias + j : 0, y + j, ldy);
  if (j < c)
    depthwise_lanes(c - j, places, c, taps, x + j, step, left, weight + j, right, bias ? bias + j : 0, y + j, ldy);
}

INLINE void depthwise_weight_lanes(
    size_t lanes, size_t places, size_t c, size_t lines, const float *x, size_t step, const size_t *left, const float *dy,
    const size_t *right, float *sums) {
  for (size_t l = 0; l < lines; l++)
    for (size_t p = 0; p < places; p++)
      for (size_t j = 0; j < lanes; j++) sums[j] += x[left[l] + p * step + j] * dy[(right[l] + p) * c + j];
}
DISPATCHED void ligase_depthwise_weight_pullback(
    size_t places, size_t c, size_t lines, const float *x, size_t step, const size_t *left, const float *dy,
    const size_t *right, float *dweight, size_t apart) {
  for (size_t first = 0; first < c; first += LANES) {
    float sums[LANES] = {0};
    size_t lanes = c - first < LANES ? c - first : LANES;
    if (lanes == LANES)
      depthwise_weight_lanes(LANES, places, c, lines, x + first, step, left, dy + first, right, sums);
    else
      depthwise_weight_lanes(lanes, places, c, lines, x + first, step, left, dy + first, right, sums);
    for (size_t j = 0; j < lanes; j++) dweight[(first + j) * apart] += sums[j];
  }
}
