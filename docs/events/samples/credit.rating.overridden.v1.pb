ev-77erp.example"C-1001(ְּµ‏ל€“F
grade־ֻװ	reason"by*approvedBy-1*approvedBy-2ג1000ךa remark