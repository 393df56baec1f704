ev-32erp.example"C-1001(ְּµ‏ל€“¢4
STATEMENT-1־ֻװ	Üֻװ	 ָ׀(ָ׀0ׂג1000ךa remark