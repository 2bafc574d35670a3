/* Who acts in the present transaction. Inside client/replica only. */
#pragma once

#include "client/replica/file.h"
#include "client/replica/people.h"
#include "common/sync/turn.h"

/* Read once a transaction; in its arena. */
const struct replica_who *acting(struct replica *replica);

/* replica_author(); not enrolled: nobody. */
struct prac_id acting_author(struct replica *replica);

/* Place of the attestation under which something is entered now; 0: none. */
int64_t acting_attestation(struct replica *replica);

/* Everything, because nobody's rights are asked for: the device acts, or rules judge. */
bool acting_sees_all(struct replica *replica);

/*
 * May whoever acts see the record? What of it the person may not see is taken out (record.h: withheld), but for
 * rules. The values array must be the record's own.
 */
bool acting_sees(struct replica *replica, struct prac_record *record);

/* May whoever acts do it? The server asks again, and has the last word. */
enum prac_reason acting_may(struct replica *replica, struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_deed *deed);
