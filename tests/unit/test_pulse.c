/* The watchdog is fed while the sequencer makes progress (RELIABILITY 3.14). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/pulse.h"

static void eight_seconds_of_work_without_progress_are_no_pulse(void **state)
{
	struct pulse pulse = { 0 };

	(void)state;
	assert_true(pulse_beats(&pulse, 1, true, 1000));
	assert_true(pulse_beats(&pulse, 1, true, 8999));
	assert_false(pulse_beats(&pulse, 1, true, 9000));
	assert_true(pulse_beats(&pulse, 2, true, 9001)); /* it goes on after all */
	assert_true(pulse_beats(&pulse, 2, true, 17000));
	assert_false(pulse_beats(&pulse, 2, true, 17001));
}

static void who_has_nothing_to_do_is_alive(void **state)
{
	struct pulse pulse = { 0 };

	(void)state;
	for (uint64_t now_ms = 0; now_ms < 60000; now_ms += 2000) {
		assert_true(pulse_beats(&pulse, 1, false, now_ms));
	}
	assert_true(
		pulse_beats(&pulse, 1, true, 60000)); /* the time counts from when it had work */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_seconds_of_work_without_progress_are_no_pulse),
		cmocka_unit_test(who_has_nothing_to_do_is_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
