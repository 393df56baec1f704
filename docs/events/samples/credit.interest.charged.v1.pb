ev-15erp.example"C-1001(ְּµ‏ל€“2

INTEREST-1ITEM-1ָ׀ ׂ(־ֻװ	ג1000ךa remark