-- Which of how many databases this one is. Whoever opened it alone, or in another order, would begin partitions anew that have their history elsewhere.
CREATE TABLE database_shard (
  id     int PRIMARY KEY CHECK (id = 1),
  number int NOT NULL CHECK (number >= 0),
  count  int NOT NULL CHECK (count > number)
);
INSERT INTO database_shard VALUES (1, 0, 1);
