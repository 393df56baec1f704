ev-30erp.example"C-1001(ְּµ‏ל€“’$
	DISPUTE-1־ֻװ	ג1000ךa remark