// Whole-buffer float kernels. Each public kernel picks its CPU level once at load time (target_clones on x86-64; other
// processors take the portable path). `ligase_reference_*` is the readable scalar twin of the kernel of the same name.
//
// Letters: n rows (sequences or samples), h hidden size, c channels. Buffers are row-major and never overlap unless a
// comment says so. No kernel allocates, and none keeps state.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Element-wise: out[i] = f(a[i], b[i]); `out` may be `a` or `b`.
void ligase_add(size_t n, const float *a, const float *b, float *out);
void ligase_subtract(size_t n, const float *a, const float *b, float *out);
void ligase_multiply(size_t n, const float *a, const float *b, float *out);
void ligase_divide(size_t n, const float *a, const float *b, float *out);
void ligase_scale_shift(size_t n, const float *a, float scale, float shift, float *out);
void ligase_add_scaled(size_t n, float scale, const float *a, float *out);  // out += scale * a

// Activations and their pullbacks; `y` is the forward result, `x` the forward input.
void ligase_relu(size_t n, const float *x, float *y);
void ligase_relu_pullback(size_t n, const float *y, const float *dy, float *dx);
// Keeps the larger of best and x, or a NaN.
void ligase_maximum(size_t n, const float *x, float *best);
void ligase_sigmoid(size_t n, const float *x, float *y);
void ligase_sigmoid_pullback(size_t n, const float *y, const float *dy, float *dx);
void ligase_tanh(size_t n, const float *x, float *y);
void ligase_tanh_pullback(size_t n, const float *y, const float *dy, float *dx);
void ligase_gelu(size_t n, const float *x, float *y);  // x Phi(x), the exact form
void ligase_gelu_pullback(size_t n, const float *x, const float *dy, float *dx);
void ligase_exp(size_t n, const float *x, float *y);
void ligase_log(size_t n, const float *x, float *y);

// Reductions, accumulated in a fixed order.
double ligase_sum(size_t n, const float *x);
double ligase_dot(size_t n, const float *a, const float *b);
// c [m, n] = start + a [m, k] b^T for b [n, k] with few rows; start [n] may be NULL. Each number in an order of its own k.
void ligase_dot_rows(size_t m, size_t n, size_t k, const float *a, const float *b, const float *start, float *c);
void ligase_column_sums(size_t n, size_t c, const float *x, float *out);  // out[c] += sum over rows

// Rows: x is [n, c], v is [c] (or [n] for *_by_row).
void ligase_add_row(size_t n, size_t c, const float *x, const float *v, float *out);
void ligase_multiply_row(size_t n, size_t c, const float *x, const float *v, float *out);
void ligase_fill_rows(size_t n, size_t c, const float *v, float *out);
void ligase_scale_by_row(size_t n, size_t c, const float *x, const float *s, float *out);
// scores[i] = query . tanh(the sum of the rows of [., a] that step i has: numbers[i * pieces ..< (i + 1) * pieces]).
void ligase_additive_scores(
    size_t n, size_t a, size_t pieces, const float *projected, const int32_t *numbers, const float *query,
    float *scores);
// out = the sum over i of weights[i] times row numbers[i * apart] of [., c].
void ligase_weighted_sum(
    size_t n, size_t c, const float *weights, const float *rows, const int32_t *numbers, size_t apart, float *out);
void ligase_softmax_rows(size_t n, size_t c, const float *x, float *y);
void ligase_softmax_rows_pullback(size_t n, size_t c, const float *y, const float *dy, float *dx);
void ligase_log_softmax_rows(size_t n, size_t c, const float *x, float *y);
// y = (x - mean) / sqrt(var + eps) per row; `inverse` keeps 1/sqrt(var + eps) for the pullback.
void ligase_normalize_rows(size_t n, size_t c, float eps, const float *x, float *y, float *inverse);
void ligase_normalize_rows_pullback(
    size_t n, size_t c, const float *y, const float *inverse, const float *dy, float *dx);
void ligase_transpose(size_t n, size_t c, const float *x, float *out);  // out is [c, n]

// Columns: x is [n, c]; sums in double precision are added to `out` [c] in row order.
void ligase_column_totals(size_t n, size_t c, const float *x, double *out);
void ligase_column_squares(size_t n, size_t c, const float *x, const double *center, double *out);  // (x - center)^2
void ligase_column_dots(size_t n, size_t c, const float *a, const float *b, double *out);
// y = (x - mean) * scale, with mean and scale of each column.
void ligase_normalize_columns(size_t n, size_t c, const float *x, const float *mean, const float *scale, float *y);
// dx = scale * (dy - mean - y * along), with the means of dy and of dy * y over what was normalised together.
void ligase_normalize_columns_pullback(
    size_t n, size_t c, const float *y, const float *scale, const float *mean, const float *along, const float *dy,
    float *dx);
// y = x where x is positive, slope * x otherwise, with a slope for each column.
void ligase_prelu(size_t n, size_t c, const float *x, const float *slope, float *y);
void ligase_prelu_pullback(size_t n, size_t c, const float *x, const float *slope, const float *dy, float *dx);
void ligase_prelu_slope_pullback(size_t n, size_t c, const float *x, const float *dy, float *dslope);  // adds to dslope
// One line of a convolution of each channel by itself: y[p * ldy + j] = bias[j] + the sum over taps t of
// weight[right[t] * c + j] * x[left[t] + p * step + j]; `bias` may be NULL.
void ligase_depthwise_line(
    size_t places, size_t c, size_t taps, const float *x, size_t step, const size_t *left, const float *weight,
    const size_t *right, const float *bias, float *y, size_t ldy);
// dweight[j * apart] += the sum over lines l and places p of x[left[l] + p * step + j] * dy[(right[l] + p) * c + j].
void ligase_depthwise_weight_pullback(
    size_t places, size_t c, size_t lines, const float *x, size_t step, const size_t *left, const float *dy,
    const size_t *right, float *dweight, size_t apart);

// Dropout with a counter-based mask: element i lives when hash(key, offset + i) >= probability * 2^32.
void ligase_dropout(size_t n, uint64_t key, uint64_t offset, float probability, const float *x, float *out);

// Dropout of whole channels: column j of all n rows lives when hash(key, offset + j) does.
void ligase_dropout_columns(
    size_t n, size_t c, uint64_t key, uint64_t offset, float probability, const float *x, float *out);

// Recurrent steps over n rows. Gate order i f g o (LSTM) and r z n (GRU), PyTorch's.
// LSTM: gates [n, 4h] hold pre-activations and leave activated; c_prev may be NULL (zero state).
void ligase_lstm_step(size_t n, size_t h, float *gates, const float *c_prev, float *c, float *tanh_c, float *out);
// The same where nothing is kept for a pullback: gates are read only, and one division makes c, one makes out.
void ligase_lstm_advance(size_t n, size_t h, const float *gates, const float *c_prev, float *c, float *out);
// gates: activated in, pre-activation gradients out. dc: gradient of c in, gradient of c_prev out.
void ligase_lstm_step_pullback(
    size_t n, size_t h, float *gates, const float *c_prev, const float *tanh_c, const float *dh, float *dc);
// GRU: gates [n, 3h] input side in, activated r z n out; hidden [n, 3h] hidden side with its bias.
// candidate [n, h] receives the hidden side of n. h_prev may be NULL (zero state).
void ligase_gru_step(
    size_t n, size_t h, float *gates, const float *hidden, const float *h_prev, float *candidate, float *out);
// gates: activated in, input-side gradients out; hidden: hidden-side gradients out; dh: gradient of the state in,
// its direct part for h_prev out.
void ligase_gru_step_pullback(
    size_t n, size_t h, float *gates, float *hidden, const float *candidate, const float *h_prev, float *dh);

// A matrix [k, n] packed in panels of 32 columns: element (i, j) comes from b[i * row_stride + j * column_stride].
size_t ligase_panels_count(size_t k, size_t n);  // the floats that `packed` holds
void ligase_pack_panels(size_t k, size_t n, const float *b, size_t row_stride, size_t column_stride, float *packed);
// c [m, n] = start + a [m, k] times the packed matrix, rows of a and c lda and ldc apart. `start` may be NULL (zeros),
// a row (start_stride 0), or c itself (start_stride ldc); with `chosen`, row r starts with row chosen[r] of `start`.
void ligase_multiply_panels(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, const float *start,
    size_t start_stride, const int32_t *chosen, float *c, size_t ldc);
// The same bits for a matrix that is not packed, few rows and a row to start from (or NULL): each panel is packed where
// it is used, and used once.
void ligase_multiply_once(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t row_stride, size_t column_stride,
    const float *start, float *c, size_t ldc);
// c [m, n] = the transpose of a [k, m] times the packed matrix: a weight gradient.
void ligase_multiply_panels_turned(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, float *c, size_t ldc);
// `ligase_multiply_panels` at a CPU level of choice (0 portable, 3, 4), for tests; returns 0 where this processor lacks it.
int ligase_multiply_panels_at_level(
    int level, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *packed, const float *start,
    size_t start_stride, const int32_t *chosen, float *c, size_t ldc);
// c [m, n] += a^T b for a [k, m] and b [k, n]: the weight gradient of a few steps.
void ligase_add_outer_products(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float *c, size_t ldc);

// One line of a convolution: c [m, n] = start + the sum over taps t of a_t [m, k] times rows right[t] ..< right[t] + k of
// the packed matrix [depth, n], where row r of a_t is a[left[t] + r * lda ..< ... + k]; `start` is a row or NULL.
void ligase_multiply_taps(
    size_t m, size_t n, size_t taps, size_t k, const float *a, size_t lda, const size_t *left, const float *packed,
    size_t depth, const size_t *right, const float *start, float *c, size_t ldc);
// The weight gradient of lines of k positions: c [m, n] += the sum over lines l of a_l^T b_l, where row i of a_l [k, m] is
// at a[left[l] + i * lda] and row i of b_l [k, n] at b[(right[l] + i) * ldb]; n is a
// multiple of 16.
void ligase_add_line_products(
    size_t m, size_t n, size_t lines, size_t k, const float *a, size_t lda, const size_t *left, const float *b,
    size_t ldb, const size_t *right, float *c, size_t ldc);

// Both at a CPU level of choice, for tests; they return 0 where this processor lacks it.
int ligase_multiply_taps_at_level(
    int level, size_t m, size_t n, size_t taps, size_t k, const float *a, size_t lda, const size_t *left,
    const float *packed, size_t depth, const size_t *right, const float *start, float *c, size_t ldc);
int ligase_add_line_products_at_level(
    int level, size_t m, size_t n, size_t lines, size_t k, const float *a, size_t lda, const size_t *left,
    const float *b, size_t ldb, const size_t *right, float *c, size_t ldc);

// Pooling. A window slides along lines of `width` positions of c channels; `rows` has the first row of each line.
struct ligase_window {
  size_t width, size, stride, dilation, before;
};
// The largest number, or a NaN, of each window over `lines` lines of x, and in winner (or NULL) its row; of a window that
// is empty 0 and -1.
void ligase_max_pool_line(
    size_t places, size_t c, size_t lines, const int32_t *rows, struct ligase_window w, const float *x, float *best,
    int32_t *winner);
// The gradient of one line of the input, whose first row is `own`, from the lines of the output that read it.
void ligase_max_pool_line_pullback(
    size_t places, size_t c, size_t lines, const int32_t *rows, struct ligase_window w, int32_t own, const float *dy,
    const int32_t *winner, float *dx);
// The mean of each window: the sum divided by `all`, or by the count of its positions where `all` is 0.
void ligase_average_pool_line(
    size_t places, size_t c, size_t lines, const int32_t *rows, struct ligase_window w, size_t all, const float *x,
    float *mean);
// The gradient of one line of the input; counts[l] is the number of lines that line l of the output reads.
void ligase_average_pool_line_pullback(
    size_t places, size_t c, size_t lines, const int32_t *rows, const int32_t *counts, struct ligase_window w,
    size_t all, const float *dy, float *dx);

// Optimisers, in place over n parameters.
void ligase_sgd_update(
    size_t n, float *p, const float *g, float *velocity, float rate, float momentum, float dampening, float decay,
    int nesterov, int first);
void ligase_adam_update(
    size_t n, float *p, const float *g, float *m, float *v, float rate, float beta1, float beta2, float epsilon,
    float decay, float decoupled_decay, float correction1, float correction2);
void ligase_rmsprop_update(
    size_t n, float *p, const float *g, float *v, float *velocity, float rate, float alpha, float epsilon,
    float momentum, int nesterov, float decay, float sign_decay);

// Scalar twins.
float ligase_reference_sigmoid(float x);
float ligase_reference_tanh(float x);
float ligase_reference_exp(float x);
void ligase_reference_lstm_step(
    size_t n, size_t h, float *gates, const float *c_prev, float *c, float *tanh_c, float *out);
void ligase_reference_lstm_step_pullback(
    size_t n, size_t h, float *gates, const float *c_prev, const float *tanh_c, const float *dh, float *dc);
void ligase_reference_gru_step(
    size_t n, size_t h, float *gates, const float *hidden, const float *h_prev, float *candidate, float *out);
void ligase_reference_gru_step_pullback(
    size_t n, size_t h, float *gates, float *hidden, const float *candidate, const float *h_prev, float *dh);
void ligase_reference_additive_scores(
    size_t n, size_t a, size_t pieces, const float *projected, const int32_t *numbers, const float *query,
    float *scores);
void ligase_reference_softmax_rows(size_t n, size_t c, const float *x, float *y);
void ligase_reference_normalize_rows(size_t n, size_t c, float eps, const float *x, float *y, float *inverse);
void ligase_reference_product(  // c [m, n] = start + a [m, k] b [k, n], start NULL for zeros
    size_t m, size_t n, size_t k, const float *a, const float *b, const float *start, float *c);
void ligase_reference_multiply_taps(  // the matrix is not packed: element (i, j) is b[i * n + j]
    size_t m, size_t n, size_t taps, size_t k, const float *a, size_t lda, const size_t *left, const float *b,
    const size_t *right, const float *start, float *c);
void ligase_reference_add_line_products(
    size_t m, size_t n, size_t lines, size_t k, const float *a, size_t lda, const size_t *left, const float *b,
    size_t ldb, const size_t *right, float *c, size_t ldc);
void ligase_reference_adam_update(
    size_t n, float *p, const float *g, float *m, float *v, float rate, float beta1, float beta2, float epsilon,
    float decay, float decoupled_decay, float correction1, float correction2);

#ifdef __cplusplus
}
#endif
