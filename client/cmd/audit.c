/* practicum audit: what this station has seen of the server's audit, for whoever checks it. */
#include <stdio.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"
#include "client/link/witness.h"
#include "client/replica/folder.h"

/* "chain number hash signature when", as objects. */
static void print_heads(struct prac_bytes text)
{
	static const char *const names[] = { "chain", "number", "hash", "signature", "seen_at" };
	char *copy = g_strndup((const char *)text.data, text.len);
	char **lines = g_strsplit(g_strchomp(copy), "\n", -1);
	json_t *heads = json_array();

	for (char **line = lines; *line != NULL; line++) {
		char **words = g_strsplit(*line, " ", (gint)PRAC_NELEM(names));
		json_t *head = json_object();

		for (size_t i = 0; i < PRAC_NELEM(names) && words[i] != NULL; i++) {
			json_object_set_new(head, names[i], json_string(words[i]));
		}
		json_array_append_new(heads, head);
		g_strfreev(words);
	}
	print_json(heads);
	g_strfreev(lines);
	g_free(copy);
}

static int run(struct cmd_call *call)
{
	struct prac_buf file = { 0 };
	enum prac_status status = folder_read(call->home, WITNESS_FILE, WITNESS_MAX, &file);
	struct prac_bytes text = prac_buf_bytes(&file);
	int code = CMD_DONE;

	if (status == PRAC_OK && call->json) {
		print_heads(text);
	} else if (status == PRAC_OK) {
		(void)fwrite(text.data, 1, text.len, stdout); /* main() says what became of it */
	} else {
		code = cmd_fail(call, CMD_REFUSED,
			"this station has seen nothing of the audit yet; run practicum sync");
	}
	prac_buf_deinit(&file);
	return code;
}

const struct cmd cmd_audit = {
	.name = "audit",
	.synopsis = "",
	.help = "Prints the heads of the server's audit that this station was shown and keeps, a line each: "
		"chain, number, hash, signature, when. Whoever rewrote the audit as a whole is found out "
		"by it: practicumd audit verify --heads FILE compares.",
	.example = "practicum audit > heads.txt",
	.needs = CMD_NEEDS_FOLDER,
	.max_words = 0,
	.run = run,
};
