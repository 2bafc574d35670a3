// Binary parameters for PostgreSQL: one-dimensional arrays and scalars; and what comes back.
#pragma once

#include <endian.h>
#include <libpq-fe.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

enum : Oid {
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_BOOL = 16,
	OID_DATE = 1082,
	OID_TIMESTAMPTZ = 1184,
	OID_UUID = 2950
};

inline std::string wire8(uint64_t value)
{
	uint64_t big = htobe64(value);

	return { reinterpret_cast<const char *>(&big), sizeof(big) };
}

inline std::string wire4(uint32_t value)
{
	uint32_t big = htobe32(value);

	return { reinterpret_cast<const char *>(&big), sizeof(big) };
}

class Array
{
      public:
	Array(Oid element, size_t n)
	{
		put32(1), put32(0), put32(element), put32(static_cast<uint32_t>(n)), put32(1);
	}

	void bytes(const std::string &value)
	{
		put32(static_cast<uint32_t>(value.size()));
		data_ += value;
	}

	void int8(uint64_t value)
	{
		uint64_t big = htobe64(value);

		put32(8);
		data_.append(reinterpret_cast<const char *>(&big), 8);
	}

	void int4(uint32_t value)
	{
		put32(4), put32(value);
	}

	void int2(uint16_t value)
	{
		uint16_t big = htobe16(value);

		put32(2);
		data_.append(reinterpret_cast<const char *>(&big), 2);
	}

	void null()
	{
		put32(UINT32_MAX);
	}

	const std::string &data() const
	{
		return data_;
	}

      private:
	void put32(uint32_t value)
	{
		uint32_t big = htobe32(value);

		data_.append(reinterpret_cast<const char *>(&big), 4);
	}

	std::string data_;
};

// One statement's parameters, all binary.
struct Params {
	std::vector<std::string> values;

	void add(const Array &array)
	{
		values.push_back(array.data());
	}

	void add8(uint64_t value)
	{
		uint64_t big = htobe64(value);

		values.emplace_back(reinterpret_cast<const char *>(&big), 8);
	}

	bool send(PGconn *db, const char *statement) const
	{
		std::vector<const char *> pointers;
		std::vector<int> lengths, formats;

		for (const std::string &value : values) {
			pointers.push_back(value.data());
			lengths.push_back(static_cast<int>(value.size()));
			formats.push_back(1);
		}
		return PQsendQueryPrepared(db, statement, static_cast<int>(values.size()),
			       pointers.data(), lengths.data(), formats.data(), 1) == 1;
	}
};

// Reads all results up to the sync; the last tuples seen are the caller's to clear.
inline bool drain(PGconn *db, PGresult **tuples)
{
	bool ok = true;

	for (;;) {
		PGresult *result = PQgetResult(db);

		if (result == nullptr) {
			continue;
		}
		ExecStatusType status = PQresultStatus(result);
		if (status == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			return ok;
		}
		if (status == PGRES_TUPLES_OK && tuples != nullptr) {
			*tuples = result;
			continue;
		}
		ok = ok && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
		if (status == PGRES_FATAL_ERROR) {
			std::fprintf(stderr, "peer-server: %s", PQresultErrorMessage(result));
		}
		PQclear(result);
	}
}

inline uint64_t cell8(const PGresult *rows, int row, int column)
{
	uint64_t big;

	std::memcpy(&big, PQgetvalue(rows, row, column), 8);
	return be64toh(big);
}
