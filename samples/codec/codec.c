/* A component of TARS in C: packs octets by LZ77 and writes them as base64. codec.tars says what it offers. */
#include "../../sdk/c/tars.h"

enum { ROOM = 96 * 1024, WINDOW = 65535, MATCH_MIN = 4, MATCH_MAX = MATCH_MIN + 127, LITERALS_MAX = 128 };

/* The handlers of codec.tars, in its order. */
enum { PACK, UNPACK, TO_TEXT, FROM_TEXT, TOTALS };

typedef struct {
  int64_t asked, octets_in, octets_out;
} totals;

static totals sums; /* the state: a trap takes back what an event did to it */
static int64_t effort;
static uint8_t room[ROOM];

/* ---- LZ77. A control octet c below 128 stands before c + 1 literal octets; any other before the distance, u16, of an
 * earlier copy of c - 128 + MATCH_MIN octets. */

enum { HASHES = 1 << 12, NONE = -1 };

static int32_t newest[HASHES];  /* by hash of four octets, the last place where they stood */
static int32_t older[ROOM];     /* for each place the one before it with the same hash */

static uint32_t hash_of(const uint8_t *at) {
  uint32_t word;
  __builtin_memcpy(&word, at, 4);
  return (word * 2654435761u) >> 20;
}

static void write_literals(tars_writer *out, const uint8_t *at, uint32_t count) {
  while (count) {
    uint32_t some = count < LITERALS_MAX ? count : LITERALS_MAX;
    tars_write_u8(out, (uint8_t)(some - 1));
    __builtin_memcpy(tars_room(out, some), at, some);
    at += some;
    count -= some;
  }
}

static void pack(tars_writer *out, tars_octets data) {
  for (uint32_t hash = 0; hash < HASHES; hash++) newest[hash] = NONE;
  uint32_t literals = 0; /* how many before `at` are not written yet */
  for (uint32_t at = 0; at < data.size;) {
    uint32_t best = 0, distance = 0;
    uint32_t left = data.size - at;
    if (MATCH_MIN <= left) {
      uint32_t hash = hash_of(data.at + at);
      int64_t tries = effort;
      for (int32_t earlier = newest[hash]; 0 <= earlier && at - (uint32_t)earlier <= WINDOW && 0 < tries; tries--) {
        uint32_t most = left < MATCH_MAX ? left : MATCH_MAX, size = 0;
        while (size < most && data.at[(uint32_t)earlier + size] == data.at[at + size]) size++;
        if (best < size) best = size, distance = at - (uint32_t)earlier;
        earlier = older[earlier];
      }
    }
    uint32_t step = MATCH_MIN <= best ? best : 1;
    if (MATCH_MIN <= best) {
      write_literals(out, data.at + at - literals, literals);
      tars_write_u8(out, (uint8_t)(128 + best - MATCH_MIN));
      tars_write_u16(out, (uint16_t)distance);
      literals = 0;
    } else {
      literals++;
    }
    for (; step; step--, at++) {
      if (data.size - at < MATCH_MIN) continue;
      uint32_t hash = hash_of(data.at + at);
      older[at] = newest[hash];
      newest[hash] = (int32_t)at;
    }
  }
  write_literals(out, data.at + data.size - literals, literals);
}

/* Whoever asked may have changed what was packed: 0 where it cannot have come from `pack`. */
static int unpack(tars_writer *out, tars_octets packed, int64_t size) {
  const uint8_t *begin = out->at, *at = packed.at, *end = packed.at + packed.size;
  while (at < end) {
    uint32_t control = *at++;
    if (control < 128) {
      uint32_t count = control + 1;
      if ((uint32_t)(end - at) < count || size < (out->at - begin) + (int64_t)count) return 0;
      __builtin_memcpy(tars_room(out, count), at, count);
      at += count;
      continue;
    }
    if (end - at < 2) return 0;
    uint32_t distance = at[0] | (uint32_t)at[1] << 8, count = control - 128 + MATCH_MIN;
    at += 2;
    if (!distance || (uint32_t)(out->at - begin) < distance || size < (out->at - begin) + (int64_t)count) return 0;
    for (uint8_t *to = tars_room(out, count); count; count--, to++) *to = to[-(int32_t)distance];
  }
  return out->at - begin == size;
}

/* ---- base64, RFC 4648. */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void to_text(tars_writer *out, tars_octets data) {
  for (uint32_t at = 0; at < data.size; at += 3) {
    uint32_t count = data.size - at < 3 ? data.size - at : 3, bits = 0;
    for (uint32_t octet = 0; octet < 3; octet++) bits = bits << 8 | (octet < count ? data.at[at + octet] : 0);
    for (uint32_t digit = 0; digit < 4; digit++) {
      char one = alphabet[bits >> (18 - 6 * digit) & 63];
      tars_write_u8(out, (uint8_t)(digit <= count ? one : '='));
    }
  }
}

static int digit_of(uint8_t one) {
  return 'A' <= one && one <= 'Z' ? one - 'A'
       : 'a' <= one && one <= 'z' ? one - 'a' + 26
       : '0' <= one && one <= '9' ? one - '0' + 52
       : one == '+' ? 62
       : one == '/' ? 63
       : -1;
}

static int from_text(tars_writer *out, tars_octets text) {
  if (text.size % 4) return 0;
  for (uint32_t at = 0; at < text.size; at += 4) {
    uint32_t count = text.at[at + 3] != '=' ? 3 : text.at[at + 2] != '=' ? 2 : 1, bits = 0;
    if (count < 3 && at + 4 < text.size) return 0;
    for (uint32_t digit = 0; digit < 4; digit++) {
      int value = digit <= count ? digit_of(text.at[at + digit]) : 0;
      if (value < 0) return 0;
      bits = bits << 6 | (uint32_t)value;
    }
    if (count < 3 && bits & ((1u << (8 * (3 - count))) - 1)) return 0; /* It would not be written like this. */
    for (uint32_t octet = 0; octet < count; octet++) tars_write_u8(out, (uint8_t)(bits >> (16 - 8 * octet)));
  }
  return 1;
}

/* ---- Events. */

static void answer(const tars_writer *out, uint32_t octets_in, uint32_t octets_out) {
  sums.asked++;
  sums.octets_in += octets_in;
  sums.octets_out += octets_out;
  tars_reply(out);
}

static void write_totals(tars_writer *out) {
  tars_write_i64(out, sums.asked);
  tars_write_i64(out, sums.octets_in);
  tars_write_i64(out, sums.octets_out);
}

static void on_ask(tars_event *event) {
  tars_writer out = tars_write_to(room, sizeof room);
  if (event->handler == TOTALS) {
    write_totals(&out);
    tars_reply(&out);
    return;
  }
  /* `Packed` and the bytes that become it differ in one field, the size. */
  int64_t size = event->handler == UNPACK ? tars_read_i64(&event->in) : 0;
  tars_octets given = tars_read_octets(&event->in);
  if (ROOM < given.size) tars_fail("more than 96 KiB at once");
  if (event->handler == PACK) tars_write_i64(&out, given.size);
  uint8_t *begun = tars_begin_octets(&out);
  switch (event->handler) {
    case PACK:
      pack(&out, given);
      break;
    case UNPACK:
      if (!unpack(&out, given, size)) {
        tars_refuse_with(TARS_MALFORMED, "this was not packed here");
        return;
      }
      break;
    case TO_TEXT:
      to_text(&out, given);
      break;
    case FROM_TEXT:
      if (!from_text(&out, given)) {
        tars_refuse_with(TARS_MALFORMED, "this is not base64");
        return;
      }
      break;
    default:
      tars_trap(TARS_MALFORMED_EVENT);
  }
  tars_end_octets(&out, begun);
  answer(&out, given.size, (uint32_t)(out.at - begun) - 4);
}

void tars_on(tars_event *event) {
  switch (event->kind) {
    case TARS_BIRTH:
      tars_read_identity(&event->in);
      effort = tars_read_i64(&event->in);
      break;
    case TARS_PARAMS:
      effort = tars_read_i64(&event->in);
      break;
    case TARS_HANDLER:
      on_ask(event);
      break;
    case TARS_SAVE: {
      tars_writer out = tars_write_to(room, sizeof room);
      tars_write_saved_head(&out);
      write_totals(&out);
      tars_saved(&out);
      break;
    }
    case TARS_LOAD:
      tars_read_saved_head(&event->in);
      sums.asked = tars_read_i64(&event->in);
      sums.octets_in = tars_read_i64(&event->in);
      sums.octets_out = tars_read_i64(&event->in);
      break;
    default:
      tars_trap(TARS_NOT_IN_FORCE);
  }
}
