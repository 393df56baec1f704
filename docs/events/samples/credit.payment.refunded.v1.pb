ev-22erp.example"C-1001(ְּµ‏ל€“ׂ+
REFUND-1FROM-1ָ׀ ׂג1000ךa remark