// Drives peer-server as stations would and prints one JSON line of what it measured.
//
//   peer-load PORT DIR push ROWS STATIONS BATCH     rows/s of all stations together
//   peer-load PORT DIR pull CALLS ROWS              calls/s of one station, ROWS changes each
//   peer-load PORT DIR snapshot SCHOOL              rows/s of one first load
//   peer-load PORT DIR storm STATIONS ROWS          each connects, pushes ROWS, pulls ROWS
//
// DIR holds ca.pem and one client certificate: station.pem, station.key.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include "peer.grpc.pb.h"

namespace
{

using Clock = std::chrono::steady_clock;

// 500 stations at once on a busy machine: a call that takes longer than this will not come back.
constexpr int kPatienceMs = 300000;

struct Target {
	std::string address;
	grpc::SslCredentialsOptions tls;
};

std::string slurp(const std::string &path)
{
	std::ifstream in(path);
	std::stringstream text;

	if (!in) {
		std::fprintf(stderr, "peer-load: %s cannot be read\n", path.c_str());
		std::exit(1);
	}
	text << in.rdbuf();
	return text.str();
}

Target target_of(const std::string &port, const std::string &dir)
{
	Target target;

	target.address = "127.0.0.1:" + port;
	target.tls.pem_root_certs = slurp(dir + "/ca.pem");
	target.tls.pem_private_key = slurp(dir + "/station.key");
	target.tls.pem_cert_chain = slurp(dir + "/station.pem");
	return target;
}

// Each station is a connection of its own: gRPC would share one otherwise.
std::unique_ptr<peer::Peer::Stub> connect(const Target &target, int station)
{
	grpc::ChannelArguments arguments;

	arguments.SetSslTargetNameOverride("localhost");
	arguments.SetInt("station", station);
	arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
	// Also how long an attempt to connect may take: of 20 s, gRPC's own, a busy machine needs more.
	arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kPatienceMs);
	arguments.SetMaxReceiveMessageSize(16 << 20);
	return peer::Peer::NewStub(grpc::CreateCustomChannel(
		target.address, grpc::SslCredentials(target.tls), arguments));
}

// One call waits for its connection; what gRPC could not connect, it tries again until then.
void patient(grpc::ClientContext *context)
{
	context->set_wait_for_ready(true);
	context->set_deadline(
		std::chrono::system_clock::now() + std::chrono::milliseconds(kPatienceMs));
}

// Time-ordered ids, as the product makes them: eight bytes of order, eight of chance.
std::string ordered_id(std::mt19937_64 &random)
{
	static std::atomic<uint64_t> order{
		0x0193000000000000 +
		static_cast<uint64_t>(Clock::now().time_since_epoch().count() & 0xffffffff)
	};
	uint64_t high = __builtin_bswap64(order.fetch_add(0x10000)), low = random();
	std::string id(16, '\0');

	std::memcpy(&id[0], &high, 8);
	std::memcpy(&id[8], &low, 8);
	return id;
}

std::string school_id(int school)
{
	std::string id(16, '\1');

	std::memcpy(&id[0], &school, sizeof(school));
	return id;
}

void fill(peer::Entry *e, std::mt19937_64 &random, const std::string &sheet)
{
	e->set_id(ordered_id(random));
	e->set_sheet_id(sheet), e->set_placement_id(sheet), e->set_student_id(sheet);
	e->set_work_date(20700 + static_cast<int>(random() % 200));
	e->set_starts_at(780), e->set_ends_at(930), e->set_break_minutes(0),
		e->set_elapsed_minutes(150);
	e->set_zone("America/New_York");
	e->set_task("Fitted a bearing under supervision and logged the torque");
	e->set_note("ok");
}

peer::PushRequest batch_of(int station, uint64_t first_counter, int n, std::mt19937_64 &random)
{
	peer::PushRequest request;
	std::string sheet = ordered_id(random);

	request.set_device(school_id(1000 + station));
	request.set_school(school_id(station));
	for (int i = 0; i < n; i++) {
		peer::Change *change = request.add_changes();

		change->set_counter(first_counter + static_cast<uint64_t>(i));
		fill(change->mutable_entry(), random, sheet);
	}
	return request;
}

void must(const grpc::Status &status)
{
	if (!status.ok()) {
		std::fprintf(stderr, "peer-load: %s\n", status.error_message().c_str());
		std::exit(1);
	}
}

// Counters go on from run to run, so that no key repeats.
uint64_t first_counter()
{
	return static_cast<uint64_t>(
		std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1));
}

// Made ahead, as bench-station does: the load generator's own work is outside the clock.
std::vector<peer::PushRequest> batches_of(int station, int rows, int batch)
{
	std::mt19937_64 random(static_cast<uint64_t>(station) + 1);
	std::vector<peer::PushRequest> batches;
	uint64_t counter = first_counter();

	for (int done = 0; done < rows; done += batch) {
		int n = std::min(batch, rows - done);

		batches.push_back(batch_of(station, counter, n, random));
		counter += static_cast<uint64_t>(n);
	}
	return batches;
}

// One call at a time: nothing in gRPC keeps two calls of a station in order.
void push_batches(peer::Peer::Stub &stub, const std::vector<peer::PushRequest> &batches)
{
	for (const peer::PushRequest &request : batches) {
		peer::PushResponse answer;
		grpc::ClientContext context;

		patient(&context);
		must(stub.Push(&context, request, &answer));
	}
}

void push_rows(peer::Peer::Stub &stub, int station, int rows, int batch)
{
	push_batches(stub, batches_of(station, rows, batch));
}

double seconds_since(Clock::time_point start)
{
	return std::chrono::duration<double>(Clock::now() - start).count();
}

void in_parallel(int n, const std::function<void(int)> &work)
{
	std::vector<std::thread> threads;

	for (int i = 0; i < n; i++) {
		threads.emplace_back(work, i);
	}
	for (std::thread &thread : threads) {
		thread.join();
	}
}

int push(const Target &target, int rows, int stations, int batch)
{
	std::vector<std::unique_ptr<peer::Peer::Stub>> stubs;
	std::vector<std::vector<peer::PushRequest>> batches;

	for (int i = 0; i < stations; i++) {
		stubs.push_back(connect(target, i));
		push_rows(*stubs.back(), i, 1, 1);
		batches.push_back(batches_of(i, rows / stations, batch));
	}
	Clock::time_point start = Clock::now();
	in_parallel(stations, [&](int i) {
		size_t station = static_cast<size_t>(i);

		push_batches(*stubs[station], batches[station]);
	});
	double seconds = seconds_since(start);
	std::printf("{\"rows\":%d,\"seconds\":%.6f,\"per_second\":%.1f}\n", rows, seconds,
		rows / seconds);
	return 0;
}

int pull(const Target &target, int calls, int rows)
{
	auto stub = connect(target, 0);

	push_rows(*stub, 0, rows, rows);
	peer::PullRequest request;
	peer::PullPage page;
	request.set_school(school_id(0));
	request.set_limit(static_cast<uint32_t>(rows));
	Clock::time_point start = Clock::now();
	for (int i = 0; i < calls; i++) {
		grpc::ClientContext context;

		patient(&context);
		must(stub->Pull(&context, request, &page));
	}
	double seconds = seconds_since(start);
	std::printf("{\"calls\":%d,\"rows\":%d,\"seconds\":%.6f,\"per_second\":%.1f}\n", calls,
		page.rows_size(), seconds, calls / seconds);
	return 0;
}

int snapshot(const Target &target, int school)
{
	auto stub = connect(target, 0);
	peer::PullRequest request;
	peer::PullPage page;
	grpc::ClientContext context;
	long rows = 0;

	patient(&context);
	request.set_school(school_id(school));
	Clock::time_point start = Clock::now();
	auto reader = stub->Snapshot(&context, request);
	while (reader->Read(&page)) {
		rows += page.rows_size();
	}
	must(reader->Finish());
	double seconds = seconds_since(start);
	std::printf("{\"rows\":%ld,\"seconds\":%.6f,\"per_second\":%.1f}\n", rows, seconds,
		static_cast<double>(rows) / seconds);
	return 0;
}

int storm(const Target &target, int stations, int rows)
{
	std::vector<double> times(static_cast<size_t>(stations));
	std::vector<std::vector<peer::PushRequest>> batches;

	for (int i = 0; i < stations; i++) {
		batches.push_back(batches_of(i, rows, rows));
	}
	Clock::time_point start = Clock::now();

	in_parallel(stations, [&](int i) {
		std::this_thread::sleep_until(
			start + std::chrono::microseconds(1000000LL * i / stations));
		Clock::time_point mine = Clock::now();
		auto stub = connect(target, i);
		peer::PullRequest request;
		peer::PullPage page;
		grpc::ClientContext context;

		push_batches(*stub, batches[static_cast<size_t>(i)]);
		patient(&context);
		request.set_school(school_id(i));
		request.set_limit(static_cast<uint32_t>(rows));
		must(stub->Pull(&context, request, &page));
		times[static_cast<size_t>(i)] = seconds_since(mine);
	});
	double seconds = seconds_since(start);
	std::sort(times.begin(), times.end());
	std::printf("{\"stations\":%d,\"seconds\":%.6f,\"p50\":%.6f,\"p99\":%.6f,\"max\":%.6f}\n",
		stations, seconds, times[times.size() / 2], times[times.size() * 99 / 100],
		times.back());
	return 0;
}

} // namespace

int main(int argc, char **argv)
{
	auto number = [&](int i) { return argc > i ? std::atoi(argv[i]) : 0; };
	std::string mode = argc > 4 ? argv[3] : "";
	Target target = argc > 4 ? target_of(argv[1], argv[2]) : Target();

	if (mode == "push" && argc == 7) {
		return push(target, number(4), number(5), number(6));
	}
	if (mode == "pull" && argc == 6) {
		return pull(target, number(4), number(5));
	}
	if (mode == "snapshot" && argc == 5) {
		return snapshot(target, number(4));
	}
	if (mode == "storm" && argc == 6) {
		return storm(target, number(4), number(5));
	}
	std::fprintf(stderr, "usage: peer-load PORT DIR push|pull|snapshot|storm NUMBER...\n");
	return 64;
}
