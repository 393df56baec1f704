ev-23erp.example"C-1001(ְּµ‏ל€“Ú;
ACCEPTANCE-1ָ׀ׂ *drawee0־ֻװ	8Üֻװ	ג1000ךa remark