ev-8erp.example"C-1001(ְּµ‏ל€“ג5

DELIVERY-1ORDER-1ָ׀ ׂ(־ֻװ	0ג1000ךa remark