// The scalar twins: the formulas as a textbook writes them, with the C library's functions. Tests hold the fast
// kernels against these.
#include "internal.h"

float ligase_reference_sigmoid(float x) { return (float)(1.0 / (1.0 + exp(-(double)x))); }
float ligase_reference_tanh(float x) { return (float)tanh((double)x); }
float ligase_reference_exp(float x) { return (float)exp((double)x); }

void ligase_reference_lstm_step(
    size_t n, size_t h, float *gates, const float *c_prev, float *c, float *tanh_c, float *out) {
  for (size_t r = 0; r < n; r++)
    for (size_t j = 0; j < h; j++) {
      float *row = gates + r * 4 * h;
      float i = row[j] = ligase_reference_sigmoid(row[j]);
      float f = row[h + j] = ligase_reference_sigmoid(row[h + j]);
      float g = row[2 * h + j] = ligase_reference_tanh(row[2 * h + j]);
      float o = row[3 * h + j] = ligase_reference_sigmoid(row[3 * h + j]);
      c[r * h + j] = f * (c_prev ? c_prev[r * h + j] : 0) + i * g;
      tanh_c[r * h + j] = ligase_reference_tanh(c[r * h + j]);
      out[r * h + j] = o * tanh_c[r * h + j];
    }
}

void ligase_reference_lstm_step_pullback(
    size_t n, size_t h, float *gates, const float *c_prev, const float *tanh_c, const float *dh, float *dc) {
  for (size_t r = 0; r < n; r++)
    for (size_t j = 0; j < h; j++) {
      float *row = gates + r * 4 * h;
      float i = row[j], f = row[h + j], g = row[2 * h + j], o = row[3 * h + j];
      float t = tanh_c[r * h + j], d = dh[r * h + j], before = c_prev ? c_prev[r * h + j] : 0;
      float dcell = dc[r * h + j] + d * o * (1 - t * t);
      row[j] = dcell * g * i * (1 - i);
      row[h + j] = dcell * before * f * (1 - f);
      row[2 * h + j] = dcell * i * (1 - g * g);
      row[3 * h + j] = d * t * o * (1 - o);
      dc[r * h + j] = dcell * f;
    }
}

void ligase_reference_gru_step(
    size_t n, size_t h, float *gates, const float *hidden, const float *h_prev, float *candidate, float *out) {
  for (size_t row = 0; row < n; row++)
    for (size_t j = 0; j < h; j++) {
      float *x = gates + row * 3 * h;
      const float *y = hidden + row * 3 * h;
      float before = h_prev ? h_prev[row * h + j] : 0;
      float r = x[j] = ligase_reference_sigmoid(x[j] + y[j]);
      float z = x[h + j] = ligase_reference_sigmoid(x[h + j] + y[h + j]);
      candidate[row * h + j] = y[2 * h + j];
      float c = x[2 * h + j] = ligase_reference_tanh(x[2 * h + j] + r * y[2 * h + j]);
      out[row * h + j] = (1 - z) * c + z * before;
    }
}

void ligase_reference_gru_step_pullback(
    size_t n, size_t h, float *gates, float *hidden, const float *candidate, const float *h_prev, float *dh) {
  for (size_t row = 0; row < n; row++)
    for (size_t j = 0; j < h; j++) {
      float *x = gates + row * 3 * h, *y = hidden + row * 3 * h;
      float r = x[j], z = x[h + j], c = x[2 * h + j], d = dh[row * h + j];
      float before = h_prev ? h_prev[row * h + j] : 0;
      float dcandidate = d * (1 - z) * (1 - c * c);
      float dreset = dcandidate * candidate[row * h + j] * r * (1 - r);
      float dupdate = d * (before - c) * z * (1 - z);
      x[j] = y[j] = dreset;
      x[h + j] = y[h + j] = dupdate;
      x[2 * h + j] = dcandidate;
      y[2 * h + j] = dcandidate * r;
      dh[row * h + j] = d * z;
    }
}

void ligase_reference_additive_scores(
    size_t n, size_t a, size_t pieces, const float *projected, const int32_t *numbers, const float *query,
    float *scores) {
  for (size_t i = 0; i < n; i++) {
    double score = 0;
    for (size_t j = 0; j < a; j++) {
      double sum = 0;
      for (size_t p = 0; p < pieces; p++) sum += (double)projected[(size_t)numbers[i * pieces + p] * a + j];
      score += (double)query[j] * tanh(sum);
    }
    scores[i] = (float)score;
  }
}

void ligase_reference_softmax_rows(size_t n, size_t c, const float *x, float *y) {
  for (size_t i = 0; i < n; i++) {
    double total = 0, maximum = x[i * c];
    for (size_t j = 0; j < c; j++) maximum = fmax(maximum, x[i * c + j]);
    for (size_t j = 0; j < c; j++) total += exp(x[i * c + j] - maximum);
    for (size_t j = 0; j < c; j++) y[i * c + j] = (float)(exp(x[i * c + j] - maximum) / total);
  }
}

void ligase_reference_normalize_rows(size_t n, size_t c, float eps, const float *x, float *y, float *inverse) {
  for (size_t i = 0; i < n; i++) {
    double mean = 0, variance = 0;
    for (size_t j = 0; j < c; j++) mean += x[i * c + j] / (double)c;
    for (size_t j = 0; j < c; j++) variance += (x[i * c + j] - mean) * (x[i * c + j] - mean) / (double)c;
    inverse[i] = (float)(1 / sqrt(variance + eps));
    for (size_t j = 0; j < c; j++) y[i * c + j] = (float)((x[i * c + j] - mean) / sqrt(variance + eps));
  }
}

void ligase_reference_product(
    size_t m, size_t n, size_t k, const float *a, const float *b, const float *start, float *c) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = start ? start[i * n + j] : 0;
      for (size_t l = 0; l < k; l++) sum += (double)a[i * k + l] * b[l * n + j];
      c[i * n + j] = (float)sum;
    }
}

void ligase_reference_multiply_taps(
    size_t m, size_t n, size_t taps, size_t k, const float *a, size_t lda, const size_t *left, const float *b,
    const size_t *right, const float *start, float *c) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = start ? start[j] : 0;
      for (size_t t = 0; t < taps; t++)
        for (size_t l = 0; l < k; l++) sum += (double)a[left[t] + i * lda + l] * b[(right[t] + l) * n + j];
      c[i * n + j] = (float)sum;
    }
}

void ligase_reference_add_line_products(
    size_t m, size_t n, size_t lines, size_t k, const float *a, size_t lda, const size_t *left, const float *b,
    size_t ldb, const size_t *right, float *c, size_t ldc) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = c[i * ldc + j];
      for (size_t line = 0; line < lines; line++)
        for (size_t l = 0; l < k; l++)
          sum += (double)a[left[line] + l * lda + i] * b[(right[line] + l) * ldb + j];
      c[i * ldc + j] = (float)sum;
    }
}

void ligase_reference_adam_update(
    size_t n, float *p, const float *g, float *m, float *v, float rate, float beta1, float beta2, float epsilon,
    float decay, float decoupled_decay, float correction1, float correction2) {
  for (size_t i = 0; i < n; i++) {
    double d = g[i] + decay * p[i];
    m[i] = (float)(beta1 * m[i] + (1 - beta1) * d);
    v[i] = (float)(beta2 * v[i] + (1 - beta2) * d * d);
    double rootMean = sqrt(v[i] / correction2) + epsilon;
    p[i] = (float)(p[i] - rate * decoupled_decay * p[i] - rate * (m[i] / correction1) / rootMean);
  }
}
