ev-18erp.example"C-1001(ְּµ‏ל€“²"
	PAYMENT-1־ֻװ	ג1000ךa remark