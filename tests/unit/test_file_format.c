#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/macros.h"
#include "common/rules/file_format.h"

#define HEAD(text) ((struct prac_bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

static void formats_are_told_by_their_first_bytes(void **state)
{
	(void)state;
	assert_int_equal(prac_file_format(HEAD("%PDF-1.7\n")), PRAC_ATTACHMENT_FORMAT_PDF);
	assert_int_equal(
		prac_file_format(HEAD("\xff\xd8\xff\xe0\0\20JFIF")), PRAC_ATTACHMENT_FORMAT_JPEG);
	assert_int_equal(
		prac_file_format(HEAD("\x89PNG\r\n\x1a\n\0\0")), PRAC_ATTACHMENT_FORMAT_PNG);
	assert_int_equal(prac_file_format(HEAD("II*\0\10\0\0\0")), PRAC_ATTACHMENT_FORMAT_TIFF);
	assert_int_equal(prac_file_format(HEAD("MM\0*\0\0\0\10")), PRAC_ATTACHMENT_FORMAT_TIFF);
	assert_int_equal(prac_file_format(HEAD("\0\0\0\30ftypheic")), PRAC_ATTACHMENT_FORMAT_HEIC);
}

static void other_files_and_short_ones_have_no_format(void **state)
{
	(void)state;
	assert_int_equal(prac_file_format(HEAD("")), 0);
	assert_int_equal(prac_file_format(HEAD("%PDF")), 0);
	assert_int_equal(prac_file_format(HEAD("MZ\x90\0")), 0);
	assert_int_equal(prac_file_format(HEAD("<svg onload=x>")), 0);
	assert_int_equal(prac_file_format(HEAD("\0\0\0\30ftypisom")), 0);
	assert_int_equal(prac_file_format(HEAD(" %PDF-1.7")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_told_by_their_first_bytes),
		cmocka_unit_test(other_files_and_short_ones_have_no_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
