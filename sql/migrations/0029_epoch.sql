-- The lives of the data this database has had, oldest first: with which number each began. What a
-- station was told above that number in an earlier life never happened here.
CREATE TABLE sync_epoch (
	ordinal     integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	epoch       bigint NOT NULL UNIQUE,
	began_after bigint NOT NULL,   -- the head that was left when it began
	began       timestamptz NOT NULL DEFAULT now()
);
INSERT INTO sync_epoch (epoch, began_after)
SELECT epoch, 0 FROM sync_head WHERE shard = 0;
