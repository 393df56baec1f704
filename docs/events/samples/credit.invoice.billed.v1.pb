ev-11erp.example"C-1001(ְּµ‏ל€“ת?
	INVOICE-1ָ׀ׂ"

DELIVERY-1ORDER-1ָ׀ג1000ךa remark