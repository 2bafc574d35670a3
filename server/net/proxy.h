/*
 * The header that a load balancer puts in front of a connection to say whose it is: PROXY protocol
 * version 2, binary, as haproxy and nginx write it.
 */
#pragma once

#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
	NET_PROXY_MAX = 536,   /* bytes of a header; what is longer is none of ours */
	NET_PROXY_ADDRESS = 64 /* bytes of a numeric address with its NUL */
};

/*
 * PRAC_OK: the first *len_out bytes are the header, and the connection is from that address; "" when
 * the balancer speaks for itself or names no TCP address. UNAVAILABLE: more bytes are needed.
 * INVALID_ARGUMENT: this is no header.
 */
enum prac_status net_proxy_read(struct prac_bytes bytes, size_t *len_out,
	char address_out[NET_PROXY_ADDRESS]) PRAC_MUST_USE;
