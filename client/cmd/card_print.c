#include "client/cmd/card_print.h"

#include <glib.h>
#include <qrencode.h>
#include <stdbool.h>

#include "common/base/macros.h"

enum {
	MARGIN = 4 /* modules around a QR, by ISO/IEC 18004 */
};

static bool is_dark(const QRcode *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->width && y < qr->width &&
	       (qr->data[y * qr->width + x] & 1) != 0;
}

enum prac_status card_print_text(FILE *out, const char *text)
{
	/* Dark and light above and below: a terminal's own background is dark, so light is what is drawn. */
	static const char *const halves[2][2] = { { "\xe2\x96\x88", "\xe2\x96\x80" },
		{ "\xe2\x96\x84", " " } };
	QRcode *qr = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);

	if (qr == NULL) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	for (int y = -MARGIN; y < qr->width + MARGIN; y += 2) {
		for (int x = -MARGIN; x < qr->width + MARGIN; x++) {
			(void)fputs(halves[is_dark(qr, x, y)][is_dark(qr, x, y + 1)], out);
		}
		(void)fputc('\n', out);
	}
	QRcode_free(qr);
	return PRAC_OK;
}

static void put_row(FILE *out, const QRcode *qr, int y)
{
	for (int x = 0; x < qr->width; x++) {
		if (is_dark(qr, x, y)) {
			(void)fprintf(out, "M%d %dh1v1h-1z", x + MARGIN, y + MARGIN);
		}
	}
}

enum prac_status card_print_svg(FILE *out, const char *name, const char *code)
{
	QRcode *qr = QRcode_encodeString(code, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	char *escaped = g_markup_escape_text(name, -1);
	int side;

	if (qr == NULL) {
		g_free(escaped);
		return PRAC_RESOURCE_EXHAUSTED;
	}
	side = qr->width + 2 * MARGIN;
	(void)fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"85.6mm\" height=\"54mm\" "
		"viewBox=\"0 0 856 540\">\n"
		"<rect width=\"856\" height=\"540\" fill=\"#fff\"/>\n"
		"<svg x=\"248\" y=\"10\" width=\"360\" height=\"360\" viewBox=\"0 0 %d %d\" "
		"shape-rendering=\"crispEdges\">\n<path d=\"",
		side, side);
	for (int y = 0; y < qr->width; y++) {
		put_row(out, qr, y);
	}
	(void)fprintf(out,
		"\"/>\n</svg>\n"
		"<g font-family=\"sans-serif\" text-anchor=\"middle\">\n"
		"<text x=\"428\" y=\"430\" font-size=\"44\">%s</text>\n"
		"<text x=\"428\" y=\"490\" font-size=\"32\">%s</text>\n</g>\n</svg>\n",
		escaped, code);
	QRcode_free(qr);
	g_free(escaped);
	return PRAC_OK;
}
