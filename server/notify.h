/* What systemd is told, and what it gave at the start. Without systemd all of it does nothing. */
#pragma once

#include <stdint.h>

void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(void);
void notify_watchdog(void);

/* How often notify_watchdog() is wanted, half of the time allowed; 0: not at all. */
uint64_t notify_watchdog_ms(void);

/*
 * The socket that systemd listens on for us, by its port or its path; -1: none. Call
 * for each at the start only.
 */
int notify_socket(uint16_t port);
int notify_unix_socket(const char *path);
