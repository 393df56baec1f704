ev-73erp.example"C-1001(ְּµ‏ל€“ך
M
COVER-1"provider(ָ׀0ׂ8@ָ׀H־ֻװ	PÜֻװ	X`hpx€ג1000ךa remark