// Pooling of one line at a time: windows along the line, over some lines of the input.
#include "internal.h"

// The taps of the window at place p that lie in the line.
INLINE void taps_at(struct ligase_window w, size_t p, size_t *lower, size_t *upper) {
  ptrdiff_t first = (ptrdiff_t)(p * w.stride) - (ptrdiff_t)w.before;
  *lower = first >= 0 ? 0 : ((size_t)-first + w.dilation - 1) / w.dilation;
  size_t end = first >= (ptrdiff_t)w.width ? 0 : (size_t)((ptrdiff_t)w.width - 1 - first) / w.dilation + 1;
  *upper = end < w.size ? end : w.size;
}
INLINE size_t position_of(struct ligase_window w, size_t p, size_t tap) {
  return p * w.stride + tap * w.dilation - w.before;
}

enum { LANES = 16 };

INLINE void max_of_window(
    size_t lanes, size_t c, size_t lines, const int32_t *rows, struct ligase_window w, size_t p, size_t lower,
    size_t upper, const float *x, float *best, int32_t *winner) {
  float most[LANES];
  int32_t who[LANES];
  for (size_t l = 0; l < lines; l++)
    for (size_t t = lower; t < upper; t++) {
      int32_t row = rows[l] + (int32_t)position_of(w, p, t);
      const float *from = x + (size_t)row * c;
      if (l == 0 && t == lower) {
        for (size_t j = 0; j < lanes; j++) most[j] = from[j], who[j] = row;
        continue;
      }
      for (size_t j = 0; j < lanes; j++) {
        int wins = (from[j] > most[j]) | (from[j] != from[j]);
        most[j] = wins ? from[j] : most[j];
        who[j] = wins ? row : who[j];
      }
    }
  for (size_t j = 0; j < lanes; j++) best[j] = most[j];
  if (winner)
    for (size_t j = 0; j < lanes; j++) winner[j] = who[j];
}

DISPATCHED void ligase_max_pool_line(
    size_t places, size_t c, size_t lines, const int32_t *rows, struct ligase_window w, const float *x, float *best,
    int32_t *winner) {
  for (size_t p = 0; p < places; p++) {
    size_t lower, upper;
    taps_at(w, p, &lower, &upper);
    if (lines == 0 || lower >= upper) {
      memset(best + p * c, 0, c * sizeof(float));
      for (size_t j = 0; j < c && winner; j++) winner[p * c + j] = -1;
      continue;
    }
    size_t j = 0;
    for (; j + LANES <= c; j += LANES)
      max_of_window(
          LANES, c, lines, rows, w, p, lower, upper, x + j, best + p * c + j, winner ? winner + p * c + j : 0);
    if (j < c)
      max_of_window(
          c - j, c, lines, rows, w, p, lower, upper, x + j, best + p * c + j, winner ? winner + p * c + j : 0);
  }
}

DISPATCHED void ligase_max_pool_line_pullback(
    size_t places, size_t c, size_t lines, const int32_t *rows, struct ligase_window w, int32_t own,
    const float *restrict dy, const int32_t *restrict winner, float *restrict dx) {
  memset(dx, 0, w.width * c * sizeof(float));
  for (size_t l = 0; l < lines; l++)
    for (size_t p = 0; p < places; p++) {
      size_t lower, upper, from = ((size_t)rows[l] + p) * c;
      taps_at(w, p, &lower, &upper);
      for (size_t t = lower; t < upper; t++) {
        size_t position = position_of(w, p, t);
        int32_t row = own + (int32_t)position;
        float *to = dx + position * c;
        for (size_t j = 0; j < c; j++) to[j] += winner[from + j] == row ? dy[from + j] : 0.0f;
      }
    }
}

// What each number of a window weighs in its mean.
INLINE float mean_share(size_t lines, size_t lower, size_t upper, size_t all) {
  return 1.0f / (float)(all ? all : lines * (upper - lower));
}

DISPATCHED void ligase_average_pool_line(
    size_t places, size_t c, size_t lines, const int32_t *rows, struct ligase_window w, size_t all,
    const float *restrict x, float *restrict mean) {
  memset(mean, 0, places * c * sizeof(float));
  for (size_t p = 0; p < places; p++) {
    size_t lower, upper;
    taps_at(w, p, &lower, &upper);
    float share = mean_share(lines, lower, upper, all), *to = mean + p * c;
    for (size_t l = 0; l < lines; l++)
      for (size_t t = lower; t < upper; t++) {
        const float *from = x + ((size_t)rows[l] + position_of(w, p, t)) * c;
        for (size_t j = 0; j < c; j++) to[j] += share * from[j];
      }
  }
}

DISPATCHED void ligase_average_pool_line_pullback(
    size_t places, size_t c, size_t lines, const int32_t *rows, const int32_t *counts, struct ligase_window w,
    size_t all, const float *restrict dy, float *restrict dx) {
  memset(dx, 0, w.width * c * sizeof(float));
  for (size_t l = 0; l < lines; l++)
    for (size_t p = 0; p < places; p++) {
      size_t lower, upper;
      taps_at(w, p, &lower, &upper);
      const float *from = dy + ((size_t)rows[l] + p) * c;
      float share = mean_share((size_t)counts[l], lower, upper, all);
      for (size_t t = lower; t < upper; t++) {
        float *to = dx + position_of(w, p, t) * c;
        for (size_t j = 0; j < c; j++) to[j] += share * from[j];
      }
    }
}
