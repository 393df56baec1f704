ev-76erp.example"C-1001(ְּµ‏ל€“‚-
agencyscalevalue ־ֻװ	ג1000ךa remark