// Pixel codecs over whole buffers. Every function returns 0, or 1 with a reason in `message`, which has room for
// LIGASE_MESSAGE bytes. No function keeps memory, and no long jump leaves this target.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define LIGASE_MESSAGE 256

/// The size of a picture: `bits` is 8 or 16 for PNG, else the precision of a sample.
typedef struct {
  uint32_t width, height, channels, bits;
  /// Whether the samples have a sign.
  uint32_t is_signed;
  /// Whether the last channel is opacity.
  uint32_t has_alpha;
} ligase_picture;

/// Reads the size of a PNG after expansion: palettes to colours, 1 to 4 bits to 8, transparent colours to opacity.
int ligase_png_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message);
/// Decodes a PNG into `pixels`, rows from the top, channels last, samples of 8 or 16 bits of this machine's order.
int ligase_png_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t size, char *message);
/// Encodes 8-bit grey (1 channel) or RGB (3 channels); `*output` is to be freed by the caller.
int ligase_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t **output,
                      size_t *size, char *message);

/// The colours of a JPEG of three channels: as its markers say, YCbCr, or RGB unless its markers say YCbCr.
enum { LIGASE_JPEG_MARKERS, LIGASE_JPEG_RGB };
/// Reads the size of a baseline, extended or progressive JPEG of 8 bits with 1, 3 or 4 channels.
int ligase_jpeg_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message);
/// Decodes a JPEG of 1 or 3 channels to grey or RGB.
int ligase_jpeg_decode(const uint8_t *bytes, size_t count, int colours, uint8_t *pixels, size_t size, char *message);
/// Encodes 8-bit grey (1 channel) or RGB (3 channels) as a baseline JPEG; `*output` is to be freed by the caller.
int ligase_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, int quality,
                       uint8_t **output, size_t *size, char *message);

/// Whether JPEG 2000 and JPEG-LS can be decoded.
int ligase_has_codecs(void);
/// Reads the size of a JPEG 2000 codestream or JP2 file.
int ligase_jpeg2000_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message);
/// Decodes JPEG 2000 into `samples`, channels last; `length` is their number.
int ligase_jpeg2000_decode(const uint8_t *bytes, size_t count, int32_t *samples, size_t length, char *message);
/// Reads the size of a JPEG-LS stream.
int ligase_jpegls_size(const uint8_t *bytes, size_t count, ligase_picture *picture, char *message);
/// Decodes JPEG-LS into `samples`, channels last; `length` is their number.
int ligase_jpegls_decode(const uint8_t *bytes, size_t count, int32_t *samples, size_t length, char *message);
