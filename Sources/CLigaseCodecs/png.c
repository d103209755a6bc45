#include "codecs.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count, at;
  uint8_t *output;
  size_t size, capacity;
  char *message;
} png_memory;

static void fail(png_structp png, png_const_charp text) {
  png_memory *memory = png_get_error_ptr(png);
  strncpy(memory->message, text, LIGASE_MESSAGE - 1);
  memory->message[LIGASE_MESSAGE - 1] = 0;
  longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep target, png_size_t count) {
  png_memory *memory = png_get_io_ptr(png);
  if (count > memory->count - memory->at) png_error(png, "truncated");
  memcpy(target, memory->bytes + memory->at, count);
  memory->at += count;
}

// Reads the header and asks for samples of 8 or 16 bits.
static void begin(png_structp png, png_infop info, ligase_picture *picture) {
  png_set_user_limits(png, 1 << 24, 1 << 24);
  png_set_chunk_malloc_max(png, 1 << 26);
  png_read_info(png, info);
  png_set_expand(png);
  const uint16_t one = 1;
  if (*(const uint8_t *)&one) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  picture->width = png_get_image_width(png, info);
  picture->height = png_get_image_height(png, info);
  picture->channels = png_get_channels(png, info);
  picture->bits = png_get_bit_depth(png, info);
  picture->is_signed = 0;
  picture->has_alpha = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) != 0;
}

int ligase_png_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  png_memory memory = {.bytes = bytes, .count = count, .message = message};
  png_infop info = NULL;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &memory, fail, ignore);
  if (png) info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    if (!info) strcpy(message, "not enough memory");
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
  }
  png_set_read_fn(png, &memory, take);
  begin(png, info, picture);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

int ligase_png_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t size, char *message) {
  png_memory memory = {.bytes = bytes, .count = count, .message = message};
  png_infop info = NULL;
  png_bytep *volatile rows = NULL;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &memory, fail, ignore);
  if (png) info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    if (!info) strcpy(message, "not enough memory");
    free(rows);
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
  }
  ligase_picture picture;
  png_set_read_fn(png, &memory, take);
  begin(png, info, &picture);
  size_t row = png_get_rowbytes(png, info);
  if (size != row * picture.height) png_error(png, "the size changed");
  rows = malloc(sizeof(png_bytep) * picture.height);
  if (!rows) png_error(png, "not enough memory");
  for (uint32_t y = 0; y < picture.height; y++) rows[y] = pixels + row * y;
  png_read_image(png, rows);
  png_read_end(png, NULL);
  free(rows);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

static void put(png_structp png, png_bytep source, png_size_t count) {
  png_memory *memory = png_get_io_ptr(png);
  if (memory->size + count > memory->capacity) {
    size_t capacity = (memory->size + count) * 2;
    uint8_t *larger = realloc(memory->output, capacity);
    if (!larger) png_error(png, "not enough memory");
    memory->output = larger;
    memory->capacity = capacity;
  }
  memcpy(memory->output + memory->size, source, count);
  memory->size += count;
}

static void flush(png_structp png) { (void)png; }

int ligase_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t **output,
                      size_t *size, char *message) {
  png_memory memory = {.message = message};
  png_infop info = NULL;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &memory, fail, ignore);
  if (png) info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    if (!info) strcpy(message, "not enough memory");
    free(memory.output);
    png_destroy_write_struct(&png, &info);
    return 1;
  }
  png_set_write_fn(png, &memory, put, flush);
  png_set_user_limits(png, 1 << 24, 1 << 24);
  png_set_IHDR(png, info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, (png_bytep)(pixels + (size_t)y * width * channels));
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  *output = memory.output;
  *size = memory.size;
  return 0;
}
