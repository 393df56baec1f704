-- A file holds everything: nothing to make.
SELECT 1;
