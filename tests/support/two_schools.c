#include "tests/support/two_schools.h"

#include <unistd.h>

struct raw_identity school_device[2];
struct prac_id device_id[2];
struct prac_id school[2];
struct raw_client *at[2];
struct someone ada, tom, nia;

void await_people(void)
{
	(void)usleep(2500 * 1000);
}

int two_schools_begin(void **state)
{
	struct raw_client *office;

	if (live_server_begin(state) != 0) {
		return -1;
	}
	/* Before there are people, the district's device acts by itself. */
	office = connect_as(&district, 1, NULL);
	school[0] = people_school(office, 1, "South");
	school[1] = people_school(office, 2, "North");
	raw_client_free(office);
	school_device[0] = enroll("enroll-code --school South");
	school_device[1] = enroll("enroll-code --school North");
	for (size_t i = 0; i < 2; i++) {
		device_id[i] = people_device(&school_device[i]);
		at[i] = connect_as(&school_device[i], i + 1, NULL);
	}
	ada = people_make(at[0], "ada", "ada --name Ada --role coordinator --school South");
	tom = people_make(at[0], "tom", "tom --name Tom --role teacher --school South");
	nia = people_make(at[0], "nia", "nia --name Nia --role teacher --school North");
	await_people();
	return 0;
}

int two_schools_end(void **state)
{
	raw_client_free(at[0]);
	raw_client_free(at[1]);
	return live_server_end(state);
}
