-- What a device that was revoked, or lost a school, has said of it.

ALTER TABLE device
	ADD COLUMN purged     timestamptz,  -- its receipt: everything it held is erased
	ADD COLUMN purge_lost bigint;       -- entries that were not judged and are erased with the rest
-- The same of one school that was taken away.
ALTER TABLE device_scope ADD COLUMN purged timestamptz;
