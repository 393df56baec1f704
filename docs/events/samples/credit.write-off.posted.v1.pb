ev-27erp.example"C-1001(ְּµ‏ל€“ת.

WRITEOFF-1
ITEM-1ָ׀ג1000ךa remark