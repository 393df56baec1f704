ev-64erp.example"C-1001(ְּµ‏ל€“¢
\־ֻװ	Üֻװ	 ָ׀ׂ ַ׀(0:reasonBsetByJapprovedBy-1JapprovedBy-2ג1000ךa remark