#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/svc/people.h"

static void every_method_of_the_protocol_has_a_handler(void **state)
{
	const ProtobufCEnumDescriptor *ids = &practicum__method_id__descriptor;
	struct rpc_routes routes = { 0 };
	unsigned n_missing = 0;

	(void)state;
	rpc_routes_add(&routes, svc_sync_methods, svc_n_sync_methods);
	rpc_routes_add(&routes, svc_enroll_methods, svc_n_enroll_methods);
	rpc_routes_add(&routes, svc_device_methods, svc_n_device_methods);
	rpc_routes_add(&routes, svc_file_methods, svc_n_file_methods);
	rpc_routes_add(&routes, svc_report_methods, svc_n_report_methods);
	rpc_routes_add(&routes, svc_import_methods, svc_n_import_methods);
	rpc_routes_add(&routes, svc_people_methods, svc_n_people_methods);
	for (unsigned i = 0; i < ids->n_values; i++) {
		int id = ids->values[i].value;

		if (id != PRACTICUM__METHOD_ID__METHOD_NONE && routes.by_id[id].method == NULL) {
			print_error("%s has no handler\n", ids->values[i].name);
			n_missing++;
		}
	}
	assert_int_equal(n_missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_method_of_the_protocol_has_a_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
