-- Nothing to find.
SELECT '' WHERE 0;
