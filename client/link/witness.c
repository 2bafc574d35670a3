#include "client/link/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/replica/folder.h"
#include "common/base/log.h"
#include "common/wire/audit_head.h"

static const char alarm_file[] = "audit.alarm";

/* The newest one of the chain in the file; false: none. */
static bool newest(struct prac_bytes file, const char *chain, struct prac_audit_head *head_out)
{
	struct prac_audit_head head;
	bool found = false;

	while (prac_audit_head_next(&file, &head)) {
		if (strcmp(head.chain, chain) == 0 && (!found || head.number >= head_out->number)) {
			*head_out = head;
			found = true;
		}
	}
	return found;
}

static size_t count(struct prac_bytes file, const char *chain)
{
	struct prac_audit_head head;
	size_t n = 0;

	while (prac_audit_head_next(&file, &head)) {
		n += strcmp(head.chain, chain) == 0 ? 1 : 0;
	}
	return n;
}

/* All but the oldest of the chain when there are many, then the new one. */
static enum prac_status keep(
	const char *folder, struct prac_bytes file, const struct prac_audit_head *added)
{
	size_t n_surplus = count(file, added->chain);
	struct prac_audit_head head;
	struct prac_buf out = { 0 };
	char line[PRAC_AUDIT_LINE];
	enum prac_status status;

	n_surplus = n_surplus >= WITNESS_KEPT ? n_surplus - WITNESS_KEPT + 1 : 0;
	while (prac_audit_head_next(&file, &head)) {
		if (strcmp(head.chain, added->chain) == 0 && n_surplus > 0) {
			n_surplus--;
			continue;
		}
		prac_audit_head_format(&head, line);
		prac_buf_append(&out, line, strlen(line));
	}
	prac_audit_head_format(added, line);
	prac_buf_append(&out, line, strlen(line));
	status = folder_write(folder, WITNESS_FILE, prac_buf_bytes(&out));
	prac_buf_deinit(&out);
	return status;
}

/* What is wrong with the head, seen from the newest one that is known; false: nothing is. */
static bool find_break(const struct prac_audit_head *known, const struct prac_audit_head *shown,
	char text[WITNESS_TEXT])
{
	if (shown->number > known->number ||
		(shown->number == known->number && prac_digest_equal(&shown->hash, &known->hash))) {
		return false;
	}
	(void)snprintf(text, WITNESS_TEXT,
		"the server's audit of %ss does not go on from what it was: it showed link %" PRId64
		", and earlier link %" PRId64
		"; a backup was restored or somebody rewrote it. Tell the "
		"district office and give it the output of practicum audit",
		shown->chain, shown->number, known->number);
	return true;
}

static bool read_head(const Practicum__AuditHead *from, struct prac_bytes authorities,
	int64_t now_ms, struct prac_audit_head *head)
{
	struct prac_bytes chain = { from->chain.data, from->chain.len };

	*head = (struct prac_audit_head){ .number = (int64_t)from->number, .came_ms = now_ms };
	if (chain.len == 0 || chain.len >= sizeof(head->chain) ||
		from->hash.len != sizeof(head->hash.b) || from->number > INT64_MAX ||
		from->signature.len > sizeof(head->signature)) {
		return false;
	}
	memcpy(head->chain, chain.data, chain.len);
	memcpy(head->hash.b, from->hash.data, sizeof(head->hash.b));
	memcpy(head->signature, from->signature.data, from->signature.len);
	head->signature_len = from->signature.len;
	return prac_audit_head_is_signed(head, authorities);
}

static void take_one(const char *folder, const struct prac_audit_head *shown)
{
	struct prac_audit_head known;
	struct prac_buf file = { 0 };
	char text[WITNESS_TEXT];
	bool is_known;

	(void)!folder_read(folder, WITNESS_FILE, WITNESS_MAX, &file); /* not there: none is known */
	is_known = newest(prac_buf_bytes(&file), shown->chain, &known);
	if (is_known && find_break(&known, shown, text)) {
		prac_log(PRAC_LOG_ERROR, "link.audit", "chain=%s number=%" PRId64 " known=%" PRId64,
			shown->chain, shown->number, known.number);
		(void)!folder_write(
			folder, alarm_file, prac_bytes_text(text)); /* it is in the log */
	}
	if (!is_known || shown->number != known.number ||
		!prac_digest_equal(&shown->hash, &known.hash)) {
		if (keep(folder, prac_buf_bytes(&file), shown) != PRAC_OK) {
			prac_log(PRAC_LOG_WARNING, "link.audit", "why=\"a head cannot be kept\"");
		}
	}
	prac_buf_deinit(&file);
}

void witness_take(const char *folder, const Practicum__Welcome *welcome,
	struct prac_bytes authorities, const struct prac_env *env)
{
	struct prac_audit_head head;

	for (size_t i = 0; i < welcome->n_heads; i++) {
		if (read_head(welcome->heads[i], authorities, env->wall_ms(env->ctx), &head)) {
			take_one(folder, &head);
		} else {
			prac_log(PRAC_LOG_WARNING, "link.audit", "why=\"a head is not signed\"");
		}
	}
}

void witness_alarm(const char *folder, char text_out[WITNESS_TEXT])
{
	struct prac_buf file = { 0 };

	text_out[0] = '\0';
	if (folder_read(folder, alarm_file, WITNESS_TEXT - 1, &file) == PRAC_OK) {
		(void)snprintf(text_out, WITNESS_TEXT, "%.*s", (int)prac_buf_len(&file),
			(const char *)prac_buf_bytes(&file).data);
	}
	prac_buf_deinit(&file);
}
