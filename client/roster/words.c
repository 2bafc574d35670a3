#include "client/roster/words.h"

#include "common/base/macros.h"

#define XX(name, word) word,
static const char *const org_types[] = { "", ROSTER_ORG_TYPE_MAP(XX) };
static const char *const session_types[] = { "", ROSTER_SESSION_TYPE_MAP(XX) };
static const char *const user_roles[] = { "", ROSTER_ROLE_WORD_MAP(XX) };
static const char *const enrollment_roles[] = { "", ROSTER_ENROLLMENT_ROLE_MAP(XX) };
static const char *const sexes[] = { "", ROSTER_SEX_MAP(XX) };
#undef XX

static const char *const class_types[] = { "", "homeroom", "scheduled" };
static const char *const role_types[] = { "", "primary", "secondary" };
static const char *const booleans[] = { "", "false", "true" };
static const char *const grades[] = { "", "IT", "PR", "PK", "TK", "KG", "01", "02", "03", "04",
	"05", "06", "07", "08", "09", "10", "11", "12", "13", "PS", "UG", "AE", "ABE", "Other" };

#define EVERY    UINT32_MAX
#define IS(name) (1U << (name))
#define ROLES_1_1                                                                             \
	(IS(ROSTER_ROLE_ADMINISTRATOR) | IS(ROSTER_ROLE_AIDE) | IS(ROSTER_ROLE_GUARDIAN) |    \
		IS(ROSTER_ROLE_PARENT) | IS(ROSTER_ROLE_PROCTOR) | IS(ROSTER_ROLE_RELATIVE) | \
		IS(ROSTER_ROLE_STUDENT) | IS(ROSTER_ROLE_TEACHER))
#define ROLES_1_2 (EVERY & ~IS(ROSTER_ROLE_ADMINISTRATOR))
#define SEXES_1_1 (IS(ROSTER_SEX_MALE) | IS(ROSTER_SEX_FEMALE))

#define WORDS(array, in_1_1, in_1_2, is_open)                                     \
	{                                                                         \
		(array), (uint32_t)PRAC_NELEM(array), (in_1_1), (in_1_2), is_open \
	}

const struct roster_words roster_org_types = WORDS(org_types, EVERY, EVERY, true);
const struct roster_words roster_session_types = WORDS(session_types, EVERY, EVERY, true);
const struct roster_words roster_class_types = WORDS(class_types, EVERY, EVERY, true);
const struct roster_words roster_user_roles = WORDS(user_roles, ROLES_1_1, ROLES_1_2, true);
const struct roster_words roster_role_types = WORDS(role_types, EVERY, EVERY, false);
const struct roster_words roster_enrollment_roles = WORDS(enrollment_roles, EVERY, EVERY, true);
const struct roster_words roster_sexes = WORDS(sexes, SEXES_1_1, EVERY, true);
const struct roster_words roster_booleans = WORDS(booleans, EVERY, EVERY, false);
const struct roster_words roster_grades = WORDS(grades, EVERY, EVERY, true);

const char *roster_role_text(enum roster_role_word role)
{
	return user_roles[role];
}
