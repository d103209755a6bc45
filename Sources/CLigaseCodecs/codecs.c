#include "codecs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef LIGASE_CODECS

#if __has_include(<openjpeg.h>)
#include <openjpeg.h>
#elif __has_include(<openjpeg-2.5/openjpeg.h>)
#include <openjpeg-2.5/openjpeg.h>
#elif __has_include(<openjpeg-2.4/openjpeg.h>)
#include <openjpeg-2.4/openjpeg.h>
#else
#include <openjpeg-2.3/openjpeg.h>
#endif
#include <charls/charls.h>

int ligase_has_codecs(void) { return 1; }

// JPEG 2000

typedef struct {
  const uint8_t *bytes;
  size_t count, at;
} memory;

static void note(const char *text, void *target) {
  // The first message says what was found; those after it say what could not be done therefore.
  char *message = target;
  if (message[0]) return;
  strncpy(message, text, LIGASE_MESSAGE - 1);
  message[LIGASE_MESSAGE - 1] = 0;
  message[strcspn(message, "\r\n")] = 0;
}

static void ignore(const char *text, void *target) {
  (void)text;
  (void)target;
}

static OPJ_SIZE_T take(void *target, OPJ_SIZE_T count, void *source) {
  memory *from = source;
  if (from->at >= from->count) return (OPJ_SIZE_T)-1;
  if (count > from->count - from->at) count = from->count - from->at;
  memcpy(target, from->bytes + from->at, count);
  from->at += count;
  return count;
}

static OPJ_OFF_T skip(OPJ_OFF_T count, void *source) {
  memory *from = source;
  if (count < 0 || (size_t)count > from->count - from->at) return -1;
  from->at += (size_t)count;
  return count;
}

static OPJ_BOOL seek(OPJ_OFF_T place, void *source) {
  memory *from = source;
  if (place < 0 || (size_t)place > from->count) return OPJ_FALSE;
  from->at = (size_t)place;
  return OPJ_TRUE;
}

typedef struct {
  memory source;
  opj_codec_t *codec;
  opj_stream_t *stream;
  opj_image_t *image;
} reader;

static void end(reader *reading) {
  if (reading->image) opj_image_destroy(reading->image);
  if (reading->codec) opj_destroy_codec(reading->codec);
  if (reading->stream) opj_stream_destroy(reading->stream);
}

// Reads the header; every channel must have the size of the image.
static int begin(reader *reading, const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  static const uint8_t box[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
  memset(reading, 0, sizeof *reading);
  message[0] = 0;
  reading->source = (memory){.bytes = bytes, .count = count};
  int is_box = count >= sizeof box && memcmp(bytes, box, sizeof box) == 0;
  reading->codec = opj_create_decompress(is_box ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
  reading->stream = opj_stream_create(1 << 16, OPJ_TRUE);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (!reading->codec || !reading->stream) {
    note("not enough memory", message);
    return 1;
  }
  opj_set_error_handler(reading->codec, note, message);
  opj_set_warning_handler(reading->codec, ignore, NULL);
  opj_set_info_handler(reading->codec, ignore, NULL);
  opj_stream_set_read_function(reading->stream, take);
  opj_stream_set_skip_function(reading->stream, skip);
  opj_stream_set_seek_function(reading->stream, seek);
  opj_stream_set_user_data(reading->stream, &reading->source, NULL);
  opj_stream_set_user_data_length(reading->stream, count);
  if (!opj_setup_decoder(reading->codec, &parameters) ||
      !opj_read_header(reading->stream, reading->codec, &reading->image) || !reading->image) {
    note("the header cannot be read", message);
    return 1;
  }
  opj_image_t *image = reading->image;
  if (image->numcomps < 1 || image->x1 <= image->x0 || image->y1 <= image->y0) {
    note("an empty image", message);
    return 1;
  }
  for (uint32_t i = 0; i < image->numcomps; i++) {
    if (image->comps[i].dx != 1 || image->comps[i].dy != 1 || image->comps[i].prec != image->comps[0].prec ||
        image->comps[i].sgnd != image->comps[0].sgnd) {
      note("channels of unequal size or precision", message);
      return 1;
    }
  }
  *picture = (ligase_picture){.width = image->x1 - image->x0,
                              .height = image->y1 - image->y0,
                              .channels = image->numcomps,
                              .bits = image->comps[0].prec,
                              .is_signed = image->comps[0].sgnd};
  return 0;
}

int ligase_jpeg2000_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  reader reading;
  int failed = begin(&reading, bytes, count, picture, message);
  end(&reading);
  return failed;
}

int ligase_jpeg2000_decode(const uint8_t *bytes, size_t count, int32_t *samples, size_t length, char *message) {
  reader reading;
  ligase_picture picture;
  if (begin(&reading, bytes, count, &picture, message)) {
    end(&reading);
    return 1;
  }
  size_t pixels = (size_t)picture.width * picture.height;
  int failed = length != pixels * picture.channels;
  if (failed) note("the size changed", message);
  if (!failed) failed = !opj_decode(reading.codec, reading.stream, reading.image);
  // A stream that ends early decodes to a coarser image with a warning; the end must have been seen.
  if (!failed) failed = !opj_end_decompress(reading.codec, reading.stream);
  for (uint32_t i = 0; !failed && i < picture.channels; i++) {
    opj_image_comp_t *channel = &reading.image->comps[i];
    failed = !channel->data || channel->w != picture.width || channel->h != picture.height;
    for (size_t place = 0; !failed && place < pixels; place++)
      samples[place * picture.channels + i] = channel->data[place];
  }
  if (failed) note("the pixels cannot be decoded", message);
  end(&reading);
  return failed;
}

// JPEG-LS

static int refuse(charls_jpegls_decoder *decoder, charls_jpegls_errc code, char *message) {
  strncpy(message, decoder ? charls_get_error_message(code) : "not enough memory", LIGASE_MESSAGE - 1);
  message[LIGASE_MESSAGE - 1] = 0;
  charls_jpegls_decoder_destroy(decoder);
  return 1;
}

// Reads the header; on failure the decoder is gone.
static charls_jpegls_decoder *open(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  charls_jpegls_decoder *decoder = charls_jpegls_decoder_create();
  charls_frame_info frame;
  charls_jpegls_errc code = decoder ? charls_jpegls_decoder_set_source_buffer(decoder, bytes, count) : 1;
  if (!code) code = charls_jpegls_decoder_read_header(decoder);
  if (!code) code = charls_jpegls_decoder_get_frame_info(decoder, &frame);
  if (code) {
    refuse(decoder, code, message);
    return NULL;
  }
  *picture = (ligase_picture){.width = frame.width,
                              .height = frame.height,
                              .channels = (uint32_t)frame.component_count,
                              .bits = (uint32_t)frame.bits_per_sample};
  return decoder;
}

int ligase_jpegls_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  charls_jpegls_decoder *decoder = open(bytes, count, picture, message);
  if (!decoder) return 1;
  charls_jpegls_decoder_destroy(decoder);
  return 0;
}

int ligase_jpegls_decode(const uint8_t *bytes, size_t count, int32_t *samples, size_t length, char *message) {
  ligase_picture picture;
  charls_jpegls_decoder *decoder = open(bytes, count, &picture, message);
  if (!decoder) return 1;
  size_t pixels = (size_t)picture.width * picture.height, size = 0;
  size_t width = picture.bits > 8 ? 2 : 1;
  charls_interleave_mode mode;
  charls_jpegls_errc code = charls_jpegls_decoder_get_interleave_mode(decoder, &mode);
  if (!code) code = charls_jpegls_decoder_get_destination_size(decoder, 0, &size);
  if (code) return refuse(decoder, code, message);
  if (length != pixels * picture.channels || size != length * width) {
    strcpy(message, "the size changed");
    charls_jpegls_decoder_destroy(decoder);
    return 1;
  }
  uint8_t *decoded = malloc(size);
  code = decoded ? charls_jpegls_decoder_decode_to_buffer(decoder, decoded, size, 0) : 1;
  if (code) {
    free(decoded);
    return refuse(decoded ? decoder : NULL, code, message);
  }
  for (size_t place = 0; place < pixels; place++) {
    for (size_t i = 0; i < picture.channels; i++) {
      size_t from = mode == CHARLS_INTERLEAVE_MODE_NONE ? i * pixels + place : place * picture.channels + i;
      uint16_t wide = 0;
      if (width == 2) memcpy(&wide, decoded + 2 * from, 2);
      samples[place * picture.channels + i] = width == 2 ? wide : decoded[from];
    }
  }
  free(decoded);
  charls_jpegls_decoder_destroy(decoder);
  return 0;
}

#else

int ligase_has_codecs(void) { return 0; }

static int refuse(char *message) {
  strcpy(message, "built without this codec");
  return 1;
}

int ligase_jpeg2000_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  (void)bytes, (void)count, (void)picture;
  return refuse(message);
}

int ligase_jpeg2000_decode(const uint8_t *bytes, size_t count, int32_t *samples, size_t length, char *message) {
  (void)bytes, (void)count, (void)samples, (void)length;
  return refuse(message);
}

int ligase_jpegls_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message) {
  (void)bytes, (void)count, (void)picture;
  return refuse(message);
}

int ligase_jpegls_decode(const uint8_t *bytes, size_t count, int32_t *samples, size_t length, char *message) {
  (void)bytes, (void)count, (void)samples, (void)length;
  return refuse(message);
}

#endif
