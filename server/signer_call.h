/* One question of an operator's command to the signer; waits for the answer. */
#pragma once

#include "common/base/status.h"
#include "server/config.h"
#include "server/signer/wire.h"

struct signer_call {
	struct signer_message request, answer; /* the answer's parts borrow frame */
	uint8_t frame[SIGNER_FRAME];
};

/* The status of the answer; UNAVAILABLE with a sentence on stderr: nobody answers. */
enum prac_status signer_call(const struct config *config, struct signer_call *call) PRAC_MUST_USE;
