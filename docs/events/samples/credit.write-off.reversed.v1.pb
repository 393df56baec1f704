ev-28erp.example"C-1001(ְּµ‏ל€“‚.

WRITEOFF-1
ITEM-1ָ׀ג1000ךa remark