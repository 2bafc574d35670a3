/*
 * The shape of a record type's own rules: pure functions over records, run at the school while a
 * person types and at the server where the answer counts. A type whose message says `rules: true`
 * has a file common/rules/<type>.c that defines `const struct prac_rules prac_rules_<type>`.
 *
 * A rule sees other records only through prac_facts. What it may ask for is declared in `loads`, so
 * that the server fetches it for a whole batch at once; what the references of a new record name is
 * there without being asked for. Records changed by earlier mutations of the same batch are seen as
 * changed.
 */
#pragma once

#include "common/base/arena.h"
#include "common/catalog/record.h"

/* Why a mutation was not accepted. Numbers stand on the wire and in tables: never reused. */
#define PRAC_REASON_MAP(XX)                                                                               \
	XX(NONE, 0, "accepted")                                                                           \
	XX(INVALID_VALUE, 1, "a value breaks a rule")                                                     \
	XX(UNKNOWN_TYPE, 2, "the record type is not known here; update the program")                      \
	XX(UNKNOWN_RECORD, 3,                                                                             \
		"the record does not exist or is not yours to see; sync, and look for it with list")      \
	XX(ID_TAKEN, 4, "another record has this id; enter it again")                                     \
	XX(WRONG_SCOPE, 5, "the record belongs to another school; enter it there")                        \
	XX(NOT_ALLOWED, 6, "this device or person may not do that; ask the district office")              \
	XX(WRONG_STATE, 7, "not possible in the present state; practicum show tells which it is")         \
	XX(LOCKED, 8, "approved content does not change; enter a correction or a new version")            \
	XX(CONTENT_CHANGED, 9,                                                                            \
		"the content is no longer what was shown; look at it again and decide anew")              \
	XX(GUARD, 10, "something that must come first is missing")                                        \
	XX(MISSING_REFERENCE, 11,                                                                         \
		"a record it refers to does not exist; name another, or sync first")                      \
	XX(DEPENDS_ON_REFUSED, 12,                                                                        \
		"it builds on a change that was refused; settle that one first (practicum drafts)")       \
	XX(DUPLICATE, 13, "a record with the same key exists")                                            \
	XX(IMMUTABLE, 14, "this field is set once and does not change; enter a new record")               \
	XX(APPEND_ONLY, 15, "records of this type are never changed; add another one")                    \
	XX(TOO_LARGE, 16, "larger than the limit")                                                        \
	XX(RIGHTS_LOST, 17,                                                                               \
		"the school is no longer granted to this device; ask the district office")                \
	XX(INTERNAL, 18,                                                                                  \
		"an error of the server; the input is kept; tell IT, then practicum drafts retry")        \
	XX(DISPOSED, 19,                                                                                  \
		"a record that it is about was disposed of for good, and the server keeps nothing about " \
		"it; practicum drafts discard takes it off the list")

enum prac_reason {
#define XX(name, number, text) PRAC_REASON_##name = (number),
	PRAC_REASON_MAP(XX)
#undef XX
};

const char *prac_reason_text(enum prac_reason reason) PRAC_RETURNS_NONNULL; /* for people */
const char *prac_reason_name(enum prac_reason reason) PRAC_RETURNS_NONNULL; /* "WRONG_STATE" */

enum prac_load_kind {
	/* The record that field `field` of the judged record, or of the one `via` names, refers to. */
	PRAC_LOAD_PARENT,
	PRAC_LOAD_CHILDREN, /* records of type `type` whose field `field` refers to it */
	PRAC_LOAD_ALL, /* every live record of `type`, a REFERENCE type of which there are few */
	/*
	 * Records of type `type` whose field `field`, or, when it is 0, whose id, is what reference
	 * `named` of other records names: of those of type `through` whose field `by` refers to what
	 * `via` names, as they are stored.
	 */
	PRAC_LOAD_THROUGH,
	/*
	 * The record named by the judged record's record_type and record_id fields. Whoever can, also
	 * loads what the rules of its type ask for; rules refuse where they miss something.
	 */
	PRAC_LOAD_TARGET
};

struct prac_load {
	/* Bit n: only the action with number n needs it; 0: every mutation does. */
	uint64_t actions;
	enum prac_load_kind kind;
	uint32_t type;  /* record type number; PARENT and TARGET: 0 */
	uint32_t field; /* field number; TARGET: 0 */
	/*
	 * Field number of a reference of the judged record, whose record takes its place; 0: the
	 * judged record itself. Then `then`, if not 0, is a reference of that record which a PARENT
	 * load on `via` brings: the children are those of the record that it names.
	 */
	uint32_t via, then;
	uint32_t through, by, named; /* THROUGH: a type number and two field numbers of it */
	/*
	 * Only children and THROUGH, with via, whose date field `date` lies from `before` days before the judged
	 * record's date `around` until `after` days behind it; 0: all of them. Some more may be
	 * there, too.
	 */
	uint32_t date, around;
	int32_t before, after;
	bool or_none; /* with date: also those whose field `field` refers to nothing */
};

/* Read access to other records. Whoever judges provides it; records live as long as the arena. */
struct prac_facts {
	/* NULL when there is none. */
	const struct prac_record *(*get)(void *ctx, uint32_t type, const struct prac_id *id);
	/*
	 * Live records of `type` whose reference `field` is `parent`, in ascending id order. A nil
	 * parent: those that refer to nothing; field 0: all of the type.
	 */
	size_t (*children)(void *ctx, uint32_t type, uint32_t field, const struct prac_id *parent,
		const struct prac_record *const **records_out);
	void *ctx;
	/* Is all that the scope owns within reach? NULL: yes, as everything is at the server. */
	bool (*holds)(void *ctx, const struct prac_id *scope);
};

enum {
	PRAC_EFFECTS_MAX = 8 /* further records one mutation may write */
};

/* One mutation being judged. */
struct prac_judgement {
	const struct prac_facts *facts;
	struct prac_arena *arena;
	int32_t today;               /* the judge's civil date, for rules that ask for it */
	int64_t now_ms;              /* the judge's clock, for stamps that are evidence */
	bool district;               /* the device is the district office's */
	struct prac_id person;       /* who acts; nil until people exist */
	struct prac_problem problem; /* filled with the reason's words when refused */
	struct prac_id existing; /* DUPLICATE: the record that has the key; nil: not to be named */
	/* Further records to write: a new one (seq 0) or a changed copy of one from the facts. */
	struct prac_record *effects[PRAC_EFFECTS_MAX];
	size_t n_effects;
	/* Makes ids for new effects: the same at every replay of the same mutation. */
	struct prac_id (*effect_id)(void *ctx, size_t n);
	void *effect_ctx;
};

/* What is missing before a move, gathered, so that a refusal names all of it at once. */
struct prac_findings {
	struct prac_arena *arena;
	const char *
		words; /* "birth date is missing; insurance of Ridge Works is pending"; NULL: none */
	const struct prac_field
		*field; /* of the judged record, that the first one is about; or NULL */
};

/* A rule that a record breaks as it is, though it may stand so. */
struct prac_warning {
	const char *rule;  /* "FED-14-DAY-S" */
	const char *words; /* a sentence, with the source in brackets */
};

/*
 * The name of a derived sentence about a record that only the server can judge, because not all that it
 * rests on is here: told also where somebody has just acted on the record.
 */
#define PRAC_DERIVED_ELSEWHERE "judged"

/* What follows from a record and others, told beside it. */
struct prac_derived {
	const char *name;  /* as a field's: "credit" */
	const char *words; /* for people */
};

struct prac_rules {
	const struct prac_load *loads;
	size_t n_loads;
	/*
	 * Fills in what was left out and follows from other values, where a person saves and before
	 * it is checked: a convenience, nothing relies on it. before is NULL on create. May be NULL.
	 */
	void (*complete)(struct prac_judgement *judgement, const struct prac_record *before,
		struct prac_record *record);
	/*
	 * Is the record as a whole lawful? before is NULL on create, after->deleted says a delete.
	 * Runs after the catalog's own checks, on the merged record. May be NULL.
	 */
	enum prac_reason (*check)(struct prac_judgement *judgement,
		const struct prac_record *before, const struct prac_record *after);
	/*
	 * Why a value that must not be left out could not be filled in: what is wrong with those that it
	 * follows from, where that is what is wrong. Runs when such a value, problem.field, is absent. May be
	 * NULL.
	 */
	enum prac_reason (*explain)(
		struct prac_judgement *judgement, const struct prac_record *record);
	/*
	 * Why the record does not hold on the day though its state says so, because something it rests
	 * on has lapsed: words in the arena; NULL: it holds. Computed, never stored. May be NULL.
	 */
	const char *(*lapse)(
		struct prac_judgement *judgement, const struct prac_record *record, int32_t day);
	/*
	 * What a person is told of the record where it is typed or shown: rules that it breaks and that
	 * block nothing yet. In the arena; returns how many. Computed, never stored. May be NULL.
	 */
	size_t (*warn)(struct prac_judgement *judgement, const struct prac_record *record,
		const struct prac_warning **warnings_out);
	/* What a person is told beside the record where it is shown, on the day; as warn() otherwise. */
	size_t (*derive)(struct prac_judgement *judgement, const struct prac_record *record,
		const struct prac_derived **derived_out);
	/*
	 * Is the record kept for a while from whoever holds these roles there (bits of rights.h), though
	 * its type may be read? Asked by prac_rules_hide(). May be NULL.
	 */
	bool (*hides)(
		struct prac_judgement *judgement, const struct prac_record *record, uint32_t roles);
	/*
	 * Adds what must come before the action and is missing, besides the guards that the catalog
	 * has as data; record holds the arguments already. May be NULL.
	 */
	void (*find)(struct prac_judgement *judgement, const struct prac_action *action,
		const struct prac_record *record, struct prac_findings *findings);
	/*
	 * Carries out an action on record, a copy that the caller keeps if PRAC_REASON_NONE comes
	 * back. Arguments named as a field of the record are stored there already. The catalog's `from` was checked and its `to` is set by the caller afterwards unless
	 * it is -1. args may be NULL when the action has none. May be NULL.
	 */
	enum prac_reason (*act)(struct prac_judgement *judgement, const struct prac_action *action,
		const struct prac_value *args, struct prac_record *record);
};

/* NULL when the type has no rules of its own. */
const struct prac_rules *prac_rules_find(const struct prac_type *type);

/*
 * Is the record, or the one that its fields record_type and record_id name, kept for a while from whoever
 * holds these roles there? The one answer of hides() that station and server go by; needs what the rules of
 * both types load.
 */
bool prac_rules_hide(
	struct prac_judgement *judgement, const struct prac_record *record, uint32_t roles);

/* Runs the type's complete(), if there is one. Values may borrow from the judgement's arena. */
void prac_rules_complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *record);

/* Every live record of a type that PRAC_LOAD_ALL asked for. */
size_t prac_facts_all(const struct prac_judgement *judgement, uint32_t type,
	const struct prac_record *const **records_out);

/* What the guards of the type's actions look at (generated). */
size_t prac_guard_loads(const struct prac_type *type, const struct prac_load **loads_out);

/* Adds one sentence without a full stop: what is missing, and what would satisfy it. */
void prac_find(struct prac_findings *findings, const struct prac_field *field, const char *fmt, ...)
	PRAC_PRINTF(3, 4);

/* Who acts, as the value of a reference; absent while nobody has to sign in. */
struct prac_value prac_judgement_person(const struct prac_judgement *judgement);

/* A new record among the effects, in the scope given; the rule fills its values. */
struct prac_record *prac_effect_new(struct prac_judgement *judgement, const struct prac_type *type,
	const struct prac_id *scope) PRAC_RETURNS_NONNULL;

/* A copy of a record from the facts among the effects, for the rule to change. */
struct prac_record *prac_effect_change(
	struct prac_judgement *judgement, const struct prac_record *record) PRAC_RETURNS_NONNULL;

/* The record that the reference names; NULL when absent or not among the facts. */
const struct prac_record *prac_facts_follow(const struct prac_judgement *judgement,
	const struct prac_record *record, size_t field_index);

/* The record that the fields record_type and record_id name; NULL when absent or not among the facts. */
const struct prac_record *prac_facts_target(
	const struct prac_judgement *judgement, const struct prac_record *record);

/*
 * DUPLICATE: another record has the natural key of this one. existing NULL: one that whoever acts may
 * not see, so it is not named.
 */
enum prac_reason prac_refuse_duplicate(struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_record *existing);

/* Sets the problem's words and returns reason, so that a rule ends in one line. */
enum prac_reason prac_refuse(struct prac_judgement *judgement, enum prac_reason reason,
	const struct prac_field *field, const char *fmt, ...) PRAC_PRINTF(4, 5);
