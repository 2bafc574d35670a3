#include "server/sync/row.h"

#include "common/catalog/coding.h"

enum {
	/* Field numbers of message Row. */
	ROW_RECORD_TYPE = 1,
	ROW_RECORD_ID = 2,
	ROW_SCOPE = 3,
	ROW_SEQ = 4,
	ROW_GONE = 5,
	ROW_OWNER = 6,
	ROW_BODY = 7,
	ROW_GROUP_SEQ = 8,
	ID_FIELD = 2 + PRAC_ID_LEN /* bytes: tag, length, id */
};

static size_t varint_len(uint64_t value)
{
	size_t len = 1;

	for (; value >= 0x80; value >>= 7) {
		len++;
	}
	return len;
}

static size_t group_seq_len(const struct prac_record *record)
{
	size_t len = 0;

	for (size_t i = 0; i < record->type->n_groups; i++) {
		len += varint_len(record->group_seq[i]);
	}
	return len;
}

static void put_number(struct prac_buf *buf, uint32_t number, uint64_t value)
{
	prac_coding_put_tag(buf, number, PRAC_CODING_VARINT);
	prac_coding_put_varint(buf, value);
}

static void put_record(
	struct prac_buf *buf, const struct prac_record *record, struct prac_bytes body)
{
	prac_coding_put_bytes(buf, ROW_OWNER, prac_id_bytes(&record->scope));
	prac_coding_put_bytes(buf, ROW_BODY, body);
	prac_coding_put_tag(buf, ROW_GROUP_SEQ, PRAC_CODING_BYTES);
	prac_coding_put_varint(buf, group_seq_len(record));
	for (size_t i = 0; i < record->type->n_groups; i++) {
		prac_coding_put_varint(buf, record->group_seq[i]);
	}
}

/* Tag and content of a run of bytes. */
static size_t bytes_len(size_t len)
{
	return 1 + varint_len(len) + len;
}

void sync_row_put(struct prac_buf *buf, uint32_t number, const struct store_feed_row *feed,
	const struct prac_record *record, struct prac_buf *scratch)
{
	struct prac_bytes body;
	size_t len =
		1 + varint_len(feed->key.type) + 2 * (size_t)ID_FIELD + 1 + varint_len(feed->seq);

	prac_buf_clear(scratch);
	if (record != NULL) {
		prac_values_encode(record->type, record->values, record->extra, scratch);
	}
	body = prac_buf_bytes(scratch);
	if (record != NULL) {
		len += ID_FIELD + bytes_len(body.len) + bytes_len(group_seq_len(record));
	} else {
		len += 1 + varint_len(feed->gone);
	}
	prac_coding_put_tag(buf, number, PRAC_CODING_BYTES);
	prac_coding_put_varint(buf, len);
	put_number(buf, ROW_RECORD_TYPE, feed->key.type);
	prac_coding_put_bytes(buf, ROW_RECORD_ID, prac_id_bytes(&feed->key.id));
	prac_coding_put_bytes(buf, ROW_SCOPE, prac_id_bytes(&feed->scope));
	put_number(buf, ROW_SEQ, feed->seq);
	if (record != NULL) {
		put_record(buf, record, body);
	} else {
		put_number(buf, ROW_GONE, feed->gone);
	}
}
