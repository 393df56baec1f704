ev-14erp.example"C-1001(ְּµ‏ל€“’$
	INVOICE-1־ֻװ	ג1000ךa remark