#include "server/station.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "server/keys.h"
#include "server/svc/device.h"

enum {
	LATER_MS = 5000, /* before who found no room comes back, and a random part */
	LATER_SPREAD_MS = 25000,
	SLOW_MIN = 64 * 1024 /* bytes that wait; to close who has less would win nothing */
};

struct stations {
	struct rpc_server *rpc;
	struct svc *svc;
	GQueue all;   /* struct station, by link */
	GArray *seen; /* struct prac_id of devices that came since the last refresh */
	bool is_draining;
	uint32_t retry_after_ms;
	struct stations_limits limits;
	bool is_crowded;                 /* memory: nobody new */
	struct net_penalties *penalties; /* by device */
	bool is_reading_rights;
	struct svc_rights_version version; /* as last read */
	struct heard heard;
};

/* Freed when the connection is gone and no question about its rights is under way. */
struct station {
	GList link;
	struct stations *owner;
	struct net_conn *conn; /* NULL: gone */
	struct rpc_session *session;
	struct prac_digest spki;
	struct prac_id device;
	bool is_newcomer, is_district;
	int64_t not_after_s; /* of its certificate */
	bool is_asking;      /* the device is being read */
};

struct stations *stations_new(struct rpc_server *rpc, struct svc *svc)
{
	struct stations *stations = g_new0(struct stations, 1);

	stations->rpc = rpc;
	stations->svc = svc;
	heard_start(&stations->heard, rpc->head);
	g_queue_init(&stations->all);
	stations->penalties = net_penalties_new();
	stations->seen = g_array_new(FALSE, FALSE, sizeof(struct prac_id));
	return stations;
}

void stations_free(struct stations *stations)
{
	net_penalties_free(stations->penalties);
	g_array_free(stations->seen, TRUE);
	g_free(stations);
}

struct heard *stations_heard(struct stations *stations)
{
	return &stations->heard;
}

size_t stations_count(const struct stations *stations)
{
	return stations->all.length;
}

static void release(struct station *station)
{
	if (station->conn == NULL && !station->is_asking) {
		g_free(station);
	}
}

static struct station *station_new(struct stations *stations, struct net_conn *conn)
{
	struct station *station = g_new0(struct station, 1);

	station->link.data = station;
	station->owner = stations;
	station->conn = conn;
	g_queue_push_tail_link(&stations->all, &station->link);
	return station;
}

static void lose(struct station *station)
{
	g_queue_unlink(&station->owner->all, &station->link);
	station->conn = NULL;
	release(station);
}

static void wake(void *ctx)
{
	struct station *station = ctx;

	net_conn_flush(station->conn);
}

static void start(struct station *station, const struct rpc_peer *peer)
{
	struct stations *stations = station->owner;

	station->session = rpc_session_new(stations->rpc, peer, wake, station);
	if (!station->is_newcomer) {
		svc_subscribe(stations->svc->subscriptions, station->session);
	}
	net_conn_start(station->conn, station);
	if (stations->is_draining) {
		rpc_session_drain(
			station->session, PRAC_UNAVAILABLE, "DRAINING", stations->retry_after_ms);
	}
}

static void log_device(const struct station *station, const char *event, const char *why)
{
	char id[PRAC_ID_TEXT];

	prac_id_format(&station->device, id);
	prac_log(PRAC_LOG_INFO, event, "device=%s address=%s why=\"%s\"", id,
		net_conn_address(station->conn), why);
}

/* Exactly one answer: GOAWAY with the reason and when to come back, then the end. */
static void send_away(struct station *station, enum prac_status status, const char *reason,
	uint64_t retry_after_ms)
{
	const struct rpc_peer peer = { .n_grants = 0 }; /* of no device: it holds no scopes */

	log_device(station, "station.refused", reason);
	station->is_newcomer = true;
	start(station, &peer);
	rpc_session_drain(station->session, status, reason, (uint32_t)retry_after_ms);
}

/* It hears what to do with its replica, and may say that it has done so. */
static void dismiss(struct station *station)
{
	struct rpc_peer peer = { .device = station->device, .is_revoked = true };

	log_device(station, "station.refused", "revoked");
	station->is_newcomer = true; /* of no device: it holds no scopes */
	start(station, &peer);
}

static bool is_over(const struct station *station)
{
	const struct prac_env *env = station->owner->rpc->env;

	return station->not_after_s * 1000 <= env->wall_ms(env->ctx);
}

static void admit(struct station *station, struct svc_device *device)
{
	struct rpc_peer peer = { .device = device->id,
		.district = device->district,
		.is_expired = is_over(station),
		.grants = device->grants,
		.n_grants = device->n_grants,
		.scope_set = device->scope_set,
		.pass = device->pass };

	station->device = device->id;
	station->is_district = device->district;
	log_device(station, "station.open", peer.is_expired ? "certificate is over" : "enrolled");
	start(station, &peer);
	g_array_append_val(station->owner->seen, device->id);
}

/* What nobody took. */
static void forget(struct svc_device *device)
{
	if (device != NULL) {
		free(device->grants);
		free(device->pass);
	}
}

static void device_found(void *ctx, enum prac_status status, struct svc_device *device)
{
	struct station *station = ctx;

	station->is_asking = false;
	if (station->conn == NULL) {
		forget(device);
		release(station);
	} else if (status == PRAC_NOT_FOUND) {
		send_away(station, PRAC_UNAUTHENTICATED, "NOT_ENROLLED", 0);
	} else if (status != PRAC_OK) {
		send_away(station, PRAC_UNAVAILABLE, "DATABASE", 0);
	} else if (device->is_revoked) {
		forget(device);
		dismiss(station);
	} else {
		admit(station, device);
	}
}

static uint64_t now_ms(const struct stations *stations)
{
	const struct prac_env *env = stations->rpc->env;

	return env->monotonic_ms(env->ctx);
}

static uint64_t barred_ms(const struct station *station)
{
	char device[PRAC_ID_TEXT];

	prac_id_format(&station->device, device);
	return net_penalties_left_ms(station->owner->penalties, device, now_ms(station->owner));
}

/* Everybody waits a time of its own, so that they do not all come back at once. */
static uint64_t later_ms(const struct stations *stations)
{
	return LATER_MS + prac_env_random64(stations->rpc->env) % LATER_SPREAD_MS;
}

static void opened_device(void *ctx, struct net_conn *conn)
{
	struct station *station = station_new(ctx, conn);
	struct prac_tls_peer peer;
	uint64_t wait_ms;

	prac_tls_peer(net_conn_tls(conn), &peer);
	station->device = peer.device;
	station->spki = peer.spki;
	station->not_after_s = peer.not_after_s;
	wait_ms = barred_ms(station);
	if (wait_ms > 0) {
		send_away(station, PRAC_RESOURCE_EXHAUSTED, "PENALTY", wait_ms);
		return;
	}
	if (net_conn_is_surplus(conn) || station->owner->is_crowded) {
		send_away(station, PRAC_UNAVAILABLE, "NO_ROOM", later_ms(station->owner));
		return;
	}
	station->is_asking = true;
	svc_device_find(station->owner->svc, &station->spki, device_found, station);
}

static void opened_newcomer(void *ctx, struct net_conn *conn)
{
	struct station *station = station_new(ctx, conn);
	struct rpc_peer peer = { .is_newcomer = true };

	station->is_newcomer = true;
	if (net_conn_is_surplus(conn) || station->owner->is_crowded) {
		send_away(station, PRAC_UNAVAILABLE, "NO_ROOM", later_ms(station->owner));
		return;
	}
	if (prac_tls_exporter(net_conn_tls(conn), peer.channel) != PRAC_OK) {
		net_conn_close(conn);
		return;
	}
	start(station, &peer);
}

static void received(void *user, struct prac_bytes plain)
{
	rpc_session_feed(((struct station *)user)->session, plain);
}

static void tick(void *user, uint64_t now_ms)
{
	rpc_session_tick(((struct station *)user)->session, now_ms);
}

static struct prac_buf *output(void *user)
{
	return rpc_session_output(((struct station *)user)->session);
}

static bool wants_input(void *user)
{
	return rpc_session_wants_input(((struct station *)user)->session);
}

static bool is_done(void *user)
{
	return rpc_session_is_done(((struct station *)user)->session);
}

/* After the handshake it is the device that is known, whatever address it came from. */
static void punish_device(struct station *station)
{
	char device[PRAC_ID_TEXT];

	prac_id_format(&station->device, device);
	net_penalties_add(station->owner->penalties, device, NET_OFFENSE_BROKEN,
		station->owner->limits.penalty_max_s, now_ms(station->owner));
}

static void punish(struct station *station)
{
	const struct rpc_session *session = station->session;

	if (rpc_session_peer(session)->is_newcomer) {
		if (rpc_session_is_broken(session)) {
			net_conn_punish(station->conn, NET_OFFENSE_BROKEN);
		} else if (rpc_session_is_refused(session)) {
			net_conn_punish(station->conn, NET_OFFENSE_REFUSED);
		}
	} else if (!station->is_newcomer && rpc_session_is_broken(session)) {
		punish_device(station);
	}
}

static void closed(void *user)
{
	struct station *station = user;

	punish(station);
	if (!station->is_newcomer) {
		svc_unsubscribe(station->owner->svc->subscriptions, station->session);
	}
	rpc_session_free(station->session);
	station->session = NULL;
	lose(station);
}

static void abandoned(void *ctx, struct net_conn *conn)
{
	struct stations *stations = ctx;

	for (GList *link = stations->all.head; link != NULL; link = link->next) {
		struct station *station = link->data;

		if (station->conn == conn) {
			lose(station);
			return;
		}
	}
}

const struct net_handler station_device_handler = { opened_device, received, tick, output,
	wants_input, is_done, closed, abandoned };
const struct net_handler station_newcomer_handler = { opened_newcomer, received, tick, output,
	wants_input, is_done, closed, abandoned };

static void regrant(struct station *station, struct svc_device *device)
{
	struct svc_subscriptions *subscriptions = station->owner->svc->subscriptions;

	svc_unsubscribe(subscriptions, station->session);
	rpc_session_regrant(station->session, device->grants, device->n_grants, device->scope_set);
	rpc_session_repass(station->session, device->pass);
	svc_subscribe(subscriptions, station->session);
	/* The next pull begins with the new grants. */
	rpc_session_poke(station->session, station->owner->rpc->head);
	log_device(station, "station.regrant", "rights changed");
}

static void device_reread(void *ctx, enum prac_status status, struct svc_device *device)
{
	struct station *station = ctx;

	station->is_asking = false;
	if (station->conn == NULL || station->session == NULL) {
		release(station);
	} else if (status == PRAC_NOT_FOUND || (status == PRAC_OK && device->is_revoked)) {
		log_device(station, "station.revoked", "revoked");
		if (status == PRAC_OK) {
			rpc_session_revoke(station->session);
		} else {
			rpc_session_drain(
				station->session, PRAC_UNAUTHENTICATED, "NOT_ENROLLED", 0);
		}
	} else if (status == PRAC_OK &&
		   device->scope_set != rpc_session_peer(station->session)->scope_set) {
		regrant(station, device);
		return; /* the session has the grants now */
	}
	forget(device);
}

static void reread(struct stations *stations, bool is_district_only)
{
	for (GList *link = stations->all.head; link != NULL; link = link->next) {
		struct station *station = link->data;

		if (station->session == NULL || station->is_newcomer || station->is_asking ||
			(is_district_only && !station->is_district)) {
			continue;
		}
		station->is_asking = true;
		svc_device_find(stations->svc, &station->spki, device_reread, station);
	}
}

static void drain_all(struct stations *stations, uint32_t retry_after_ms)
{
	for (GList *link = stations->all.head; link != NULL; link = link->next) {
		struct station *station = link->data;

		if (station->session != NULL) {
			rpc_session_drain(
				station->session, PRAC_UNAVAILABLE, "DRAINING", retry_after_ms);
		}
	}
}

void stations_poke(struct stations *stations, uint64_t head)
{
	for (GList *link = stations->all.head; link != NULL; link = link->next) {
		struct station *station = link->data;

		if (station->session != NULL && !station->is_newcomer) {
			rpc_session_poke(station->session, head);
		}
	}
}

/* An operator opened a new epoch: everybody has to be greeted again. */
static void change_epoch(struct stations *stations, const struct svc_rights_version *version)
{
	prac_log(
		PRAC_LOG_WARNING, "server.epoch", "epoch=%llu", (unsigned long long)version->epoch);
	stations->rpc->epoch = version->epoch;
	stations->rpc->head = version->head;
	heard_start(&stations->heard, version->head);
	drain_all(stations, 0);
}

static void rights_read(
	void *ctx, enum prac_status status, const struct svc_rights_version *version)
{
	struct stations *stations = ctx;

	stations->is_reading_rights = false;
	if (status != PRAC_OK) {
		return; /* the next time is in two seconds */
	}
	stations->svc->is_people_read = true;
	stations->rpc->must_sign_in = stations->svc->asks_sign_in && version->has_people;
	stations->rpc->people = version->people;
	if (version->epoch != stations->rpc->epoch) {
		change_epoch(stations, version);
	} else if (heard_look(&stations->heard, version->head)) {
		/* The safety net under NOTIFY. */
		stations_poke(stations, version->head);
	}
	if (version->people != stations->version.people) {
		stations_poke(stations, version->head);
	}
	if (version->device != stations->version.device) {
		reread(stations, false);
	} else if (version->reference != stations->version.reference) {
		reread(stations, true);
	}
	stations->version = *version;
}

/* One write for all who came meanwhile: a storm of arrivals is not one of commits. */
static void note_seen(struct stations *stations)
{
	if (stations->seen->len > 0) {
		svc_devices_seen(stations->svc,
			(const struct prac_id *)(void *)stations->seen->data, stations->seen->len);
		g_array_set_size(stations->seen, 0);
	}
}

void stations_refresh(struct stations *stations)
{
	note_seen(stations);
	if (stations->is_reading_rights) {
		return;
	}
	stations->is_reading_rights = true;
	svc_rights_read(stations->svc, rights_read, stations);
}

bool stations_want_claim(const struct stations *stations)
{
	return stations->version.epoch != 0 && !stations->version.is_claimed;
}

void stations_drain(struct stations *stations, uint32_t retry_after_ms)
{
	stations->is_draining = true;
	stations->retry_after_ms = retry_after_ms;
	drain_all(stations, retry_after_ms);
}

void stations_resume(struct stations *stations)
{
	stations->rpc->is_behind = false;
	/* Who had a turn stands last. When what they say fills the queue, the others are next. */
	for (guint n = stations->all.length; n > 0 && !stations->rpc->is_full; n--) {
		GList *link = g_queue_pop_head_link(&stations->all);
		struct station *station = link->data;

		g_queue_push_tail_link(&stations->all, link);
		if (station->session != NULL) {
			net_conn_flush(station->conn);
		}
	}
}

void stations_tell(struct stations *stations, const struct keys_tls *tls, uint32_t lease_days)
{
	stations->rpc->authorities = prac_buf_bytes(&tls->authorities);
	stations->rpc->crosses = prac_buf_bytes(&tls->crosses);
	stations->rpc->lease_days = lease_days;
}

void stations_set_limits(struct stations *stations, const struct stations_limits *limits)
{
	stations->limits = *limits;
}

/* What waits to be sent to a station that does not read is what can be had back. */
static void close_slowest(struct stations *stations)
{
	struct station *slowest = NULL;
	size_t most = SLOW_MIN;

	for (GList *link = stations->all.head; link != NULL; link = link->next) {
		struct station *station = link->data;
		size_t n = net_conn_unsent(station->conn);

		if (station->session != NULL) {
			n += prac_buf_len(rpc_session_output(station->session));
		}

		if (n > most) {
			most = n;
			slowest = station;
		}
	}
	if (slowest != NULL) {
		log_device(slowest, "station.slowest", "memory is short");
		net_conn_close(slowest->conn);
	}
}

void stations_weigh(struct stations *stations)
{
	uint64_t n = 0, limit = stations->limits.memory;
	bool is_crowded, is_short;

	for (GList *link = stations->all.head; link != NULL; link = link->next) {
		struct station *station = link->data;

		n += net_conn_memory(station->conn);
		if (station->session != NULL) {
			n += rpc_session_memory(station->session);
		}
	}
	is_crowded = n * 100 >= limit * 90;
	is_short = n * 100 >= limit * 98;
	if (is_crowded != stations->is_crowded || is_short != stations->rpc->is_short) {
		prac_log(PRAC_LOG_WARNING, "station.memory",
			"bytes=%llu limit=%llu no_new=%d no_requests=%d", (unsigned long long)n,
			(unsigned long long)limit, is_crowded, is_short);
	}
	stations->is_crowded = is_crowded;
	stations->rpc->is_short = is_short;
	if (n * 100 >= limit * 95) {
		close_slowest(stations);
	}
}
