ev-38erp.example"C-1001(ְּµ‏ל€“ׂ&
systemָ׀ׂ ־ֻװ	ג1000ךa remark