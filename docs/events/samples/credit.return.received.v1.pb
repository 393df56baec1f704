ev-10erp.example"C-1001(ְּµ‏ל€“ע?
RETURN-1
DELIVERY-1	INVOICE-1 ָ׀(ׂ0־ֻװ	ג1000ךa remark