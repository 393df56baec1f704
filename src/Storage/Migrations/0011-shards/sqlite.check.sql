-- Nothing was made, so that nothing can be missing.
SELECT 'never' WHERE 1 = 0;
