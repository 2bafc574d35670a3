/* Whatever stands before the handshake: what is taken is inside the input and names an address. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "server/net/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char address[NET_PROXY_ADDRESS];
	struct in6_addr six;
	struct in_addr four;
	size_t used = 0;

	if (net_proxy_read((struct prac_bytes){ data, len }, &used, address) == PRAC_OK) {
		assert(used >= 16 && used <= len && used <= NET_PROXY_MAX);
		assert(address[0] == '\0' || inet_pton(AF_INET, address, &four) == 1 ||
			inet_pton(AF_INET6, address, &six) == 1);
	}
	return 0;
}
