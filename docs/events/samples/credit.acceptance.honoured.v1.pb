ev-25erp.example"C-1001(ְּµ‏ל€“ך%
ACCEPTANCE-1־ֻװ	ג1000ךa remark