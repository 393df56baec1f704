-- The cluster edition is for PostgreSQL; a SQLite file has one owner. The step keeps the numbers of both schemas the same.
SELECT 1;
