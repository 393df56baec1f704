ev-33erp.example"C-1001(ְּµ‏ל€“×2
STATEMENT-1
DOC-1ָ׀ָ׀ג1000ךa remark