// A push written with the product's tables, statements and arrays, in place of the plain path: lock the
// head and draw numbers in one trip, write and commit in a second.
#pragma once

#include <openssl/evp.h>

#include <chrono>

#include "arrays.hpp"
#include "peer.pb.h"

class OwnPush
{
      public:
	explicit OwnPush(const peer::PushRequest &request)
	    : request_(request), n_(static_cast<size_t>(request.changes_size()))
	{
		for (const peer::Change &change : request_.changes()) {
			payloads_.push_back(change.SerializeAsString());
			hashes_.push_back(hash_of(payloads_.back()));
		}
	}

	bool run(PGconn *db)
	{
		PGresult *locked = nullptr;
		Params numbers;

		numbers.add8(n_);
		bool ok = Params().send(db, "begin") && numbers.send(db, "own-lock") &&
			  PQpipelineSync(db) == 1 && drain(db, &locked) && locked != nullptr;
		if (ok) {
			head_ = cell8(locked, 0, 1);
			ok = entries().send(db, "own-entries") && feed().send(db, "own-feed") &&
			     link().send(db, "own-link") && mutations().send(db, "own-mutations") &&
			     counters().send(db, "own-counters") && time().send(db, "own-time") &&
			     Params().send(db, "commit") && PQpipelineSync(db) == 1 &&
			     drain(db, nullptr);
		}
		PQclear(locked);
		return ok;
	}

      private:
	static constexpr uint32_t kTimeEntry = 14;   // its number in proto/records
	static constexpr int32_t kEpochDays = 10957; // 2000-01-01 after 1970-01-01
	static constexpr uint64_t kEpochSeconds = 946684800;

	// One array with a value for each change.
	template <typename Put> Array each(Oid element, Put put) const
	{
		Array array(element, n_);

		for (size_t i = 0; i < n_; i++) {
			put(array, request_.changes(static_cast<int>(i)), i);
		}
		return array;
	}

	Array same(const std::string &value) const
	{
		return each(OID_UUID, [&](Array &a, const auto &, size_t) { a.bytes(value); });
	}

	Array absent(Oid element) const
	{
		return each(element, [](Array &a, const auto &, size_t) { a.null(); });
	}

	Array ids() const
	{
		return each(OID_UUID, [](Array &a, const peer::Change &change, size_t) {
			a.bytes(change.entry().id());
		});
	}

	Array numbers() const
	{
		return each(OID_INT8,
			[this](Array &a, const auto &, size_t i) { a.int8(head_ + 1 + i); });
	}

	Array small(Oid element, uint32_t value) const
	{
		return each(element, [&](Array &a, const auto &, size_t) {
			element == OID_INT2 ? a.int2(static_cast<uint16_t>(value)) : a.int4(value);
		});
	}

	// A member of the entry, by how it is put into an array.
	template <typename Get> Array text(Oid element, Get get) const
	{
		return each(element, [&](Array &a, const peer::Change &change, size_t) {
			a.bytes(get(change.entry()));
		});
	}

	template <typename Get> Array int4(Oid element, Get get) const
	{
		return each(element, [&](Array &a, const peer::Change &change, size_t) {
			a.int4(static_cast<uint32_t>(get(change.entry())));
		});
	}

	template <typename Get> Array int8(Get get) const
	{
		return each(OID_INT8, [&](Array &a, const peer::Change &change, size_t) {
			a.int8(static_cast<uint64_t>(get(change.entry())));
		});
	}

	Params entries() const
	{
		using E = peer::Entry;
		Params p;

		p.add(ids()), p.add(same(request_.school())), p.add(numbers());
		p.add(each(OID_TEXT, [this](Array &a, const auto &, size_t i) {
			std::string seq = std::to_string(head_ + 1 + i);

			a.bytes("{" + seq + "," + seq + "," + seq + "," + seq + "}");
		}));
		p.add(each(OID_BOOL, [](Array &a, const auto &, size_t) { a.bytes({ '\0' }); }));
		p.add(absent(OID_BYTEA));
		p.add(text(OID_UUID, [](const E &e) { return e.sheet_id(); }));
		p.add(text(OID_UUID, [](const E &e) { return e.placement_id(); }));
		p.add(text(OID_UUID, [](const E &e) { return e.student_id(); }));
		p.add(same(request_.school()));
		p.add(int4(OID_DATE, [](const E &e) { return e.work_date() - kEpochDays; }));
		p.add(int4(OID_INT4, [](const E &e) { return e.starts_at(); }));
		p.add(int4(OID_INT4, [](const E &e) { return e.ends_at(); }));
		p.add(absent(OID_INT4));
		p.add(int8([](const E &e) { return e.break_minutes(); }));
		p.add(text(OID_TEXT, [](const E &e) { return e.zone(); }));
		p.add(int8([](const E &e) { return e.elapsed_minutes(); }));
		p.add(absent(OID_TEXT));
		p.add(text(OID_TEXT, [](const E &e) { return e.task(); }));
		p.add(text(OID_TEXT, [](const E &e) { return e.note(); }));
		p.add(absent(OID_TEXT));
		return p;
	}

	Params feed() const
	{
		Params p;

		p.add(same(request_.school())), p.add(small(OID_INT4, kTimeEntry));
		p.add(ids()), p.add(numbers()), p.add(small(OID_INT2, 0));
		return p;
	}

	static std::string hash_of(const std::string &payload)
	{
		unsigned char digest[EVP_MAX_MD_SIZE];
		unsigned length = 0;

		EVP_Digest(payload.data(), payload.size(), digest, &length, EVP_sha256(), nullptr);
		return { reinterpret_cast<const char *>(digest), length };
	}

	static uint64_t now_ms()
	{
		return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
			std::chrono::system_clock::now().time_since_epoch())
						     .count());
	}

	// Microseconds since 2000, as a timestamptz travels.
	uint64_t now() const
	{
		return (now_ms_ - kEpochSeconds * 1000) * 1000;
	}

	// What the audit chains, as server/sync/chain.h says.
	Params link() const
	{
		const std::string nobody(16, '\0'), accepted{ 0, 1, 0, 0 };
		std::string body;

		for (size_t i = 0; i < n_; i++) {
			const peer::Change &change = request_.changes(static_cast<int>(i));

			body += request_.device() + wire8(1) + wire8(change.counter()) +
				wire8(head_ + 1 + i) + wire4(kTimeEntry) + change.entry().id() +
				nobody + wire4(0) + accepted + wire8(now_ms_) + wire8(now_ms_) +
				hashes_[i];
		}
		return Params{ { body } };
	}

	Params mutations() const
	{
		Params p;

		p.add(same(request_.device()));
		p.add(each(OID_INT8, [](Array &a, const auto &, size_t) { a.int8(1); }));
		p.add(each(OID_INT8, [](Array &a, const peer::Change &change, size_t) {
			a.int8(change.counter());
		}));
		p.add(numbers()), p.add(small(OID_INT2, 1)), p.add(small(OID_INT2, 0));
		p.add(small(OID_INT4, 0));
		p.add(each(OID_TEXT, [](Array &a, const auto &, size_t) { a.bytes(""); }));
		p.add(small(OID_INT4, kTimeEntry)), p.add(ids());
		p.add(same(std::string(16, '\0')));
		p.add(each(OID_BYTEA,
			[this](Array &a, const auto &, size_t i) { a.bytes(payloads_[i]); }));
		p.add(each(OID_BYTEA,
			[this](Array &a, const auto &, size_t i) { a.bytes(hashes_[i]); }));
		p.add(each(OID_TIMESTAMPTZ,
			[this](Array &a, const auto &, size_t) { a.int8(now()); }));
		p.add(absent(OID_UUID));
		p.add8(now());
		return p;
	}

	Params counters() const
	{
		Array device(OID_UUID, 1), incarnation(OID_INT8, 1), last(OID_INT8, 1),
			acked(OID_INT8, 1);
		Params p;

		device.bytes(request_.device()), incarnation.int8(1), acked.int8(0);
		last.int8(request_.changes(request_.changes_size() - 1).counter());
		p.add(device), p.add(incarnation), p.add(last), p.add(acked), p.add8(now());
		return p;
	}

	Params time() const
	{
		Params p;

		p.add8(head_ + n_), p.add8(now());
		return p;
	}

	const peer::PushRequest &request_;
	size_t n_;
	uint64_t head_ = 0; // before the batch
	const uint64_t now_ms_ = now_ms();
	std::vector<std::string> payloads_, hashes_;
};
