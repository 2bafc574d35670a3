/*
 * Rows of the feed in the form in which they travel (message Row of proto/sync.proto), packed by
 * hand: a first load has hundreds of thousands of them.
 */
#pragma once

#include "common/base/buf.h"
#include "server/sync/store.h"

/*
 * Appends the row as field `number` of the message that holds it. scratch is the caller's, for
 * reuse; what is in it is lost. record is NULL when the row is gone.
 */
void sync_row_put(struct prac_buf *buf, uint32_t number, const struct store_feed_row *feed,
	const struct prac_record *record, struct prac_buf *scratch);
