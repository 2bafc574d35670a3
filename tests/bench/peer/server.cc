// The peer that the benchmarks compare with: gRPC C++ over TLS 1.3 with client certificates, libpq
// in pipeline mode, one transaction a request, four connections to PostgreSQL.
//
//   peer-server PORT CONNINFO DIR [own]   DIR holds ca.pem, server.pem, server.key
//
// own: the database is a copy of the product's, and a push writes what the product would, with its
// statements; the rest is not served.

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>

#include "arrays.hpp"
#include "own.hpp"
#include "own_sql.h"
#include "peer.grpc.pb.h"

namespace
{

constexpr int kConnections = 4;

struct Statement {
	const char *name, *sql;
};

const std::vector<Statement> kPlain = {
	{ "begin", "BEGIN" },
	{ "commit", "COMMIT" },
	{ "keys",
		"INSERT INTO change_key (device, counter, verdict) SELECT * FROM unnest($1::uuid[], $2::int8[], "
		"$3::int2[]) ON CONFLICT DO NOTHING" },
	{ "rows",
		"INSERT INTO entry (id, school, sheet_id, placement_id, student_id, work_date, starts_at, ends_at, "
		"break_minutes, elapsed_minutes, zone, task, note) SELECT * FROM unnest($1::uuid[], $2::uuid[], "
		"$3::uuid[], $4::uuid[], $5::uuid[], $6::int4[], $7::int4[], $8::int4[], $9::int8[], $10::int8[], "
		"$11::text[], $12::text[], $13::text[]) ON CONFLICT (id) DO UPDATE SET work_date = "
		"excluded.work_date, starts_at = excluded.starts_at, ends_at = excluded.ends_at, break_minutes = "
		"excluded.break_minutes, elapsed_minutes = excluded.elapsed_minutes, zone = excluded.zone, task = "
		"excluded.task, note = excluded.note" },
	{ "log",
		"INSERT INTO change_log (school, entry_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])" },
	{ "counter",
		"INSERT INTO device_counter (device, last_counter) SELECT * FROM unnest($1::uuid[], $2::int8[]) ON "
		"CONFLICT (device) DO UPDATE SET last_counter = excluded.last_counter" },
	{ "pull",
		"SELECT l.rev, e.id, e.sheet_id, e.placement_id, e.student_id, e.work_date, e.starts_at, e.ends_at, "
		"e.break_minutes, e.elapsed_minutes, e.zone, e.task, e.note FROM (SELECT rev, entry_id FROM "
		"change_log WHERE school = $1 AND rev > $2 ORDER BY rev LIMIT $3) l JOIN entry e ON e.id = "
		"l.entry_id ORDER BY l.rev" },
};

std::vector<Statement> own_statements()
{
	const struct own_sql sql = own_sql();

	return { { "begin", "BEGIN" }, { "commit", "COMMIT" }, { "own-lock", sql.lock },
		{ "own-entries", sql.entries }, { "own-feed", sql.feed }, { "own-link", sql.link },
		{ "own-mutations", sql.mutations }, { "own-counters", sql.counters },
		{ "own-time", sql.time } };
}

class Pool
{
      public:
	Pool(const char *conninfo, const std::vector<Statement> &statements)
	{
		for (int i = 0; i < kConnections; i++) {
			PGconn *db = PQconnectdb(conninfo);

			if (PQstatus(db) != CONNECTION_OK) {
				std::fprintf(stderr, "peer-server: %s", PQerrorMessage(db));
				std::exit(69);
			}
			for (const Statement &statement : statements) {
				PQclear(PQprepare(db, statement.name, statement.sql, 0, nullptr));
			}
			PQenterPipelineMode(db);
			free_.push_back(db);
		}
	}

	PGconn *take()
	{
		std::unique_lock<std::mutex> lock(mutex_);
		PGconn *db;

		changed_.wait(lock, [this] { return !free_.empty(); });
		db = free_.back();
		free_.pop_back();
		return db;
	}

	void give(PGconn *db)
	{
		std::lock_guard<std::mutex> lock(mutex_);

		free_.push_back(db);
		changed_.notify_one();
	}

      private:
	std::mutex mutex_;
	std::condition_variable changed_;
	std::vector<PGconn *> free_;
};

uint32_t cell4(const PGresult *rows, int row, int column)
{
	uint32_t big;

	std::memcpy(&big, PQgetvalue(rows, row, column), 4);
	return be32toh(big);
}

std::string cell(const PGresult *rows, int row, int column)
{
	return { PQgetvalue(rows, row, column),
		static_cast<size_t>(PQgetlength(rows, row, column)) };
}

void fill(const PGresult *rows, int i, peer::Row *out)
{
	peer::Entry *e = out->mutable_entry();

	out->set_rev(cell8(rows, i, 0));
	e->set_id(cell(rows, i, 1));
	e->set_sheet_id(cell(rows, i, 2));
	e->set_placement_id(cell(rows, i, 3));
	e->set_student_id(cell(rows, i, 4));
	e->set_work_date(static_cast<int32_t>(cell4(rows, i, 5)));
	e->set_starts_at(static_cast<int32_t>(cell4(rows, i, 6)));
	e->set_ends_at(static_cast<int32_t>(cell4(rows, i, 7)));
	e->set_break_minutes(static_cast<int64_t>(cell8(rows, i, 8)));
	e->set_elapsed_minutes(static_cast<int64_t>(cell8(rows, i, 9)));
	e->set_zone(cell(rows, i, 10));
	e->set_task(cell(rows, i, 11));
	e->set_note(cell(rows, i, 12));
}

class Service final : public peer::Peer::Service
{
      public:
	Service(Pool *pool, bool is_own) : pool_(pool), is_own_(is_own)
	{
	}

	grpc::Status Push(grpc::ServerContext *, const peer::PushRequest *request,
		peer::PushResponse *answer) override
	{
		return is_own_ ? push_own(request, answer) : push_plain(request, answer);
	}

	grpc::Status Pull(grpc::ServerContext *, const peer::PullRequest *request,
		peer::PullPage *page) override
	{
		return read(request->school(), request->after(), request->limit(), page)
			       ? grpc::Status::OK
			       : grpc::Status(grpc::StatusCode::UNAVAILABLE, "database");
	}

	grpc::Status Snapshot(grpc::ServerContext *, const peer::PullRequest *request,
		grpc::ServerWriter<peer::PullPage> *writer) override
	{
		uint64_t after = request->after();

		for (;;) {
			peer::PullPage page;

			if (!read(request->school(), after, 5000, &page)) {
				return { grpc::StatusCode::UNAVAILABLE, "database" };
			}
			if (page.rows_size() == 0) {
				return grpc::Status::OK;
			}
			after = page.through();
			writer->Write(page);
		}
	}

      private:
	grpc::Status push_own(const peer::PushRequest *request, peer::PushResponse *answer)
	{
		PGconn *db = pool_->take();
		bool ok = request->changes_size() > 0 && OwnPush(*request).run(db);

		pool_->give(db);
		for (const peer::Change &change : request->changes()) {
			answer->add_verdicts(1);
			answer->set_last_counter(change.counter());
		}
		return ok ? grpc::Status::OK
			  : grpc::Status(grpc::StatusCode::UNAVAILABLE, "database");
	}

	grpc::Status push_plain(const peer::PushRequest *request, peer::PushResponse *answer)
	{
		size_t n = static_cast<size_t>(request->changes_size());
		Array device(OID_UUID, n), counter(OID_INT8, n), verdict(OID_INT2, n);
		Array school(OID_UUID, n), id(OID_UUID, n), log_school(OID_UUID, n),
			log_id(OID_UUID, n);
		Array last_device(OID_UUID, 1), last(OID_INT8, 1);
		Array sheet(OID_UUID, n), placement(OID_UUID, n), student(OID_UUID, n);
		Array date(OID_INT4, n), from(OID_INT4, n), to(OID_INT4, n);
		Array pause(OID_INT8, n), elapsed(OID_INT8, n);
		Array zone(OID_TEXT, n), task(OID_TEXT, n), note(OID_TEXT, n);
		uint64_t last_counter = 0;

		for (const peer::Change &change : request->changes()) {
			const peer::Entry &e = change.entry();

			device.bytes(request->device()), counter.int8(change.counter()),
				verdict.int2(1);
			id.bytes(e.id()), school.bytes(request->school());
			sheet.bytes(e.sheet_id()), placement.bytes(e.placement_id()),
				student.bytes(e.student_id());
			date.int4(static_cast<uint32_t>(e.work_date()));
			from.int4(static_cast<uint32_t>(e.starts_at())),
				to.int4(static_cast<uint32_t>(e.ends_at()));
			pause.int8(static_cast<uint64_t>(e.break_minutes()));
			elapsed.int8(static_cast<uint64_t>(e.elapsed_minutes()));
			zone.bytes(e.zone()), task.bytes(e.task()), note.bytes(e.note());
			log_school.bytes(request->school()), log_id.bytes(e.id());
			last_counter = change.counter();
			answer->add_verdicts(1);
		}
		last_device.bytes(request->device()), last.int8(last_counter);
		Params keys, rows, log, counters;
		keys.add(device), keys.add(counter), keys.add(verdict);
		for (const Array *a : { &id, &school, &sheet, &placement, &student, &date, &from,
			     &to, &pause, &elapsed, &zone, &task, &note }) {
			rows.add(*a);
		}
		log.add(log_school), log.add(log_id);
		counters.add(last_device), counters.add(last);

		PGconn *db = pool_->take();
		bool ok = Params().send(db, "begin") && keys.send(db, "keys") &&
			  rows.send(db, "rows") && log.send(db, "log") &&
			  counters.send(db, "counter") && Params().send(db, "commit") &&
			  PQpipelineSync(db) == 1 && drain(db, nullptr);
		pool_->give(db);
		answer->set_last_counter(last_counter);
		return ok ? grpc::Status::OK
			  : grpc::Status(grpc::StatusCode::UNAVAILABLE, "database");
	}

	bool read(const std::string &school, uint64_t after, uint64_t limit, peer::PullPage *page)
	{
		PGconn *db = pool_->take();
		PGresult *rows = nullptr;
		Params params;

		params.values.push_back(school);
		params.add8(after), params.add8(limit);
		bool ok = params.send(db, "pull") && PQpipelineSync(db) == 1 && drain(db, &rows);
		pool_->give(db);
		page->set_through(after);
		for (int i = 0; rows != nullptr && i < PQntuples(rows); i++) {
			fill(rows, i, page->add_rows());
			page->set_through(cell8(rows, i, 0));
		}
		PQclear(rows);
		return ok;
	}

	Pool *pool_;
	bool is_own_;
};

std::string slurp(const std::string &path)
{
	std::ifstream in(path);
	std::stringstream text;

	text << in.rdbuf();
	return text.str();
}

} // namespace

int main(int argc, char **argv)
{
	bool is_own = argc == 5 && std::string(argv[4]) == "own";

	if (argc != 4 && !is_own) {
		std::fprintf(stderr, "usage: peer-server PORT CONNINFO DIR [own]\n");
		return 64;
	}
	std::string dir = argv[3];
	grpc::SslServerCredentialsOptions tls(
		GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
	tls.pem_root_certs = slurp(dir + "/ca.pem");
	tls.pem_key_cert_pairs.push_back(
		{ slurp(dir + "/server.key"), slurp(dir + "/server.pem") });

	Pool pool(argv[2], is_own ? own_statements() : kPlain);
	Service service(&pool, is_own);
	grpc::ServerBuilder builder;
	builder.AddListeningPort(
		std::string("127.0.0.1:") + argv[1], grpc::SslServerCredentials(tls));
	builder.RegisterService(&service);
	builder.SetMaxReceiveMessageSize(4 << 20);
	std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
	if (server == nullptr) {
		return 69;
	}
	std::puts("ready");
	std::fflush(stdout);
	server->Wait();
	return 0;
}
