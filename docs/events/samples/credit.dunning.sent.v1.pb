ev-31erp.example"C-1001(ְּµ‏ל€“?
	DUNNING-1items-1items-2"channel(־ֻװ	ג1000ךa remark