/* tars.h: what a module in C needs to be a guest of TARS under ABI v1 (docs/abi.md), in one file.
 *
 * Include it in one source file, write `void tars_on(tars_event *event)`, and build that file with
 *
 *   clang --target=wasm32 -O2 -mbulk-memory -ffreestanding -nostdlib \
 *         -Wl,--no-entry -Wl,--export=tars_control -o module.wasm module.c
 *
 * A metascript with `code: wasm` says what the module is. Each event is a transaction: what tars_on wrote to memory and
 * which effects it called for stands when it returns; when it traps, all of it is undone. The kernel copies the memory
 * back for that, so memory is at most 1 MiB; any C that stays within is safe to write.
 */
#ifndef TARS_H
#define TARS_H

#include <stdint.h>

/* Octets of the two rings. An event or a batch of effects that does not fit is refused, not cut. */
#ifndef TARS_EVENTS_SIZE
#define TARS_EVENTS_SIZE (128 * 1024)
#endif
#ifndef TARS_EFFECTS_SIZE
#define TARS_EFFECTS_SIZE (192 * 1024)
#endif

#define TARS_CALL(name) __attribute__((import_module("tars"), import_name(#name))) extern void tars_call_##name
#define TARS_EXPORT(name) __attribute__((export_name(#name)))

/* The calls. None answers: each becomes a record in the effect ring, and what the kernel makes of it comes as an event.
 * Octets are passed as address and size, the address as the number that it is. */
TARS_CALL(spawn)(uint32_t agent, int64_t slot, const void *state, uint32_t size);
TARS_CALL(exit)(void);
TARS_CALL(send)(int64_t slot, uint32_t operation, const void *arguments, uint32_t size);
TARS_CALL(ask)(int64_t slot, uint32_t operation, int64_t timeout, uint32_t continuation, const void *arguments,
               uint32_t size);
TARS_CALL(reply)(uint32_t status, const void *answer, uint32_t size);
TARS_CALL(publish)(int64_t slot, const void *channel, uint32_t channel_size, const void *value, uint32_t size);
TARS_CALL(set_timer)(uint32_t handler, int64_t first, int64_t period);
TARS_CALL(cancel_timer)(uint32_t handler);
TARS_CALL(log)(const void *entry, uint32_t size);
TARS_CALL(metric)(uint32_t metric, double value);
TARS_CALL(observe)(uint32_t belief, double value, uint32_t retract);

/* The control block. Its address is the export `tars_control`; the kernel and the engine read and write it too. */
typedef struct {
  uint32_t version;
  uint8_t *events;
  uint32_t events_size;
  uint8_t *effects;
  uint32_t effects_size, effects_used;
  volatile uint64_t committed; /* low half: octets of effects; high half: events. One store is the commit. */
  uint32_t undo_head, state_base, state_end;
  uint32_t trap_code;
  const char *trap_text;
  uint32_t trap_text_size;
  uint32_t site;
  const uint8_t *saved;
  uint32_t saved_size;
  uint32_t flags; /* bit 0: keeps an undo log. This one does not. */
  uint32_t reserved[6];
} tars_control_block;

_Static_assert(sizeof(tars_control_block) == 96, "the control block of ABI v1, on a machine of 32 bits");

static _Alignas(8) uint8_t tars_events[TARS_EVENTS_SIZE];
static _Alignas(8) uint8_t tars_effects[TARS_EFFECTS_SIZE];

_Alignas(8) tars_control_block tars_control = {
    .version = 1,
    .events = tars_events, .events_size = TARS_EVENTS_SIZE,
    .effects = tars_effects, .effects_size = TARS_EFFECTS_SIZE,
};

/* ---- Traps: the event is rolled back; who asked is told `crashed`. */

enum {
  TARS_OVERFLOW = 1, TARS_DIVISION_BY_ZERO, TARS_INDEX_OUT_OF_RANGE, TARS_KEY_ABSENT, TARS_VALUE_OUT_OF_RANGE,
  TARS_ASSERTION_FAILED, TARS_FAILED, TARS_INVARIANT_BROKEN, TARS_OUT_OF_MEMORY, TARS_STACK_EXHAUSTED,
  TARS_MALFORMED_EVENT, TARS_NOT_IN_FORCE, TARS_BLOB_WANTED
};

_Noreturn static inline void tars_trap(uint32_t code) {
  tars_control.trap_code = code;
  __builtin_trap();
}

/* `fail` of the language: the text, a literal, is shown to whoever runs the system. */
#define tars_fail(text) \
  (tars_control.trap_text = (text), tars_control.trap_text_size = sizeof(text) - 1, tars_trap(TARS_FAILED))

/* ---- Reading values, in the order of their declaration. What does not decode is trap MalformedEvent. */

typedef struct {
  const uint8_t *at, *end;
} tars_reader;

typedef struct {
  const uint8_t *at;
  uint32_t size;
} tars_octets;

static inline const uint8_t *tars_take(tars_reader *in, uint32_t size) {
  if ((uint32_t)(in->end - in->at) < size) tars_trap(TARS_MALFORMED_EVENT);
  const uint8_t *at = in->at;
  in->at += size;
  return at;
}

/* Memory of wasm is little endian, as values are; the copies are there because values stand at any address. */
#define TARS_READ(name, type)                                   \
  static inline type tars_read_##name(tars_reader *in) {        \
    type value;                                                 \
    __builtin_memcpy(&value, tars_take(in, sizeof value), sizeof value); \
    return value;                                               \
  }
TARS_READ(u8, uint8_t)     /* bool; the tag of `T?` (1: a value follows) and `T!` (0: a value follows) */
TARS_READ(u16, uint16_t)   /* the case of a variant */
TARS_READ(u32, uint32_t)   /* the count of a list or map */
TARS_READ(i64, int64_t)    /* int, duration, instant, ref */
TARS_READ(f64, double)     /* float */

/* text and bytes. What it gives lies in the event ring and ends with the event. */
static inline tars_octets tars_read_octets(tars_reader *in) {
  uint32_t size = tars_read_u32(in);
  return (tars_octets){tars_take(in, size), size};
}

/* ---- Writing values into room of the module's own. What does not fit is trap OutOfMemory. */

typedef struct {
  uint8_t *start, *at, *end;
} tars_writer;

static inline tars_writer tars_write_to(void *room, uint32_t size) {
  return (tars_writer){room, room, (uint8_t *)room + size};
}

static inline uint8_t *tars_room(tars_writer *out, uint32_t size) {
  if ((uint32_t)(out->end - out->at) < size) tars_trap(TARS_OUT_OF_MEMORY);
  uint8_t *at = out->at;
  out->at += size;
  return at;
}

static inline uint32_t tars_written(const tars_writer *out) { return (uint32_t)(out->at - out->start); }

#define TARS_WRITE(name, type)                                       \
  static inline void tars_write_##name(tars_writer *out, type value) { \
    __builtin_memcpy(tars_room(out, sizeof value), &value, sizeof value); \
  }
TARS_WRITE(u8, uint8_t)
TARS_WRITE(u16, uint16_t)
TARS_WRITE(u32, uint32_t)
TARS_WRITE(i64, int64_t)

/* A float: of all NaNs only one is a value. */
static inline void tars_write_f64(tars_writer *out, double value) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, 8);
  tars_write_i64(out, value == value ? (int64_t)bits : 0x7FF8000000000000);
}

static inline void tars_write_octets(tars_writer *out, const void *at, uint32_t size) {
  tars_write_u32(out, size);
  __builtin_memcpy(tars_room(out, size), at, size);
}

#define tars_write_text(out, literal) tars_write_octets(out, literal, sizeof(literal) - 1)

/* text or bytes whose size is known only when it is written: begin, write to the room, end. */
static inline uint8_t *tars_begin_octets(tars_writer *out) { return tars_room(out, 4); }

static inline void tars_end_octets(tars_writer *out, uint8_t *begun) {
  uint32_t size = (uint32_t)(out->at - begun) - 4;
  __builtin_memcpy(begun, &size, 4);
}

/* ---- Events. */

enum { TARS_BIRTH, TARS_PARAMS, TARS_BELIEFS, TARS_HANDLER, TARS_ANSWER, TARS_SAVE, TARS_LOAD, TARS_TEST,
  TARS_BLOB };

typedef struct {
  uint16_t kind;
  uint16_t handler;  /* which of the metascript's handlers, counted from 0; of an answer, which continuation */
  int64_t instant;   /* what `now()` is */
  int64_t next_slot; /* what tars_spawn gives to the next child */
  uint32_t turns;    /* due times of a timer that this event stands for; 0 where nobody waits for an answer */
  tars_reader in;    /* the payload */
} tars_event;

/* Written by the module's author. What it does not know it leaves alone, but for TARS_SAVE, which must answer with
 * tars_saved or trap. */
void tars_on(tars_event *event);

/* The head of a TARS_BIRTH: which agent it is to be, its seed, and the slot of the process itself. Parameters follow,
 * then what the spawner gives. */
typedef struct {
  uint32_t agent;
  uint64_t seed;
  int64_t self;
} tars_identity;

static inline tars_identity tars_read_identity(tars_reader *in) {
  tars_identity identity;
  identity.agent = tars_read_u32(in);
  identity.seed = (uint64_t)tars_read_i64(in);
  identity.self = tars_read_i64(in);
  return identity;
}

/* An event reads of a blob, which a value holds by a slot, what no TARS_BLOB before it in the batch has shown: it begins
 * again behind one that does: i64 slot, i64 length, i64 index of the first octet, then the octets. */
static int64_t tars_wish[3];

_Noreturn static inline void tars_want(int64_t slot, int64_t from, int64_t count) {
  tars_wish[0] = slot, tars_wish[1] = from, tars_wish[2] = count;
  tars_control.trap_text = (const void *)tars_wish, tars_control.trap_text_size = sizeof tars_wish;
  tars_trap(TARS_BLOB_WANTED);
}

/* ---- Effects. A slot is the place of a capability: devices, channels and agents as the metascript declares them,
 * counted from 0 in that order; or a `ref` out of a value. */

static uint32_t tars_ends_batch; /* what came after in the batch might have been composed otherwise */

static inline void tars_send(int64_t slot, uint32_t operation, const tars_writer *arguments) {
  tars_call_send(slot, operation, arguments->start, tars_written(arguments));
}

/* The answer comes as TARS_ANSWER: u8 0 and the answer, or u8 1 and a Failure. Until then no other event comes. */
static inline void tars_ask(int64_t slot, uint32_t operation, uint32_t continuation, int64_t timeout,
                            const tars_writer *arguments) {
  tars_ends_batch = 1;
  tars_call_ask(slot, operation, timeout, continuation, arguments->start, tars_written(arguments));
}

static inline void tars_reply(const tars_writer *answer) { tars_call_reply(0, answer->start, tars_written(answer)); }

/* The kinds of Failure that a guest may answer with, as cases of FailureKind. */
enum { TARS_REFUSED = 1, TARS_UNAVAILABLE = 5, TARS_MALFORMED = 6 };

static inline void tars_refuse(uint16_t kind, const char *detail, uint32_t size) {
  uint8_t room[128];
  tars_writer out = tars_write_to(room, sizeof room);
  tars_write_u16(&out, kind);
  tars_write_octets(&out, detail, size);
  tars_call_reply(1, out.start, tars_written(&out));
}

#define tars_refuse_with(kind, literal) tars_refuse(kind, literal, sizeof(literal) - 1)

static inline void tars_publish(int64_t slot, const char *channel, uint32_t size, const tars_writer *value) {
  tars_call_publish(slot, channel, size, value->start, tars_written(value));
}

static inline int64_t tars_spawn(tars_event *event, uint32_t agent, const tars_writer *state) {
  tars_ends_batch = 1;
  tars_call_spawn(agent, event->next_slot, state->start, tars_written(state));
  return event->next_slot++;
}

static inline void tars_set_timer(uint32_t handler, int64_t first, int64_t period) {
  tars_ends_batch = 1;
  tars_call_set_timer(handler, first, period);
}

static inline void tars_cancel_timer(uint32_t handler) {
  tars_ends_batch = 1;
  tars_call_cancel_timer(handler);
}

static inline void tars_exit(void) {
  tars_ends_batch = 1;
  tars_call_exit();
}

static inline void tars_log(const char *text, uint32_t size) {
  uint8_t room[256];
  tars_writer out = tars_write_to(room, sizeof room);
  tars_write_octets(&out, text, size);
  tars_write_u32(&out, 0);
  tars_call_log(out.start, tars_written(&out));
}

/* ---- Saving and loading, for hot swap. A saved state is this head, then the fields of `state` in order. */

static inline void tars_write_saved_head(tars_writer *out) {
  for (int word = 0; word < 4; word++) tars_write_i64(out, 0); /* the language's own random generator */
  tars_write_u32(out, 0);                                      /* no ask is pending */
}

static inline void tars_read_saved_head(tars_reader *in) { tars_take(in, 36); }

/* The answer to TARS_SAVE. */
static inline void tars_saved(const tars_writer *state) {
  tars_control.saved = state->start;
  tars_control.saved_size = tars_written(state);
}

/* ---- The two entries. */

static inline uint64_t tars_field(const uint8_t *record, uint32_t offset, uint32_t size) {
  uint64_t value = 0;
  __builtin_memcpy(&value, record + offset, size);
  return value;
}

TARS_EXPORT(tars_run) void tars_run(uint32_t size) {
  for (uint32_t at = 0; at < size;) {
    const uint8_t *record = tars_events + at;
    uint32_t payload = (uint32_t)tars_field(record, 24, 4);
    tars_event event = {
        .kind = (uint16_t)tars_field(record, 4, 2),
        .handler = (uint16_t)tars_field(record, 6, 2),
        .instant = (int64_t)tars_field(record, 8, 8),
        .next_slot = (int64_t)tars_field(record, 16, 8),
        .turns = (uint32_t)tars_field(record, 28, 4),
        .in = {record + 32, record + 32 + payload},
    };
    at += (uint32_t)tars_field(record, 0, 4);
    tars_ends_batch = 0;
    tars_on(&event);
    if (event.kind == TARS_SAVE) return; /* It is not committed. */
    tars_control.committed = tars_control.effects_used | ((tars_control.committed >> 32) + 1) << 32;
    if (tars_ends_batch) return;
  }
}

/* The ring is as large as it is: an event that needs more is refused by this trap. */
TARS_EXPORT(tars_reserve) void tars_reserve(uint32_t size) {
  if (TARS_EVENTS_SIZE < size) tars_trap(TARS_OUT_OF_MEMORY);
}

#endif
