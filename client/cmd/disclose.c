/* practicum disclose: records of students to a party outside the staff of the district. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/dossier.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"
#include "client/cmd/reading.h"
#include "common/base/date.h"
#include "common/rules/consent.h"
#include "common/rules/rights.h"

static gchar *to, *purpose, *basis, *records, *folder, *further;

static const GOptionEntry options[] = {
	{ "to", 0, 0, G_OPTION_ARG_STRING, &to, "who gets them", "PARTY" },
	{ "purpose", 0, 0, G_OPTION_ARG_STRING, &purpose, "their legitimate interest in them",
		"TEXT" },
	{ "basis", 0, 0, G_OPTION_ARG_STRING, &basis,
		"by what right: consent, parent, directory, other_school, audit, studies, subpoena or "
		"emergency",
		"BASIS" },
	{ "records", 0, 0, G_OPTION_ARG_STRING, &records,
		"only these types, with commas between them", "TYPE,TYPE" },
	{ "further", 0, 0, G_OPTION_ARG_STRING, &further, "to whom they may pass them on, and why",
		"TEXT" },
	{ "out", 0, 0, G_OPTION_ARG_FILENAME, &folder,
		"the folder to write, which is not there yet", "FOLDER" },
	{ 0 },
};

enum {
	SAID_MAX = 20 /* students left out that are named */
};

/* Whose records are asked for, and the consent that lets them go. */
struct subject {
	const struct prac_record *student;
	const struct prac_record *consent; /* NULL: by another right */
	bool is_sensitive;
};

struct disclosing {
	struct cmd_call *call;
	const struct prac_law_row *law;
	int64_t basis;
	int32_t today;
	char **types;      /* NULL: all */
	GArray *ids;       /* struct prac_id of the records of one type */
	GHashTable *by_id; /* struct subject by its student's id */
	size_t n_left_out;
	size_t n_kept; /* records that one side does not read before both are in */
	struct dossier dossier;
	struct reading *reading;
};

/* ---- by what right */

/* "consent, parent": those in force today. */
static const char *bases(const struct disclosing *disclosing, const struct prac_policy *law)
{
	const struct prac_field *field = &prac_type_disclosure.fields[PRAC_DISCLOSURE_BASIS];
	const char *names = "";

	for (size_t i = 0; i < field->n_values; i++) {
		const char *name = field->values[i].name;

		if (prac_policy_named(law, "basis", name, disclosing->today) != NULL) {
			names = prac_arena_printf(&disclosing->call->arena, "%s%s%s", names,
				names[0] == '\0' ? "" : ", ", name);
		}
	}
	return names;
}

static bool read_basis(struct disclosing *disclosing)
{
	const struct prac_field *field = &prac_type_disclosure.fields[PRAC_DISCLOSURE_BASIS];
	const struct prac_enum_value *value = prac_enum_find_name(field, basis);
	struct prac_policy law = reading_law(disclosing->call);

	disclosing->law =
		value == NULL ? NULL : prac_policy_named(&law, "basis", basis, disclosing->today);
	if (disclosing->law == NULL) {
		(void)cmd_fail(disclosing->call, CMD_REFUSED,
			"--basis %s is no right by which records may go today; the rule set privacy has "
			"%s",
			basis, bases(disclosing, &law));
		return false;
	}
	disclosing->basis = value->number;
	disclosing->dossier.is_directory = value->number == PRAC_DISCLOSURE_BASIS_DIRECTORY;
	disclosing->dossier.has_history = value->number == PRAC_DISCLOSURE_BASIS_PARENT;
	return true;
}

static bool read_types(struct disclosing *disclosing)
{
	disclosing->types = records == NULL ? NULL : g_strsplit(records, ",", -1);
	for (char **name = disclosing->types; name != NULL && *name != NULL; name++) {
		if (cmd_type(disclosing->call, *name) == NULL) {
			return false;
		}
	}
	return true;
}

/* Traces of readings are the district's own (34 CFR 99.32(d)). */
static bool is_wanted(const struct disclosing *disclosing, const struct prac_type *type)
{
	if (type->access == PRAC_ACCESS_READING ||
		(type->number != PRAC_STUDENT && type->follow_field < 0)) {
		return false;
	}
	if (disclosing->types != NULL) {
		return g_strv_contains((const gchar *const *)disclosing->types, type->name);
	}
	return !disclosing->dossier.is_directory || type->number == PRAC_STUDENT;
}

/* ---- whose */

static void leave_out(
	struct disclosing *disclosing, const struct prac_record *student, const char *why)
{
	if (disclosing->n_left_out++ < SAID_MAX) {
		(void)fprintf(stderr, "left out: %s (%s)\n",
			prac_record_title(student, &disclosing->call->arena), why);
	}
}

static size_t consents_of(struct disclosing *disclosing, const struct prac_record *student,
	const struct prac_record *const **consents_out)
{
	struct prac_facts facts;

	replica_facts(disclosing->call->replica, &disclosing->call->arena, &facts);
	return facts.children(
		facts.ctx, PRAC_CONSENT, PRAC_CONSENT_STUDENT_ID_NO, &student->id, consents_out);
}

/* The first consent that holds for the party; else why the one for it, or none, does not. */
static const struct prac_record *consent_for(
	struct disclosing *disclosing, const struct prac_record *student, const char **why_out)
{
	const struct prac_consent_use use = { to, NULL, disclosing->today };
	const struct prac_record *const *consents;
	size_t n = consents_of(disclosing, student, &consents);

	*why_out = "no consent names this party";
	for (size_t i = 0; i < n; i++) {
		const char *flaw =
			prac_consent_flaw(consents[i], student, &use, &disclosing->call->arena);

		if (flaw == NULL) {
			return consents[i];
		}
		if (strncmp(flaw, "does not name", strlen("does not name")) != 0) {
			*why_out =
				prac_arena_printf(&disclosing->call->arena, "the consent %s", flaw);
		}
	}
	return NULL;
}

static void add_subject(struct disclosing *disclosing, const struct prac_record *student)
{
	struct subject subject = { .student = student };
	const struct prac_record *const *consents;
	const char *why = NULL;

	subject.is_sensitive = prac_policy_number(disclosing->law, "sensitive", 0) != 0;
	if (disclosing->basis == PRAC_DISCLOSURE_BASIS_CONSENT) {
		subject.consent = consent_for(disclosing, student, &why);
		subject.is_sensitive =
			subject.consent != NULL && prac_consent_is_sensitive(subject.consent);
	} else if (disclosing->dossier.is_directory) {
		size_t n = consents_of(disclosing, student, &consents);

		why = prac_directory_is_barred(student, consents, n, disclosing->today)
			      ? "the family opted out of directory information"
			      : NULL;
	}
	if (why != NULL && subject.consent == NULL) {
		leave_out(disclosing, student, why);
		return;
	}
	g_hash_table_replace(
		disclosing->by_id, (gpointer)&student->id, g_memdup2(&subject, sizeof(subject)));
}

static bool on_student(void *ctx, const struct prac_record *student, bool pending)
{
	struct disclosing *disclosing = ctx;

	(void)pending;
	scrub_add(disclosing->dossier.scrub, student);
	g_array_append_val(disclosing->ids, student->id);
	return true;
}

/* Everybody's names are known before anything is written. */
static int find_subjects(struct disclosing *disclosing)
{
	struct cmd_call *call = disclosing->call;
	const struct replica_query query = { .type = &prac_type_student };
	enum prac_status status = replica_list(call->replica, &query, on_student, disclosing);
	bool all = call->n_words == 1 && strcmp(call->words[0], "all") == 0;

	for (guint i = 0; all && status == PRAC_OK && i < disclosing->ids->len; i++) {
		const struct prac_record *student = NULL;

		status = replica_get(call->replica, &prac_type_student,
			&g_array_index(disclosing->ids, struct prac_id, i), &call->arena, &student);
		if (status == PRAC_OK && student != NULL) {
			add_subject(disclosing, student);
		}
	}
	for (int i = 0; !all && status == PRAC_OK && i < call->n_words; i++) {
		const struct prac_record *student =
			find_record(call, &prac_type_student, call->words[i]);

		if (student == NULL) {
			return CMD_REFUSED;
		}
		add_subject(disclosing, student);
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

/* ---- which */

static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	struct disclosing *disclosing = ctx;

	(void)pending;
	g_array_append_val(disclosing->ids, record->id);
	return true;
}

/* A consent covers the types it names and no other. */
static bool is_covered(const struct disclosing *disclosing, const struct subject *subject,
	const struct prac_type *type)
{
	const struct prac_consent_use use = { to, type, disclosing->today };

	return is_wanted(disclosing, type) &&
	       (subject->consent == NULL || prac_consent_flaw(subject->consent, subject->student,
						    &use, &disclosing->call->arena) == NULL);
}

/* What the family said about a record goes wherever the record goes (99.21(c)(2)). */
static bool goes_along(const struct disclosing *disclosing, const struct subject *subject,
	const struct prac_record *record)
{
	struct prac_id id;
	const struct prac_type *about = prac_record_target(record, &id);

	return record->type->number == PRAC_RECORDS_REQUEST &&
	       record->values[PRAC_RECORDS_REQUEST_STATEMENT].has && about != NULL &&
	       is_covered(disclosing, subject, about);
}

/*
 * Is it kept for a while from whoever gets the records? A family reads with the student's eyes; a party that
 * the family names may be the partner, so that neither side learns from there what it is not to read yet.
 */
static bool is_kept(const struct disclosing *disclosing, const struct prac_record *record)
{
	struct cmd_call *call = disclosing->call;
	struct prac_judgement judgement = { .arena = &call->arena, .today = disclosing->today };
	bool has_consent = disclosing->basis == PRAC_DISCLOSURE_BASIS_CONSENT;
	struct prac_facts facts;

	if (!has_consent && disclosing->basis != PRAC_DISCLOSURE_BASIS_PARENT) {
		return false;
	}
	replica_facts(call->replica, &call->arena, &facts);
	judgement.facts = &facts;
	return prac_rules_hide(&judgement, record, PRAC_ROLE_BIT(PRAC_ROLE_STUDENT)) ||
	       (has_consent &&
		       prac_rules_hide(&judgement, record, PRAC_ROLE_BIT(PRAC_ROLE_SUPERVISOR)));
}

static void add_page(struct disclosing *disclosing, struct dossier_page *page)
{
	if (is_kept(disclosing, page->record)) {
		disclosing->n_kept++;
		return;
	}
	g_array_append_val(disclosing->dossier.pages, *page);
	reading_add(disclosing->reading, page->record);
}

static enum prac_status add_pages(
	struct disclosing *disclosing, const struct prac_type *type, const struct subject *subject)
{
	bool is_all = is_covered(disclosing, subject, type);
	struct cmd_call *call = disclosing->call;
	struct dossier_page page = { .student = subject->student->id,
		.is_sensitive = subject->is_sensitive };
	struct replica_filter filter = { .value = { .has = true,
						 .bytes = prac_id_bytes(&subject->student->id) } };
	const struct replica_query query = { type, &filter, 1 };
	enum prac_status status = PRAC_OK;

	g_array_set_size(disclosing->ids, 0);
	if (type->number == PRAC_STUDENT) {
		g_array_append_val(disclosing->ids, subject->student->id);
	} else {
		filter.field = &type->fields[type->follow_field];
		status = replica_list(call->replica, &query, on_record, disclosing);
	}
	for (guint i = 0; i < disclosing->ids->len && status == PRAC_OK; i++) {
		status = replica_get(call->replica, type,
			&g_array_index(disclosing->ids, struct prac_id, i), &call->arena,
			&page.record);
		if (status == PRAC_OK && page.record != NULL &&
			(is_all || goes_along(disclosing, subject, page.record))) {
			add_page(disclosing, &page);
		}
	}
	return status;
}

static enum prac_status add_subject_pages(
	struct disclosing *disclosing, const struct subject *subject)
{
	enum prac_status status = PRAC_OK;

	for (size_t i = 0; i < prac_n_types && status == PRAC_OK; i++) {
		if (prac_types[i]->number == PRAC_RECORDS_REQUEST ||
			is_covered(disclosing, subject, prac_types[i])) {
			status = add_pages(disclosing, prac_types[i], subject);
		}
	}
	return status;
}

static int gather(struct disclosing *disclosing)
{
	GHashTableIter iter;
	gpointer subject;
	enum prac_status status = PRAC_OK;

	g_hash_table_iter_init(&iter, disclosing->by_id);
	while (status == PRAC_OK && g_hash_table_iter_next(&iter, NULL, &subject)) {
		status = add_subject_pages(disclosing, subject);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(disclosing->call, status);
	}
	if (disclosing->n_left_out > SAID_MAX) {
		(void)fprintf(stderr, "left out: %zu more\n", disclosing->n_left_out - SAID_MAX);
	}
	return disclosing->dossier.pages->len > 0
		       ? CMD_DONE
		       : cmd_fail(disclosing->call, CMD_REFUSED,
				 "nothing may go to %s by this right (%s %s)", to,
				 disclosing->law->source, basis);
}

/* ---- the record of it, then the folder */

static void fill(void *ctx, const struct reading_part *part, struct prac_record *record)
{
	struct disclosing *disclosing = ctx;
	const struct subject *subject = g_hash_table_lookup(disclosing->by_id, &part->student);
	struct prac_value *values = record->values;

	values[PRAC_DISCLOSURE_PARTY] = prac_value_text(to);
	values[PRAC_DISCLOSURE_PURPOSE] = prac_value_text(purpose);
	values[PRAC_DISCLOSURE_FURTHER_PARTIES] = prac_value_text(further);
	values[PRAC_DISCLOSURE_BASIS] = prac_value_number(disclosing->basis);
	if (subject != NULL && subject->consent != NULL) {
		values[PRAC_DISCLOSURE_CONSENT_ID] = prac_value_id(&subject->consent->id);
	}
}

static int write_it(struct disclosing *disclosing)
{
	struct cmd_call *call = disclosing->call;
	const struct reading_to traces = { &prac_type_disclosure, PRAC_DISCLOSURE_KIND_EXPORT, fill,
		disclosing };
	char day[PRAC_DATE_TEXT];
	int code;

	if (g_file_test(folder, G_FILE_TEST_EXISTS)) {
		return cmd_fail(call, CMD_REFUSED, "%s is there already; name a folder that is not",
			folder);
	}
	prac_date_format(disclosing->today, day);
	disclosing->dossier.head = prac_arena_printf(&call->arena,
		"Records of %u students\r\nto: %s\r\nfor: %s\r\nby: %s (%s)\r\non: %s\r\n",
		g_hash_table_size(disclosing->by_id), to, purpose, disclosing->law->words,
		disclosing->law->source, day);
	if (disclosing->n_kept > 0) {
		disclosing->dossier.head = prac_arena_printf(&call->arena,
			"%snot in here yet: %zu records about an evaluation that neither side reads "
			"before both are in\r\n",
			disclosing->dossier.head, disclosing->n_kept);
	}
	code = reading_end(disclosing->reading, &traces);
	if (code == CMD_DONE) {
		code = dossier_write(&disclosing->dossier);
	}
	if (code == CMD_DONE && call->json) {
		print_json(json_pack("{ss si sI si}", "folder", folder, "students",
			(int)g_hash_table_size(disclosing->by_id), "records",
			(json_int_t)disclosing->dossier.pages->len, "left_out",
			(int)disclosing->n_left_out));
	} else if (code == CMD_DONE) {
		guint n = g_hash_table_size(disclosing->by_id);

		printf("%s: %u records of %u student%s, %zu left out; written down as disclosed "
		       "to %s\n",
			folder, disclosing->dossier.pages->len, n, n == 1 ? "" : "s",
			disclosing->n_left_out, to);
	}
	return code;
}

static int run(struct cmd_call *call)
{
	struct disclosing disclosing = { .call = call,
		.today = prac_env_today(&prac_env_system),
		.dossier = { .call = call, .folder = folder } };
	int code = CMD_REFUSED;

	if (to == NULL || purpose == NULL || basis == NULL || folder == NULL) {
		return cmd_fail(call, CMD_USAGE, "say --to, --purpose, --basis and --out");
	}
	disclosing.by_id = g_hash_table_new_full(prac_id_hash, prac_id_same, NULL, g_free);
	disclosing.ids = g_array_new(FALSE, FALSE, sizeof(struct prac_id));
	disclosing.dossier.pages = g_array_new(FALSE, FALSE, sizeof(struct dossier_page));
	disclosing.dossier.scrub = scrub_new();
	disclosing.reading = reading_new(call);
	if (read_basis(&disclosing) && read_types(&disclosing)) {
		code = find_subjects(&disclosing);
		code = code == CMD_DONE ? gather(&disclosing) : code;
		code = code == CMD_DONE ? write_it(&disclosing) : code;
	}
	reading_free(disclosing.reading);
	scrub_free(disclosing.dossier.scrub);
	g_array_unref(disclosing.dossier.pages);
	g_array_unref(disclosing.ids);
	g_hash_table_destroy(disclosing.by_id);
	g_strfreev(disclosing.types);
	return code;
}

const struct cmd cmd_disclose = {
	.name = "disclose",
	.synopsis = "STUDENT...|all --to PARTY --purpose TEXT --basis BASIS --out FOLDER",
	.help = "Writes what may go to a party outside the staff of the district into a folder: all "
		"records of the students, or the types named with --records, as CSV and JSON with a "
		"data dictionary, and writes down that it went there (practicum disclosures). By "
		"consent go the records that a valid consent names for this party; by directory the "
		"fields that are directory information, of students whose families did not opt out; "
		"by parent everything, for the parent or the student of age. Who may not be in it is "
		"left out and named. Names of other students are left out.",
	.example =
		"practicum disclose \"Ann Lee\" --to \"Maria Lee, mother\" --purpose \"inspection\" "
		"--basis parent --out /tmp/ann-lee\n"
		"  practicum disclose all --to \"Ridge Works\" --purpose \"placement\" --basis consent "
		"--records student,placement --out /tmp/ridge",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 1,
	.max_words = -1,
	.options = options,
	.run = run,
};
