ev-36erp.example"C-1001(ְּµ‏ל€“ֲ<
PLAN-1items-1items-2	־ֻװ	ָ׀ ׂ(ג1000ךa remark