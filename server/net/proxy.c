#include "server/net/proxy.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	FIXED_LEN = 16, /* signature, version and command, family, length of the rest */
	VERSION = 0x20,
	LOCAL = 0,
	PROXY = 1,
	TCP4 = 0x11,
	TCP6 = 0x21,
	TCP4_LEN = 12, /* two addresses and two ports */
	TCP6_LEN = 36
};

static const uint8_t signature[12] = "\r\n\r\n\0\r\nQUIT\n";

static bool is_begun_well(struct prac_bytes bytes)
{
	size_t len = bytes.len < sizeof(signature) ? bytes.len : sizeof(signature);

	return memcmp(bytes.data, signature, len) == 0;
}

/* The source address; false when the block is too short for its family. */
static bool read_source(
	uint8_t family, struct prac_bytes block, char address_out[NET_PROXY_ADDRESS])
{
	bool is_4 = family == TCP4;

	if (family != TCP4 && family != TCP6) {
		return true; /* a socket of another kind: no address that counts */
	}
	return block.len >= (is_4 ? (size_t)TCP4_LEN : (size_t)TCP6_LEN) &&
	       inet_ntop(is_4 ? AF_INET : AF_INET6, block.data, address_out, NET_PROXY_ADDRESS) !=
		       NULL;
}

enum prac_status net_proxy_read(
	struct prac_bytes bytes, size_t *len_out, char address_out[NET_PROXY_ADDRESS])
{
	struct prac_bytes block;
	uint8_t command;

	address_out[0] = '\0';
	if (bytes.len > 0 && !is_begun_well(bytes)) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (bytes.len < FIXED_LEN) {
		return PRAC_UNAVAILABLE;
	}
	command = bytes.data[12];
	block.data = bytes.data + FIXED_LEN;
	block.len = (size_t)bytes.data[14] << 8 | bytes.data[15];
	if ((command != (VERSION | LOCAL) && command != (VERSION | PROXY)) ||
		FIXED_LEN + block.len > NET_PROXY_MAX) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (bytes.len < FIXED_LEN + block.len) {
		return PRAC_UNAVAILABLE;
	}
	if (command == (VERSION | PROXY) && !read_source(bytes.data[13], block, address_out)) {
		return PRAC_INVALID_ARGUMENT;
	}
	*len_out = FIXED_LEN + block.len;
	return PRAC_OK;
}
