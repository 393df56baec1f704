ev-19erp.example"C-1001(ְּµ‏ל€“÷C
ALLOCATION-1FROM-1־ֻװ	"
ITEM-1ָ׀ָ׀ ָ׀ג1000ךa remark