ev-29erp.example"C-1001(ְּµ‏ל€“9
	DISPUTE-1ITEM-1ָ׀ ׂ*reason0־ֻװ	ג1000ךa remark