#include "codecs.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf place;
  char *message;
} jpeg_errors;

static void fail(j_common_ptr jpeg) {
  jpeg_errors *errors = (jpeg_errors *)jpeg->err;
  char text[JMSG_LENGTH_MAX];
  errors->manager.format_message(jpeg, text);
  strncpy(errors->message, text, LIGASE_MESSAGE - 1);
  errors->message[LIGASE_MESSAGE - 1] = 0;
  longjmp(errors->place, 1);
}

// libjpeg fills what is missing or damaged with grey and warns; here that is an error. Warnings about markers, or about
// bytes between them, leave the picture whole.
static void warn(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  int code = jpeg->err->msg_code;
  if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM) return;
  fail(jpeg);
}

// A progressive stream of few bytes can ask for any number of scans over the whole picture.
static void watch(j_common_ptr jpeg) {
  if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > 500) {
    strcpy(((jpeg_errors *)jpeg->err)->message, "more than 500 scans");
    longjmp(((jpeg_errors *)jpeg->err)->place, 1);
  }
}

static void prepare(jpeg_errors *errors, char *message) {
  jpeg_std_error(&errors->manager);
  errors->manager.error_exit = fail;
  errors->manager.emit_message = warn;
  errors->message = message;
}

int ligase_jpeg_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  struct jpeg_decompress_struct jpeg;
  jpeg_errors errors;
  memset(&jpeg, 0, sizeof jpeg);
  prepare(&errors, message);
  jpeg.err = &errors.manager;
  if (setjmp(errors.place)) {
    jpeg_destroy_decompress(&jpeg);
    return 1;
  }
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, bytes, count);
  jpeg_read_header(&jpeg, TRUE);
  *picture = (ligase_picture){.width = jpeg.image_width,
                              .height = jpeg.image_height,
                              .channels = (uint32_t)jpeg.num_components,
                              .bits = (uint32_t)jpeg.data_precision};
  jpeg_destroy_decompress(&jpeg);
  return 0;
}

int ligase_jpeg_decode(const uint8_t *bytes, size_t count, int colours, uint8_t *pixels, size_t size, char *message) {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_progress_mgr progress;
  jpeg_errors errors;
  memset(&jpeg, 0, sizeof jpeg);
  memset(&progress, 0, sizeof progress);
  prepare(&errors, message);
  jpeg.err = &errors.manager;
  if (setjmp(errors.place)) {
    jpeg_destroy_decompress(&jpeg);
    return 1;
  }
  jpeg_create_decompress(&jpeg);
  progress.progress_monitor = watch;
  jpeg.progress = &progress;
  jpeg_mem_src(&jpeg, bytes, count);
  jpeg_read_header(&jpeg, TRUE);
  if (jpeg.num_components == 3) {
    if (colours == LIGASE_JPEG_RGB && !jpeg.saw_JFIF_marker && !jpeg.saw_Adobe_marker) jpeg.jpeg_color_space = JCS_RGB;
    jpeg.out_color_space = JCS_RGB;
  } else {
    jpeg.out_color_space = JCS_GRAYSCALE;
  }
  jpeg_start_decompress(&jpeg);
  size_t row = (size_t)jpeg.output_width * (size_t)jpeg.output_components;
  if (size != row * jpeg.output_height) {
    strcpy(message, "the size changed");
    longjmp(errors.place, 1);
  }
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW target = pixels + row * jpeg.output_scanline;
    jpeg_read_scanlines(&jpeg, &target, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  return 0;
}

int ligase_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, int quality,
                       uint8_t **output, size_t *size, char *message) {
  struct jpeg_compress_struct jpeg;
  jpeg_errors errors;
  unsigned char *buffer = NULL;
  unsigned long length = 0;
  memset(&jpeg, 0, sizeof jpeg);
  prepare(&errors, message);
  jpeg.err = &errors.manager;
  if (setjmp(errors.place)) {
    jpeg_destroy_compress(&jpeg);
    return 1;
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &buffer, &length);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = (int)channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)jpeg.next_scanline * width * channels);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  *output = buffer;
  *size = length;
  return 0;
}
