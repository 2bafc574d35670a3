/*
 * What a server may send to a station: frames of any kind after a valid WELCOME, against a replica in
 * memory. Input: steps of one byte that says what, then what that needs. The session ends or goes on,
 * the replica stays readable.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/session.h"
#include "common/wire/frame.h"
#include "common/wire/zip.h"
#include "proto/sync.pb-c.h"
#include "tests/sim/crash_vfs.h"
#include "tests/support/fixed_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	STEP_FRAME, /* type, flags, stream, length, payload */
	STEP_BYTES, /* length, bytes as they are */
	STEP_WAIT,  /* seconds */
	STEP_POKE,
	STEP_CLOSE,
	STEP_CHUNK, /* stream, chunk, chunks, length, rows: of a first load, whole and zipped as it has to be */
	N_STEPS
};

struct input {
	const uint8_t *data;
	size_t len;
};

static uint8_t take(struct input *input)
{
	uint8_t byte = input->len > 0 ? *input->data : 0;

	if (input->len > 0) {
		input->data++;
		input->len--;
	}
	return byte;
}

static struct prac_bytes take_bytes(struct input *input)
{
	size_t len = take(input);
	struct prac_bytes bytes = { input->data, len < input->len ? len : input->len };

	input->data += bytes.len;
	input->len -= bytes.len;
	return bytes;
}

static void feed(struct session *session, const struct prac_frame *frame)
{
	struct prac_buf buf = { 0 };

	prac_frame_write(&buf, frame);
	session_feed(session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
}

static void welcome(struct session *session)
{
	/* epoch (field 3, fixed64), another each time, so that all is loaded anew; one grant: scope ...0002,
	 * generation 1 */
	static uint8_t bytes[] = { 0x19, 77, 0, 0, 0, 0, 0, 0, 0, 0x62, 20, 0x0a, 16, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x10, 1 };
	const struct prac_frame frame = { .type = PRAC_FRAME_WELCOME,
		.payload = { bytes, sizeof(bytes) } };

	bytes[1]++;
	feed(session, &frame);
}

/* What is behind the hash and the compression, no chance would find. */
static void feed_chunk(struct session *session, struct input *input)
{
	struct prac_frame frame = { .type = PRAC_FRAME_DATA };
	Practicum__SnapshotChunk chunk = PRACTICUM__SNAPSHOT_CHUNK__INIT;
	struct prac_buf zipped = { 0 }, buf = { 0 };
	struct prac_digest digest;
	struct prac_bytes rows;

	frame.stream = take(input);
	chunk.has_chunk = chunk.has_n_chunks = chunk.has_sha256 = chunk.has_rows = true;
	chunk.chunk = take(input);
	chunk.n_chunks = take(input);
	chunk.has_snapshot = chunk.has_seq = true;
	chunk.snapshot = chunk.seq = 5;
	rows = take_bytes(input);
	if (rows.len > 0) {
		prac_zip_frame(&zipped, rows);
	}
	digest = prac_sha256(prac_buf_bytes(&zipped));
	chunk.rows = (ProtobufCBinaryData){ prac_buf_len(&zipped), zipped.data };
	chunk.sha256 = (ProtobufCBinaryData){ sizeof(digest.b), digest.b };
	prac_frame_write_message(&buf, &frame, &chunk.base);
	session_feed(session, prac_buf_bytes(&buf));
	prac_buf_deinit(&zipped);
	prac_buf_deinit(&buf);
}

static void step(struct session *session, struct input *input, uint64_t *now_ms)
{
	struct prac_frame frame = { 0 };

	switch (take(input) % N_STEPS) {
	case STEP_FRAME:
		frame.type = take(input);
		frame.flags = take(input);
		frame.stream = take(input);
		frame.payload = take_bytes(input);
		feed(session, &frame);
		break;
	case STEP_BYTES:
		session_feed(session, take_bytes(input));
		break;
	case STEP_WAIT:
		*now_ms += 1000 * (uint64_t)take(input);
		session_tick(session, *now_ms);
		break;
	case STEP_POKE:
		session_poke(session);
		break;
	case STEP_CHUNK:
		feed_chunk(session, input);
		break;
	default:
		session_close(session);
		break;
	}
}

/* One replica for all inputs: opening it is most of the work. */
static struct replica *replica(void)
{
	static const struct replica_place place = { "fuzz.db", "fuzz", &prac_env_system,
		&fixed_key };
	static struct replica *one;
	enum prac_status status = PRAC_OK;

	if (one == NULL) {
		assert(crash_disk_new("fuzz", 1) != NULL);
		status = replica_open(&place, &one);
	}
	assert(status == PRAC_OK);
	return one;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input input = { data, len };
	struct session *session = session_new(replica(), &prac_env_system);
	struct session_progress progress;
	struct replica_counters counters;
	uint64_t now_ms = prac_env_system.monotonic_ms(prac_env_system.ctx);

	welcome(session);
	while (input.len > 0) {
		step(session, &input, &now_ms);
		prac_buf_clear(session_output(session));
	}
	session_progress(session, &progress);
	if (replica_counters(replica(), &counters) != PRAC_OK) {
		abort();
	}
	session_free(session);
	return 0;
}
